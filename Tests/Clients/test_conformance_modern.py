"""Scenario rows of MCP 12.4 for 2026-07-28 that need no questions and no tasks."""

import json
import threading

import pytest

from fixture_server import EVERYTHING
from schema import MODERN

PREFIX = "io.modelcontextprotocol/"


def texts(result):
    return [block["text"] for block in result["content"] if block["type"] == "text"]


def envelope(**left_out):
    meta = {
        PREFIX + "protocolVersion": MODERN, PREFIX + "clientCapabilities": {},
        PREFIX + "clientInfo": {"name": "c", "version": "1"},
    }
    return {k: v for k, v in meta.items() if k.removeprefix(PREFIX) not in left_out}


@pytest.mark.parametrize("tool, kinds", [
    ("test_simple_text", ["text"]), ("test_image_content", ["image"]),
    ("test_audio_content", ["audio"]), ("test_embedded_resource", ["resource"]),
    ("test_multiple_content_types", ["text", "image", "resource"]),
])
def test_tools_call_content(fixtures, tool, kinds):
    assert [block["type"] for block in fixtures.modern().tool(tool)["content"]] == kinds


def test_tools_call_error(fixtures):
    assert fixtures.modern().tool("test_error_handling")["isError"] is True
    assert fixtures.modern().tool("none")["error"]["code"] == -32602


def test_progress_and_logs_only_when_asked(fixtures):
    client = fixtures.modern()
    client.tool("test_tool_with_progress", meta={"progressToken": 7})
    assert [one["params"]["progress"] for one in client.seen] == [0, 50, 100]
    assert {one["params"]["progressToken"] for one in client.seen} == {7}
    for tool in ("test_tool_with_progress", "test_tool_with_logging", "test_logging_tool"):
        client.tool(tool)
        assert client.seen == []
    client.level = "info"
    client.tool("test_tool_with_logging")
    assert len(client.seen) == 3
    client.tool("test_logging_tool")
    assert [one["method"] for one in client.seen] == ["notifications/message"]
    client.level = "error"
    client.tool("test_logging_tool")
    assert client.seen == []


def test_resources_and_prompts(fixtures):
    client = fixtures.modern()
    read = client.round("resources/read", {"uri": "test://static-text"})
    assert read["contents"][0]["text"] == "This is the content of the static text resource."
    assert client.round("resources/read", {"uri": "test://static-binary"})["contents"][0]["blob"]
    data = client.round("resources/read", {"uri": "test://template/a/data"})["contents"][0]
    assert json.loads(data["text"])["data"] == "Data for ID: a"
    assert client.round("prompts/get", {"name": "test_simple_prompt"})["messages"]
    filled = client.round("prompts/get", {
        "name": "test_prompt_with_arguments", "arguments": {"arg1": "1", "arg2": "2"}})
    assert filled["messages"][0]["content"]["text"] == "Prompt with arguments: arg1='1', arg2='2'"
    assert client.round("prompts/get", {
        "name": "test_prompt_with_embedded_resource", "arguments": {"resourceUri": "a:b"}})
    assert client.round("prompts/get", {"name": "test_prompt_with_image"})
    done = client.round("completion/complete", {
        "ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"},
        "argument": {"name": "arg1", "value": "par"}, "context": {"arguments": {"arg2": "x"}}})
    assert isinstance(done["completion"]["values"], list)


def test_sep_2164_resource_not_found(fixtures):
    client = fixtures.modern()
    missing = client.round("resources/read", {"uri": "test://none"})["error"]
    assert missing["code"] == -32602 and missing["data"]["uri"] == "test://none"


def test_caching(fixtures):
    client = fixtures.modern()
    for method, params in [
        ("server/discover", {}), ("tools/list", {}), ("prompts/list", {}),
        ("resources/list", {}), ("resources/templates/list", {}),
        ("resources/read", {"uri": "test://static-text"}),
    ]:
        result = client.round(method, params)
        assert isinstance(result["ttlMs"], int) and result["ttlMs"] >= 0
        assert result["cacheScope"] in ("public", "private")


def test_stateless_discover(fixtures):
    client = fixtures.modern()
    found = client.round("server/discover", {})
    assert found["supportedVersions"] == [MODERN] and "serverInfo" not in found
    capabilities = found["capabilities"]
    assert "logging" not in capabilities and "experimental" not in capabilities
    assert capabilities["extensions"][PREFIX + "tasks"] == {}
    for name, method in [
        ("tools", "tools/list"), ("prompts", "prompts/list"), ("resources", "resources/list"),
    ]:
        assert name in capabilities and "error" not in client.round(method, {})


@pytest.mark.parametrize("meta", [
    None, {}, envelope(protocolVersion=1), envelope(clientCapabilities=1),
    envelope() | {PREFIX + "clientCapabilities": []}, envelope() | {PREFIX + "logLevel": "x"},
])
def test_stateless_envelope_is_needed(fixtures, meta):
    client = fixtures.modern()
    frame = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    if meta is not None:
        frame["params"] = {"_meta": meta}
    answer = client.post(frame)
    assert answer.status == 400 and answer.json["error"]["code"] == -32602
    assert answer.json["id"] == 1


