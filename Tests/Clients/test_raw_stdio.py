"""Frames on the pipe, byte by byte: what a library would never send, and what must come back."""

import json
import signal

import pytest

from raw import META, RawClient
from schema import LEGACY, MODERN, require_schemas

ALL = [MODERN, *LEGACY]
LINE_BYTES_MAX = 4 << 20
PARSE, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
UNSUPPORTED_VERSION, NOT_FOUND_LEGACY = -32022, -32002


@pytest.fixture
def connect(node):
    return lambda revision: RawClient(node.spawn(), revision)


@pytest.fixture(params=[MODERN, "2025-11-25"])
def client(request, connect):
    client = connect(request.param)
    client.start()
    return client


@pytest.mark.parametrize("revision", ALL)
def test_s250_every_frame_is_valid(connect, revision):
    require_schemas()
    client = connect(revision)
    client.start()
    assert {"send_message", "inbox"} <= {t["name"] for t in client.result("tools/list")["tools"]}
    server = client.call("create_server", name="harbour")
    client.call("create_channel", name="dock")
    client.call("send_message", channel="#general", body="ahoy")
    for tool in ["inbox", "connection_info"]:
        client.call(tool)
    client.call("read_channel", channel="#general")
    client.call("wait_for_messages", timeout_s=0)
    assert client.call("send_message", channel="#nowhere", body="x")["isError"] is True
    assert client.error("tools/call", {"name": "no_such_tool"})["code"] == INVALID_PARAMS
    listed = client.result("resources/list")["resources"]
    client.result("resources/templates/list")
    for uri in [entry["uri"] for entry in listed] + ["peer://channel/general/messages"]:
        assert len(client.result("resources/read", {"uri": uri})["contents"]) == 1
    missing = client.error("resources/read", {"uri": "peer://nothing"})
    assert missing["code"] == (INVALID_PARAMS if revision == MODERN else NOT_FOUND_LEGACY)
    assert missing["data"]["uri"] == "peer://nothing"
    assert client.error("no/such/method")["code"] == NO_METHOD
    assert ("structuredContent" in server) == (revision >= "2025-06-18")
    if revision == MODERN:
        assert server["resultType"] == "complete"
        assert server["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "peer-agent"
    else:
        assert "resultType" not in server
    assert client.close() == 0


def test_s251_discover_offers_the_modern_revision_only(connect):
    found = connect(MODERN).start()
    assert found["resultType"] == "complete"
    assert found["supportedVersions"] == [MODERN]
    assert (found["ttlMs"], found["cacheScope"]) == (3_600_000, "public")
    assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "peer-agent"
    assert "serverInfo" not in found
    assert found["capabilities"]["resources"] == {"subscribe": True, "listChanged": True}
    assert "logging" not in found["capabilities"]


def test_s251_initialize_answers_an_unknown_revision_with_the_newest(connect):
    client = connect("2025-11-25")
    hello = {"capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
    asked = client.result("initialize", hello | {"protocolVersion": "1999-01-01"})
    assert asked["protocolVersion"] == "2025-11-25"
    again = client.error("initialize", hello | {"protocolVersion": "2025-11-25"})
    assert again["code"] == INVALID_REQUEST


def test_s251_a_request_before_any_greeting_says_how_to_begin(connect):
    client = connect("2025-11-25")
    client.result("ping")
    refused = client.error("tools/list")
    assert refused["code"] == INVALID_PARAMS
    assert "initialize" in refused["message"] and "_meta" in refused["message"]
    client.start()  # Nothing was decided by the mistake.


def test_s251_unknown_modern_version_names_the_known_ones(connect):
    client = connect(MODERN)
    wrong = META | {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}
    refused = client.error("tools/list", {"_meta": wrong})
    assert refused["code"] == UNSUPPORTED_VERSION
    assert refused["data"] == {"supported": [MODERN], "requested": "2099-01-01"}


def test_s251_the_eras_do_not_mix_on_one_pipe(connect, make_node):
    modern = connect(MODERN)
    modern.result("tools/list")
    modern.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "raw", "version": "1"}}})
    assert modern.answer(1)["error"]["code"] == UNSUPPORTED_VERSION
    for removed in ["ping", "logging/setLevel", "resources/subscribe"]:
        assert modern.error(removed)["code"] == NO_METHOD
    legacy = RawClient(make_node("bob").spawn(), "2025-11-25")
    legacy.start()
    refused = legacy.error("tools/list", {"_meta": META})
    assert refused["code"] == INVALID_REQUEST and "2025-11-25" in refused["message"]


def test_s254_line_ends_and_empty_lines(client):
    client.write(b"\n\r\n\n")
    frame = client.request("tools/list")
    client.send(frame, end="\r\n")
    assert "result" in client.answer(frame["id"])


