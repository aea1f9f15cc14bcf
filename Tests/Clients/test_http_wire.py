"""Streamable HTTP byte by byte: statuses, headers, eras, sessions, streams, tokens, health."""

import base64
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest

from http_node import META, MODERN, exchange, serve  # noqa: F401
from schema import LEGACY, require_schemas

URI = "peer://channel/general/messages"


@pytest.fixture
def served(serve):  # noqa: F811
    return serve()


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def metric(served, name):
    text = served.client().request("GET", "/metrics").body.decode()
    return int(re.search(rf"^{re.escape(name)} (\d+)$", text, re.M)[1])


def thread_states(pid):
    """One letter for each thread of a process, T for a stopped one (proc(5))."""
    tasks = Path("/proc", str(pid), "task")
    return [(task / "stat").read_text().rpartition(")")[2].split()[0] for task in tasks.iterdir()]


def until(condition, seconds=10):
    """Asks again until it is so; each question is a round trip of its own."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"


# Access

def test_s271_without_a_token_nobody_is_served_or_sent_to_a_login(served):
    client = served.client(token="")
    for headers, reason in [
        ({}, "missing"),
        ({"Authorization": "Bearer pat_" + "0" * 64}, "invalid"),
    ]:
        answer = client.post(client.frame("tools/list"), headers)
        assert answer.status == 401
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith('Bearer realm="peer-agent"')
        assert ("error=" in challenge) == (reason == "invalid")
        assert "resource_metadata" not in challenge
        error = answer.json["error"]
        assert (error["code"], error["data"]["reason"]) == (4001, reason)
        assert "peer-agent token create" in error["data"]["fix"]
    for path in ["/.well-known/oauth-protected-resource", "/register", "/authorize", "/token",
                 "/.well-known/oauth-authorization-server/mcp", "/"]:
        answer = client.request("GET", path)
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/plain")
    for header in ["pat_" + "0" * 64, "Basic eDp5", "Bearer", "Bearer a b"]:
        answer = client.post(client.frame("tools/list"), {"Authorization": header})
        assert answer.status == 400, header


def test_guesses_are_shut_out(served):
    client = served.client(token="pat_" + "1" * 64)
    statuses = [client.post(client.frame("tools/list")).status for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2


@pytest.mark.parametrize("limit, wanted", [
    ("failed-auth=10/2", [401] * 2 + [429] * 2), ("failed-auth=0", [401] * 15)])
def test_how_many_guesses_there_are_is_a_setting(serve, limit, wanted):  # noqa: F811
    client = serve("ann", "--limit", limit).client(token="pat_" + "1" * 64)
    assert [client.post(client.frame("tools/list")).status for _ in wanted] == wanted


def test_s271_a_token_in_an_address_is_revoked(served):
    token = served.make_token("--scope", "messaging")["token"]
    client = served.client(token)
    assert client.result("tools/list")["tools"]
    answer = client.request("GET", f"/mcp?key={token}")
    assert answer.status == 400
    assert client.post(client.frame("tools/list")).status == 401


def test_a_scope_decides_what_is_listed_and_called(served):
    made = served.make_token("--scope", "messaging", "--label", "bot")
    client = served.client(made["token"])
    names = {tool["name"] for tool in client.result("tools/list")["tools"]}
    assert "send_message" in names and "create_server" not in names
    hidden = client.ask("tools/call", {"name": "create_server", "arguments": {"name": "x"}})
    unknown = client.ask("tools/call", {"name": "no_such", "arguments": {}})
    assert hidden["error"]["code"] == unknown["error"]["code"] == -32602
    assert hidden["error"]["message"].replace("create_server", "no_such") == (
        unknown["error"]["message"])
    custom = served.make_token("--scope", "custom", "--tools", "inbox,read_channel")
    names = [t["name"] for t in served.client(custom["token"]).result("tools/list")["tools"]]
    assert names == ["inbox", "read_channel"]


def test_s291_only_listed_channels_exist_for_a_token(served):
    owner = served.client()
    owner.call("create_server", name="harbour")
    owner.call("create_channel", name="dock")
    for channel in ["#general", "#dock"]:
        owner.call("send_message", channel=channel, body=f"in {channel}")
    token = served.make_token("--scope", "full", "--channels", "#dock")["token"]
    client = served.client(token)
    assert client.call("read_channel", channel="#dock")["structuredContent"]["messages"]
    refused = client.call("read_channel", channel="#general")
    assert refused["structuredContent"]["error"]["code"] == "unknown_channel"
    assert client.call("send_message", channel="#general", body="x")["isError"]
    everything = json.dumps([
        client.result("resources/list"), client.call("inbox", include_messages=True),
        client.result("resources/read", {"uri": "peer://server/channels"}),
        client.call("wait_for_messages", timeout_s=0)])
    assert "dock" in everything and "general" not in everything
    hidden = client.ask("resources/read", {"uri": URI})
    assert hidden["error"]["code"] == -32602


def test_s295_revoking_ends_what_is_open(served):
    made = served.make_token("--scope", "messaging")
    client = served.client(made["token"])
    stream = client.post(client.frame("subscriptions/listen", {"notifications": {
        "toolsListChanged": True}}))
    events = stream.events()
    assert json.loads(next(events)[1])["method"] == "notifications/subscriptions/acknowledged"
    served.node.command("token", "revoke", made["id"], "--data-dir", str(served.node.data))
    last = json.loads(next(events)[1])
    client.schema.check_frame(last, "subscriptions/listen")
    assert next(events, None) is None
    assert client.post(client.frame("tools/list")).status == 401


def test_s294_tokens_are_managed_without_a_running_node_too(serve, make_node):  # noqa: F811
    node = make_node("ann")
    data = ["--data-dir", str(node.data)]
    token = json.loads(node.command("token", "create", "--json", *data).stdout)
    assert (token["scope"], token["token"][:4]) == ("messaging", "pat_")
    served = serve(node=node)
    client = served.client(token["token"])
    assert client.result("tools/list")["tools"]
    assert served.stop() == 0
    node.command("token", "revoke", token["id"], *data)
    assert "revoked" in node.command("token", "list", *data).stdout
    assert node.command("token", "revoke", token["id"], *data, check=False).returncode == 8
    served = serve(node=node)
    assert served.client(token["token"]).post(client.frame("tools/list")).status == 401
    stored = (node.data / "agent.db").read_bytes()
    assert token["token"].encode() not in stored and served.token.encode() not in stored


# Origin, Host, methods, media types

def test_s272_pages_and_rebound_names_are_refused(served):
    client = served.client()
    own = f"localhost:{served.port}"
    for headers, status in [
        ({"Host": own}, 200), ({"Host": "localhost"}, 200), ({"Host": f"[::1]:{served.port}"}, 200),
        ({"Host": "evil.example"}, 403), ({"Host": f"localhost.evil.example:{served.port}"}, 403),
        ({"Host": "localhost:1"}, 403),
        ({"Origin": "http://localhost:5173"}, 200), ({"Origin": "https://127.0.0.1"}, 200),
        ({"Origin": "null"}, 403), ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403), ({"Origin": "http://localhost:x"}, 403),
    ]:
        answer = client.post(client.frame("tools/list"), headers)
        assert answer.status == status, headers
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed == (headers.get("Origin") if status == 200 else None)
    raw = (f"POST /mcp HTTP/1.1\r\nHost: {own}\r\nOrigin: http://localhost\r\n"
           "Origin: http://evil.example\r\nContent-Length: 0\r\nConnection: close\r\n"
           "\r\n").encode()
    assert b" 403 " in exchange(served.port, raw)[:20]
    preflight = client.request("OPTIONS", headers={
        "Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"})
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_s280_methods_and_media_types(served):
    client = served.client()
    version = {"MCP-Protocol-Version": MODERN}
    for method in ["GET", "DELETE", "PUT", "PATCH"]:
        answer = client.request(method, headers=version, body=b"{}")
        assert (answer.status, answer.headers["allow"]) == (405, "POST, GET, DELETE")
    frame = client.frame("tools/list")
    for headers, status in [
        ({"Accept": "application/json"}, 406), ({"Accept": "text/event-stream"}, 406),
        ({"Accept": "*/*"}, 200), ({"Accept": None}, 200),
        ({"Accept": "application/*, text/*;q=0.5"}, 200),
        ({"Accept": "application/json, text/event-stream;q=0"}, 406),
        ({"Content-Type": "text/plain"}, 415), ({"Content-Type": None}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({"Content-Type": "application/json; charset=latin1"}, 415),
    ]:
        answer = client.post(frame, headers)
        assert answer.status == status, headers
    assert client.request("POST", "/healthz", body=b"").status == 405


# The modern era

def test_s273_the_ladder_of_a_modern_request(served):
    client = served.client()

    def post(frame, headers=None):
        answer = client.post(frame, headers)
        client.schema.check_frame(answer.json)
        return answer.status, answer.json["error"]["code"]

    no_meta = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert post(no_meta) == (400, -32602)
    for key in META:
        meta = {k: v for k, v in META.items() if k != key}
        assert post(no_meta | {"params": {"_meta": meta}}) == (400, -32602)
    other = {"params": {"_meta": META | {"io.modelcontextprotocol/protocolVersion": "2027-01-01"}}}
    assert post(no_meta | other) == (400, -32020)
    assert post(no_meta | other, {"MCP-Protocol-Version": "2027-01-01"}) == (400, -32022)
    frame = client.frame("tools/call", {"name": "inbox", "arguments": {}})
    for headers in [
        {"Mcp-Method": None}, {"Mcp-Method": "tools/list"}, {"Mcp-Method": "Tools/Call"},
        {"Mcp-Name": None}, {"Mcp-Name": "Inbox"}, {"Mcp-Name": "=?base64?aW5ib3g?="},
        {"Mcp-Name": "=?base64?!!!!?="}, {"MCP-Protocol-Version": None},
        {"MCP-Protocol-Version": "2025-11-25"},
    ]:
        assert post(frame, headers) == (400, -32020), headers
    encoded = "=?base64?" + base64.b64encode(b"inbox").decode() + "?="
    for headers in [{"Mcp-Name": encoded}, {"Mcp-Name": "  inbox\t"}, {"mcp-name": None,
                    "MCP-NAME": "inbox"}]:
        assert client.post(frame, headers).status == 200, headers
    for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe", "nothing"]:
        assert post(client.frame(method, {})) == (404, -32601)
    assert post(client.frame("resources/read", {"uri": "peer://nothing"})) == (200, -32602)


def test_modern_bodies_that_are_no_request(served):
    client = served.client()
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
    assert client.post([client.frame("tools/list")], headers).status == 400
    assert client.post({"jsonrpc": "2.0", "id": 1, "result": {}}, headers).status == 400
    told = client.post({"jsonrpc": "2.0", "method": "notifications/cancelled",
                        "params": {"requestId": 1}}, headers)
    assert (told.status, told.body) == (202, b"")
    for body, code in [
        (b"", -32700), (b"{", -32700), (b"[" * 100_000, -32700), (b"\xff\xfe{\0}\0", -32700),
        (b"\xef\xbb\xbf{}", -32700), (b'{"a":1,"a":2}', -32700), (b'{"a":"\\ud800"}', -32700),
        (b'{"jsonrpc":"2.0","id":null,"method":"tools/list"}', -32600),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}', -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}', -32600), (b"7", -32600),
    ]:
        answer = client.request("POST", headers=client.headers({}) | headers, body=body)
        assert (answer.status, answer.json["error"]["code"]) == (400, code), body[:60]
        client.schema.check_frame(answer.json)


def test_ids_come_back_as_sent(served):
    client = served.client()
    for id in ["9007199254740993", "18446744073709551615", '"1"', "-0", '"\\u0041"']:
        frame = json.dumps(client.frame("tools/list", id="ID")).replace('"ID"', id)
        answer = client.request(
            "POST", headers=client.headers(client.frame("tools/list")), body=frame.encode())
        assert f'"id":{id},'.encode() in answer.body


def test_one_id_for_everything_on_two_tokens(served):
    """Each of 200 requests at once gets the answer to its own question."""
    served.client().call("create_server", name="harbour")
    tokens = [served.token, served.make_token("--scope", "full")["token"]]
    wrong = []

    def ask(number):
        client = served.client(tokens[number % 2])
        name = "x" * (number + 1)
        reply = client.ask("resources/read", {"uri": f"peer://{name}"}, id=1)
        if reply["error"]["data"]["uri"] != f"peer://{name}":
            wrong.append(number)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not wrong


def test_s276_s278_a_listener_hears_what_it_asked_for_and_leaving_frees_it(serve):  # noqa: F811
    served = serve("ann", "--limit", "requests=0")
    client = served.client()
    client.call("create_server", name="harbour")
    frame = client.frame("subscriptions/listen", {"notifications": {
        "resourceSubscriptions": [URI, "peer://nothing"]}}, id="listen-1")
    stream = client.post(frame)
    assert stream.is_stream and stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no" and "mcp-session-id" not in stream.headers
    events = stream.events()
    id, first = next(events)
    assert id is None
    acknowledged = json.loads(first)
    client.schema.check_frame(acknowledged)
    assert acknowledged["params"]["notifications"] == {"resourceSubscriptions": [URI]}
    key = "io.modelcontextprotocol/subscriptionId"
    assert acknowledged["params"]["_meta"][key] == "listen-1"
    client.call("send_message", channel="#general", body="news")
    updated = json.loads(next(events)[1])
    client.schema.check_frame(updated)
    assert updated["params"] == {"_meta": {key: "listen-1"}, "uri": URI}
    assert metric(served, "peer_agent_exchanges") == 1
    stream.connection.sock and stream.connection.sock.close()
    stream.response.close()
    until(lambda: metric(served, "peer_agent_exchanges") == 0)


def test_s276_s305_clients_that_leave_early_leave_nothing(serve):  # noqa: F811
    served = serve("ann", "--limit", "requests=0")
    client = served.client()
    client.call("create_server", name="harbour")
    arguments = {"timeout_s": 50}
    frame = client.frame("tools/call", {"name": "wait_for_messages", "arguments": arguments})
    body = json.dumps(frame)
    head = "".join(f"{k}: {v}\r\n" for k, v in client.headers(frame).items())
    raw = (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {served.token}\r\n"
           f"{head}Content-Length: {len(body)}\r\n\r\n{body}").encode()
    for _ in range(100):
        socket.create_connection(("127.0.0.1", served.port)).sendall(raw)
    until(lambda: metric(served, "peer_agent_exchanges") == 0)
    # Our own questions come on connections that are still closing.
    until(lambda: metric(served, "peer_agent_http_connections") <= 4)


# The legacy era

@pytest.mark.parametrize("revision", LEGACY)
def test_s274_the_life_of_a_session(served, revision):
    client = served.client(revision=revision)
    early = client.post(client.frame("tools/list", id="early"))
    assert early.status == 400 and early.json["id"] == "early"
    assert client.initialize()["protocolVersion"] == revision
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", client.session)
    assert client.result("ping") == {}
    tools = client.result("tools/list")["tools"]
    assert tools
    client.result("resources/list")
    client.call("create_server", name="harbour")
    assert client.ask("nothing")["error"]["code"] == -32601
    assert client.last.status == 200
    batch = [client.frame("ping"), client.frame("ping"),
             {"jsonrpc": "2.0", "method": "notifications/initialized"}]
    answer = client.post(batch)
    if revision == "2025-03-26":
        assert [one["result"] for one in answer.json] == [{}, {}]
        assert client.post(batch[2:]).status == 202
        assert client.post([]).status == 400
    else:
        assert (answer.status, answer.json["error"]["code"]) == (400, -32600)
    other = next(one for one in LEGACY if one != revision)
    mixed = client.post(client.frame("ping", id=77), {"MCP-Protocol-Version": other})
    assert mixed.status == 400 and mixed.json["id"] == 77
    # Where no id is known, older revisions say so (MCP 2.6).
    unread = client.request("POST", headers=client.headers({}), body=b"{")
    assert unread.status == 400 and unread.json["error"]["code"] == -32700
    assert ("id" in unread.json) == (revision < "2025-11-25") and not unread.json.get("id")
    unlikely = client.request(
        "POST", headers=client.headers({}) | {"Accept": "text/html"}, body=b"{}")
    assert unlikely.status == 406 and ("id" in unlikely.json) == (revision < "2025-11-25")
    assert client.post(client.frame("ping"), {"MCP-Protocol-Version": None}).status == 200
    assert client.post({"jsonrpc": "2.0", "id": 9, "result": {}}).status == 202
    again = client.ask("initialize", {
        "protocolVersion": revision, "capabilities": {},
        "clientInfo": {"name": "wire", "version": "1"}})
    assert again["error"]["code"] == -32600
    ended = client.request("DELETE", headers={"Mcp-Session-Id": client.session})
    assert (ended.status, ended.body) == (204, b"")
    gone = client.post(client.frame("ping", id=78))
    assert gone.status == 404 and gone.json["id"] == 78


def test_s275_a_session_belongs_to_its_token(served):
    client = served.client(revision="2025-11-25")
    client.initialize()
    thief = served.client(served.make_token("--scope", "full")["token"], "2025-11-25")
    thief.session = client.session
    assert thief.post(thief.frame("ping")).status == 404
    headers = {"Accept": "text/event-stream", "Mcp-Session-Id": client.session}
    assert thief.request("GET", headers=headers | {"Last-Event-ID": "0-0"}).status == 404
    thief.session = "x" * 43
    assert thief.post(thief.frame("ping")).status == 404
    assert client.result("ping") == {}


@pytest.mark.parametrize("stale", ["unknown", "deleted", "foreign"])
def test_s274_a_stale_id_with_initialize_gives_a_new_session(served, stale):
    client = served.client(revision="2025-11-25")
    client.session = "x" * 43
    if stale != "unknown":
        owner = served.client(
            client.token if stale == "deleted" else
            served.make_token("--scope", "full")["token"], "2025-11-25")
        owner.initialize()
        client.session = owner.session
    if stale == "deleted":
        ended = client.request("DELETE", headers={"Mcp-Session-Id": client.session})
        assert ended.status == 204
    old = client.session
    assert client.post(client.frame("ping")).status == 404
    client.initialize()
    assert client.last.status == 200 and client.session != old
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", client.session)
    assert client.result("ping") == {}
    # The old one is what it was: gone, or another's.
    new, client.session = client.session, old
    assert client.post(client.frame("ping")).status == 404
    if stale == "foreign":
        assert owner.result("ping") == {}
    client.session = new
    assert client.result("tools/list")["tools"]


def test_s274_a_session_survives_a_restart(serve, make_node):  # noqa: F811
    node = make_node("ann")
    served = serve(node=node)
    client = served.client(revision="2025-06-18")
    client.initialize()
    served.process.send_signal(signal.SIGKILL)
    served.process.wait()
    served = serve(node=node)
    assert served.token == client.token
    client.port = served.port
    assert client.result("ping") == {}
    assert client.result("tools/list")["tools"]


def test_s275_a_lost_get_stream_is_read_on(served):
    client = served.client(revision="2025-11-25")
    client.initialize()
    client.call("create_server", name="harbour")
    client.result("resources/subscribe", {"uri": URI})
    stream = client.listen()
    events = stream.events()
    id, data = next(events)
    assert id and data == ""
    client.call("send_message", channel="#general", body="one")
    id, data = next(events)
    update = json.loads(data)
    client.schema.check_frame(update)
    while update["method"] != "notifications/resources/updated":
        id, data = next(events)
        update = json.loads(data)
    assert update["params"]["uri"] == URI
    stream.connection.close()
    stream.response.close()
    client.call("send_message", channel="#general", body="two")
    missed = client.listen(after=id).events()
    told = [json.loads(data) for _, data in [next(missed), next(missed)] if data]
    assert any(one["params"].get("uri") == URI for one in told)
    headers = {"Accept": "text/event-stream", "Mcp-Session-Id": client.session}
    assert client.request("GET", headers=headers | {"Last-Event-ID": "7-7"}).status == 400


def test_s275_a_lost_answer_is_read_later(served):
    """The stream begins after 15 s; its connection is cut and the rest is fetched with GET."""
    client = served.client(revision="2025-11-25")
    client.initialize()
    frame = client.frame("tools/call", {
        "name": "wait_for_messages", "arguments": {"timeout_s": 17},
        "_meta": {"progressToken": "p"}})
    stream = client.post(frame, seconds=30)
    events = stream.events()
    priming, empty = next(events)
    assert empty == ""
    stream.connection.close()
    stream.response.close()
    rest = [json.loads(data) for _, data in client.listen(priming, seconds=30).events() if data]
    assert [one.get("method") for one in rest] == ["notifications/progress", None]
    assert rest[1]["id"] == frame["id"]
    client.schema.check_frame(rest[1], "tools/call")
    again = [json.loads(data) for _, data in client.listen(priming).events() if data]
    assert again == rest


def test_a_second_listener_replaces_the_first(served):
    client = served.client(revision="2025-06-18")
    client.initialize()
    first = client.listen()
    second = client.listen()
    list(first.events())  # It ends.
    assert not second.response.isclosed()


# Health, numbers, hostile connections

def test_s324_health_and_numbers(served):
    anonymous = served.client(token="")
    for path in ["/healthz", "/readyz"]:
        answer = anonymous.request("GET", path)
        assert (answer.status, answer.body) == (200, b"ok\n")
    assert anonymous.request("GET", "/metrics").status == 401
    weak = served.client(served.make_token("--scope", "messaging")["token"])
    assert weak.request("GET", "/metrics").status == 403
    text = served.client().request("GET", "/metrics").body.decode()
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+=\"[^\"]*\"\})? \d+", line), line
    served.process.send_signal(signal.SIGSTOP)
    try:
        # The signal is only on its way: on a busy machine a thread may go on for a while.
        until(lambda: all(state == "T" for state in thread_states(served.process.pid)))
        with pytest.raises(TimeoutError):
            anonymous.request("GET", "/healthz", seconds=1)
    finally:
        served.process.send_signal(signal.SIGCONT)
    assert anonymous.request("GET", "/healthz").status == 200


HEAD = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n"
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(("data", "status"), [
    (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (HEAD + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello", 400),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 401),
    (HEAD + b"A: " + b"x" * 100_000, 431),
    (b"GET /" + b"x" * 1_000_000, 414),
    (HEAD + b"Content-Length: 99999999\r\n\r\n", 413),
    (HEAD + b"\r\n", 411),
    (HEAD + b"Authorization: Bearer pat_\0\r\n\r\n", 400),
    (HEAD + b"Authorization: Bearer " + b"a" * 1_000_000, 431),
    (b"\x16\x03\x01\x02\x00\x01\x00", None),
])
def test_hostile_bytes_get_their_status_and_the_end(served, data, status):
    if status is None:
        with pytest.raises(TimeoutError):
            exchange(served.port, data, seconds=1)
        return
    try:
        answer = exchange(served.port, data + SMUGGLED)
    except ConnectionResetError:
        return  # Closed while we were still sending: nothing was read on.
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:80]
    assert answer.count(b"HTTP/1.1 ") == 1, "the bytes after it were parsed"


def test_slow_heads_time_out(served):
    answer = exchange(served.port, b"GET /healthz HT", seconds=15)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_s280_pipelined_requests_are_answered_in_order(served):
    request = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    data = b"".join(request % path for path in [b"healthz", b"nothing", b"readyz", b"metrics"])
    last = b"GET /nothing HTTP/1.0\r\n\r\n"
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", exchange(served.port, data + last))
    assert statuses == [b"200", b"404", b"200", b"401", b"403"]


def test_s280_expect_continue(served):
    client = served.client()
    frame = json.dumps(client.frame("tools/list"))
    head = "".join(f"{k}: {v}\r\n" for k, v in client.headers(client.frame("tools/list")).items())
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall((
            f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {served.token}\r\n"
            f"{head}Expect: 100-continue\r\nConnection: close\r\n"
            f"Content-Length: {len(frame)}\r\n\r\n").encode())
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(frame.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


def test_s270_a_socket_file_speaks_both_framings(served):
    path = str(served.node.data / "node.sock")
    assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in connection.recv(1_000)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        lines = connection.makefile("rb")
        connection.sendall(b'{"peer_agent_hello":1,"scope":"read-only"}\n')
        assert json.loads(lines.readline())["ok"] is True
        frame = served.client().frame("tools/list")
        connection.sendall(json.dumps(frame).encode() + b"\n")
        names = {tool["name"] for tool in json.loads(lines.readline())["result"]["tools"]}
        assert "inbox" in names and "send_message" not in names
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(b'{"jsonrpc":"2.0"}\n')
        answer = connection.makefile("rb").read()
        assert json.loads(answer)["ok"] is False


def test_status_asks_the_running_node(served):
    served.client().call("create_server", name="harbour")
    data = ["--data-dir", str(served.node.data)]
    told = json.loads(served.node.command("status", "--json", *data).stdout)
    assert told["running"] is True and told["node"]["url"] == served.url
    assert [server["name"] for server in told["node"]["servers"]] == ["harbour"]
    assert served.url in served.node.command("status", *data).stdout


def test_remote_binds_need_a_word_more(node):
    refused = node.command(
        "run", "--data-dir", str(node.data), "--transport", "http", "--bind", "0.0.0.0:0",
        check=False)
    assert refused.returncode == 8 and "--allow-remote" in refused.stderr


def test_token_files_of_others_are_refused(node):
    path = node.data / "token"
    path.write_text("pat_" + "0" * 64)
    path.chmod(0o644)
    run = ["run", "--data-dir", str(node.data), "--transport", "http", "--bind", "127.0.0.1:0"]
    exposed = node.command(*run, check=False)
    assert exposed.returncode == 4 and "chmod 600" in exposed.stderr
    path.chmod(0o600)
    path.write_text("secret")
    assert node.command(*run, check=False).returncode == 4


def test_s297_every_call_leaves_a_record(served):
    client = served.client()
    client.call("create_server", name="harbour")
    client.call("send_message", channel="#general", body="a private thing")
    client.call("read_channel", channel="#nowhere")
    assert served.stop() == 0
    rows = sqlite3.connect(served.node.data / "agent.db").execute(
        "SELECT record FROM audit ORDER BY n").fetchall()
    calls = [json.loads(row[0]) for row in rows if '"tools/call"' in row[0]]
    assert [call["tool"] for call in calls] == ["create_server", "send_message", "read_channel"]
    assert calls[0]["outcome"] == "applied" and len(calls[1]["args"]) == 64
    assert calls[2]["error"] == "unknown_channel"
    assert all(call["principal"].startswith("t_") for call in calls)
    assert "private" not in str(rows) and served.token not in str(rows)