def test_stateless_client_info_is_optional(fixtures):
    client = fixtures.modern()
    frame = client.frame("tools/list") | {"params": {"_meta": envelope(clientInfo=1)}}
    assert client.post(frame).status == 200


def test_stateless_errors(fixtures):
    client = fixtures.modern()
    frame = client.frame("tools/list")
    frame["params"]["_meta"][PREFIX + "protocolVersion"] = "2099-01-01"
    answer = client.post(frame, {"MCP-Protocol-Version": "2099-01-01"})
    assert answer.status == 400 and answer.json["error"]["code"] == -32022
    assert answer.json["error"]["data"] == {"supported": [MODERN], "requested": "2099-01-01"}
    client.schema.check("UnsupportedProtocolVersionError", answer.json)
    answer = client.post(client.frame("tools/list"), {"Mcp-Method": "tools/call"})
    assert answer.status == 400 and answer.json["error"]["code"] == -32020
    client.schema.check("HeaderMismatchError", answer.json)
    refused = client.tool("test_missing_capability")
    assert refused["error"]["code"] == -32021
    assert refused["error"]["data"] == {"requiredCapabilities": {"sampling": {}}}
    assert client.last.status == 400
    client.schema.check("MissingRequiredClientCapabilityError", refused)
    assert texts(fixtures.modern(sampling={}).tool("test_missing_capability"))


@pytest.mark.parametrize("method", [
    "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
    "tasks/list", "tasks/result", "nothing/here",
])
def test_stateless_removed_methods(fixtures, method):
    client = fixtures.modern()
    frame = client.frame(method, id="kept")
    answer = client.post(frame)
    assert answer.status == 404
    assert answer.json["error"]["code"] == -32601 and answer.json["id"] == "kept"


def test_stateless_no_sessions_and_no_other_verbs(fixtures):
    client = fixtures.modern()
    answer = client.post(client.frame("server/discover"), {
        "Mcp-Session-Id": "made-up", "Last-Event-ID": "1-1"})
    assert answer.status == 200 and "mcp-session-id" not in answer.headers
    for verb in ("GET", "DELETE", "PUT", "PATCH"):
        refused = client.request(verb, headers={"MCP-Protocol-Version": MODERN})
        assert refused.status == 405 and "POST" in refused.headers["allow"]


def test_listen_acknowledges_first_and_keeps_to_its_filter(own_fixtures):
    client = own_fixtures.modern()
    frame = client.frame("subscriptions/listen", {"notifications": {
        "toolsListChanged": True,
        "resourceSubscriptions": ["test://watched-resource", "test://none", "::"]}}, id="lis")
    answer = client.post(frame)
    assert answer.is_stream and answer.headers["cache-control"] == "no-store"
    events = (json.loads(data) for id, data in answer.events() if data)
    first = next(events)
    client.schema.check_frame(first)
    assert first["method"] == "notifications/subscriptions/acknowledged"
    assert first["params"]["notifications"] == {
        "toolsListChanged": True, "resourceSubscriptions": ["test://watched-resource"]}
    assert first["params"]["_meta"][PREFIX + "subscriptionId"] == "lis"
    other = own_fixtures.modern()
    other.tool("test_trigger_prompt_change")
    other.tool("test_trigger_tool_change")
    told = next(events)  # The prompt's change was not asked for.
    client.schema.check_frame(told)
    assert told["method"] == "notifications/tools/list_changed"
    assert told["params"]["_meta"][PREFIX + "subscriptionId"] == "lis"
    own_fixtures.process.terminate()
    ended = next(events)
    assert ended["id"] == "lis" and ended["result"]["resultType"] == "complete"
    assert ended["result"]["_meta"][PREFIX + "subscriptionId"] == "lis"
    client.schema.check("SubscriptionsListenResult", ended["result"])
    assert next(events, None) is None


def test_several_streams_at_once(fixtures):
    found = {}

    def ask(number):
        client = fixtures.modern()
        frame = client.frame("tools/call", {
            "name": "test_tool_with_progress",
            "_meta": {"progressToken": number}}, id=1)
        found[number] = client.post(frame).frames()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, frames in found.items():
        assert frames[-1]["id"] == 1 and len(frames) == 4
        assert {f["params"]["progressToken"] for f in frames[:-1]} == {number}


@pytest.mark.parametrize("headers, expected", [
    ({"Host": "evil.example"}, 403), ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "null"}, 403), ({"Host": "localhost:PORT"}, 200),
    ({"Host": "127.0.0.1:PORT", "Origin": "http://localhost:PORT"}, 200),
])
def test_dns_rebinding_protection(fixtures, headers, expected):
    client = fixtures.modern()
    sent = {k: v.replace("PORT", str(fixtures.port)) for k, v in headers.items()}
    assert client.post(client.frame("server/discover"), sent).status == expected
    older = fixtures.legacy()
    assert older.post(older.frame("ping"), sent).status == expected


def test_every_capability_is_there_for_a_client_that_can_everything(fixtures):
    client = fixtures.modern(**EVERYTHING)
    assert "error" not in client.round("tools/list", {})