@pytest.mark.parametrize(("line", "code"), [
    (b'{"jsonrpc":"2.0","id":7,"method":"pi\xff\xfeng"}', PARSE),
    (b'{"jsonrpc":"2.0","id":7,"method":"\xed\xa0\x80"}', PARSE),
    (b"not json at all", PARSE),
    (b'{"jsonrpc":"2.0","id":7,"method":"ping"} trailing', PARSE),
    (b'{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":' + b"[" * 40 + b"]" * 40 + b"}}",
     PARSE),
    (b'{"jsonrpc":"2.0","id":7,"method":"pi\x00ng"}', PARSE),
    (b"[" * 100_000, PARSE),
    (b'"text"', INVALID_REQUEST),
    (b"{}", INVALID_REQUEST),
    (b'{"jsonrpc":"1.0","id":7,"method":"ping"}', INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', INVALID_REQUEST),
    (b'{"jsonrpc":"2.0","id":7,"method":5}', INVALID_REQUEST),
])
def test_s254_bad_lines_are_refused_and_forgotten(client, line, code):
    client.write(line + b"\n")
    assert client.receive()["error"]["code"] == code
    client.nothing_more()


def test_s254_an_oversize_line_is_refused_once_and_skipped(client):
    piece = b"x" * (1 << 20)
    client.write(b'{"jsonrpc":"2.0","id":7,"method":"ping","params":{"pad":"')
    for _ in range(LINE_BYTES_MAX // len(piece) + 2):
        client.write(piece)
    client.write(b'"}}\n')
    assert client.receive()["error"]["code"] == PARSE
    client.nothing_more()


@pytest.mark.parametrize("revision", ALL)
def test_s254_batches_exist_in_one_revision(connect, revision):
    client = connect(revision)
    client.start()
    client.send([client.request("tools/list", id=1), client.request("resources/list", id="b")])
    reply = client.receive()
    if revision != "2025-03-26":
        assert reply["error"]["code"] == INVALID_REQUEST
        client.nothing_more()
        return
    assert isinstance(reply, list)
    assert sorted(json.dumps(one["id"]) for one in reply) == ['"b"', "1"]
    client.send([])
    assert client.receive()["error"]["code"] == INVALID_REQUEST
    client.nothing_more()


@pytest.mark.parametrize("id", [
    0, -1, 1, "1", "", "ключ", 9_007_199_254_740_993, -9_007_199_254_740_993,
    9_223_372_036_854_775_807, -9_223_372_036_854_775_808])
def test_ids_come_back_digit_for_digit(client, id):
    frame = client.request("tools/list", id=id)
    client.send(frame)
    assert client.answer(id)["id"] == id
    spelled = json.dumps(id, ensure_ascii=False).encode()
    assert b'"id":' + spelled in client.lines[-1].replace(b'"id": ', b'"id":')


def test_number_and_text_ids_are_two_requests(client):
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    look = {"name": "wait_for_messages", "arguments": {"timeout_s": 1}}
    client.send(client.request("tools/call", wait, id=1))
    client.send(client.request("tools/call", look, id="1"))
    client.notify("notifications/cancelled", {"requestId": 1})
    assert client.answer("1")["result"]["structuredContent"]["timed_out"] is True
    client.nothing_more()


def test_s256_a_cancelled_request_is_never_answered(client):
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    for number in range(40):  # More than may wait at once, so each must be freed.
        client.send(client.request("tools/call", wait, id=f"wait-{number}"))
        client.notify("notifications/cancelled", {"requestId": f"wait-{number}", "reason": "x"})
    client.nothing_more()
    for odd in [{"requestId": "never asked"}, {"requestId": {}}, {}]:
        client.notify("notifications/cancelled", odd)
    client.nothing_more()


def test_s255_answers_overtake_a_waiting_call(client):
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    client.send(client.request("tools/call", wait, id="slow"))
    client.nothing_more()
    client.notify("notifications/cancelled", {"requestId": "slow"})


def test_many_requests_at_once_are_all_answered(client):
    count = 200
    for number in range(count):
        client.send(client.request("tools/list", id=number))
    assert {client.receive()["id"] for _ in range(count)} == set(range(count))


def test_a_listen_stream_begins_with_its_acknowledgement(connect):
    client = connect(MODERN)
    client.result("tools/list")
    client.call("create_server", name="harbour")
    uri = "peer://channel/general/messages"
    listen = {"notifications": {"resourceSubscriptions": [uri, "peer://nothing"]}}
    client.send(client.request("subscriptions/listen", listen, id=9_007_199_254_740_993))
    first = client.receive()
    assert first["method"] == "notifications/subscriptions/acknowledged"
    assert first["params"]["notifications"] == {"resourceSubscriptions": [uri]}
    key = "io.modelcontextprotocol/subscriptionId"
    assert first["params"]["_meta"][key] == 9_007_199_254_740_993
    client.call("send_message", channel="#general", body="news")
    while not client.notifications:
        client.notifications.append(client.receive())
    updated = client.notifications[0]
    assert updated["method"] == "notifications/resources/updated"
    assert updated["params"]["uri"] == uri
    assert updated["params"]["_meta"][key] == 9_007_199_254_740_993


def test_s253_the_end_of_input_ends_the_process(client):
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    client.send(client.request("tools/call", wait, id="open"))
    assert client.close() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_s239_a_signal_ends_the_process(client, number):
    client.process.send_signal(number)
    assert client.process.wait(5) == 0
