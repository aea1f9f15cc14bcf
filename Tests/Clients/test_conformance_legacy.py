"""Scenario rows of MCP 12.4 for the legacy era, and what was true before 2025-11-25."""

import json
import re
import threading

import pytest

from fixture_server import EVERYTHING, LEGACY

TEXT = "This is a simple text response for testing."
OLDER = ["2025-06-18", "2025-03-26", "2024-11-05"]


def texts(result):
    return [block["text"] for block in result["content"] if block["type"] == "text"]


def test_server_initialize(fixtures):
    client = fixtures.legacy()
    greeting = client.result("ping")
    assert greeting == {}
    assert re.fullmatch(r"[\x21-\x7e]+", client.session)


@pytest.mark.parametrize("revision", [LEGACY, *OLDER])
def test_each_revision_is_spoken(fixtures, revision):
    client = fixtures.legacy(revision)
    assert client.result("tools/list")["tools"]
    assert client.result("prompts/list")["prompts"]
    assert client.result("resources/list")["resources"]
    assert client.result("resources/templates/list")["resourceTemplates"]
    assert texts(client.call("test_simple_text")) == [TEXT]


def test_session_lifecycle(fixtures):
    client = fixtures.legacy()
    headers = {"Mcp-Session-Id": client.session, "MCP-Protocol-Version": LEGACY}
    assert client.request("DELETE", headers=headers).status == 204
    assert client.post(client.frame("ping")).status == 404


def test_logging_set_level_and_ping(fixtures):
    client = fixtures.legacy()
    assert client.result("logging/setLevel", {"level": "info"}) == {}
    assert client.result("ping") == {}
    assert client.ask("logging/setLevel", {"level": "loud"})["error"]["code"] == -32602


def test_completion(fixtures):
    ref = {"type": "ref/prompt", "name": "test_prompt_with_arguments"}
    done = fixtures.legacy().result("completion/complete", {
        "ref": ref, "argument": {"name": "arg1", "value": "par"}})["completion"]
    assert done["values"] == ["paris", "park", "party"]
    assert done["total"] == 3 and done["hasMore"] is False


def test_tools_list(fixtures):
    for tool in fixtures.legacy().result("tools/list")["tools"]:
        assert re.fullmatch(r"[A-Za-z0-9_./-]{1,64}", tool["name"])
        assert tool["description"] and tool["inputSchema"]["type"] == "object"


def test_json_schema_2020_12_survives(fixtures):
    tools = fixtures.legacy().result("tools/list")["tools"]
    schema = next(t for t in tools if t["name"] == "json_schema_2020_12_tool")["inputSchema"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]["address"]["$anchor"] == "addressDef"
    assert schema["allOf"] == [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}]
    assert schema["if"]["properties"] == {"contactMethod": {"const": "phone"}}
    assert schema["then"] == {"required": ["phone"]} and schema["else"] == {"required": ["email"]}
    assert schema["properties"]["address"] == {"$ref": "#/$defs/address"}
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("tool, kinds", [
    ("test_simple_text", ["text"]), ("test_image_content", ["image"]),
    ("test_audio_content", ["audio"]), ("test_embedded_resource", ["resource"]),
    ("test_multiple_content_types", ["text", "image", "resource"]),
])
def test_tools_call_content(fixtures, tool, kinds):
    content = fixtures.legacy().call(tool)["content"]
    assert [block["type"] for block in content] == kinds


def test_tools_call_error(fixtures):
    result = fixtures.legacy().call("test_error_handling")
    assert result["isError"] is True
    assert texts(result) == ["This tool intentionally returns an error for testing"]
    assert fixtures.legacy().ask("tools/call", {"name": "none"})["error"]["code"] == -32602


def test_tools_call_with_logging(fixtures):
    client = fixtures.legacy()
    _, told, _ = client.call_answering("test_tool_with_logging")
    messages = [one["params"] for one in told if one["method"] == "notifications/message"]
    assert [one["data"] for one in messages] == [
        "Tool execution started", "Tool processing data", "Tool execution completed"]
    client.result("logging/setLevel", {"level": "error"})
    _, told, _ = client.call_answering("test_tool_with_logging")
    assert told == []


def test_tools_call_with_progress(fixtures):
    _, told, _ = fixtures.legacy().call_answering(
        "test_tool_with_progress", meta={"progressToken": "p-1"})
    steps = [one["params"] for one in told if one["method"] == "notifications/progress"]
    assert [one["progress"] for one in steps] == [0, 50, 100]
    assert all(one["progressToken"] == "p-1" and one["total"] == 100 for one in steps)
    _, told, _ = fixtures.legacy().call_answering("test_tool_with_progress")
    assert told == []


def test_tools_call_sampling(fixtures):
    said = {"role": "assistant", "content": {"type": "text", "text": "four"}, "model": "m"}
    result, _, asked = fixtures.legacy(**EVERYTHING).call_answering(
        "test_sampling", {"sampling/createMessage": said}, prompt="2 + 2?")
    assert texts(result) == ["LLM response: four"]
    assert asked[0]["params"]["maxTokens"] == 100
    assert asked[0]["params"]["messages"] == [
        {"role": "user", "content": {"type": "text", "text": "2 + 2?"}}]
    refused, _, asked = fixtures.legacy().call_answering("test_sampling", prompt="?")
    assert refused["isError"] is True and asked == []


@pytest.mark.parametrize("answer", [
    {"action": "accept", "content": {"username": "ann", "email": "a@example.org"}},
    {"action": "decline"}, {"action": "cancel"},
])
def test_tools_call_elicitation(fixtures, answer):
    result, _, asked = fixtures.legacy(**EVERYTHING).call_answering(
        "test_elicitation", {"elicitation/create": answer}, message="Who are you?")
    content = json.dumps(answer.get("content", {}), separators=(",", ":"))
    assert texts(result) == [f"User response: action={answer['action']}, content={content}"]
    schema = asked[0]["params"]["requestedSchema"]
    assert schema["required"] == ["username", "email"]
    assert schema["properties"]["username"]["description"] == "User's response"


def test_elicitation_sep1034_defaults(fixtures):
    _, _, asked = fixtures.legacy(**EVERYTHING).call_answering(
        "test_elicitation_sep1034_defaults", {"elicitation/create": {"action": "cancel"}})
    properties = asked[0]["params"]["requestedSchema"]["properties"]
    defaults = {name: field["default"] for name, field in properties.items()}
    assert defaults == {
        "name": "John Doe", "age": 30, "score": 95.5, "status": "active", "verified": True}


def test_elicitation_sep1330_enums(fixtures):
    _, _, asked = fixtures.legacy(**EVERYTHING).call_answering(
        "test_elicitation_sep1330_enums", {"elicitation/create": {"action": "cancel"}})
    forms = asked[0]["params"]["requestedSchema"]["properties"]
    assert forms["untitledSingle"]["enum"] == ["option1", "option2", "option3"]
    assert [one["title"] for one in forms["titledSingle"]["oneOf"]] == [
        "First Option", "Second Option", "Third Option"]
    assert forms["legacyEnum"]["enumNames"] == ["Option One", "Option Two", "Option Three"]
    assert forms["untitledMulti"]["items"]["enum"] == ["option1", "option2", "option3"]
    assert [one["const"] for one in forms["titledMulti"]["items"]["anyOf"]] == [
        "value1", "value2", "value3"]


def test_several_streams_at_once(fixtures):
    client = fixtures.legacy()
    found = {}

    def ask(number):
        frame = client.frame("tools/call", {
            "name": "test_tool_with_progress", "_meta": {"progressToken": f"t{number}"}},
            id=f"same-{number}")
        frames = client.post(frame).frames()
        found[number] = frames

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, frames in found.items():
        assert frames[-1]["id"] == f"same-{number}"
        assert {f["params"]["progressToken"] for f in frames[:-1]} == {f"t{number}"}
        assert len(frames) == 4


def test_polling_resumes_after_the_server_left(fixtures):
    """The first event primes, `retry` says when, and the answer waits for whoever comes back."""
    client = fixtures.legacy()
    frame = client.frame("tools/call", {"name": "test_reconnection"})
    answer = client.post(frame)
    lines = answer.response.read().decode().split("\n")
    first = next(line[4:] for line in lines if line.startswith("id: "))
    assert "retry: 3000" in lines
    assert not any("Reconnection" in line for line in lines)
    frames = [json.loads(data) for _, data in client.listen(after=first).events() if data]
    assert frames[-1]["id"] == frame["id"]
    assert texts(frames[-1]["result"]) == ["Reconnection test completed"]


def test_resources(fixtures):
    client = fixtures.legacy()
    listed = {one["uri"] for one in client.result("resources/list")["resources"]}
    assert {"test://static-text", "test://static-binary", "test://watched-resource"} <= listed
    read = client.result("resources/read", {"uri": "test://static-text"})["contents"]
    assert read[0]["text"] == "This is the content of the static text resource."
    read = client.result("resources/read", {"uri": "test://static-binary"})["contents"]
    assert read[0]["mimeType"] == "image/png" and read[0]["blob"]
    templates = client.result("resources/templates/list")["resourceTemplates"]
    assert [one["uriTemplate"] for one in templates] == ["test://template/{id}/data"]
    read = client.result("resources/read", {"uri": "test://template/123/data"})["contents"]
    assert json.loads(read[0]["text"]) == {
        "id": "123", "templateTest": True, "data": "Data for ID: 123"}
    missing = client.ask("resources/read", {"uri": "test://none"})["error"]
    assert missing["code"] == -32002 and missing["data"] == {"uri": "test://none"}


def test_resources_subscribe_and_unsubscribe(fixtures):
    client = fixtures.legacy()
    assert client.result("resources/subscribe", {"uri": "test://watched-resource"}) == {}
    assert client.result("resources/unsubscribe", {"uri": "test://watched-resource"}) == {}
    assert client.ask("resources/subscribe", {"uri": "test://no"})["error"]["code"] == -32002


def test_prompts(fixtures):
    client = fixtures.legacy()
    listed = {one["name"]: one for one in client.result("prompts/list")["prompts"]}
    assert [a["name"] for a in listed["test_prompt_with_arguments"]["arguments"]] == [
        "arg1", "arg2"]
    simple = client.result("prompts/get", {"name": "test_simple_prompt"})["messages"]
    assert simple[0]["content"]["text"] == "This is a simple prompt for testing."
    filled = client.result("prompts/get", {
        "name": "test_prompt_with_arguments", "arguments": {"arg1": "x", "arg2": "y"}})
    assert filled["messages"][0]["content"]["text"] == (
        "Prompt with arguments: arg1='x', arg2='y'")
    embedded = client.result("prompts/get", {
        "name": "test_prompt_with_embedded_resource", "arguments": {"resourceUri": "test://x"}})
    assert embedded["messages"][0]["content"]["resource"] == {
        "uri": "test://x", "mimeType": "text/plain",
        "text": "Embedded resource content for testing."}
    image = client.result("prompts/get", {"name": "test_prompt_with_image"})["messages"]
    assert [one["content"]["type"] for one in image] == ["image", "text"]
    for params in ({"name": "none"}, {"name": "test_prompt_with_arguments"}):
        assert client.ask("prompts/get", params)["error"]["code"] == -32602


def test_list_changed_on_the_standing_stream(own_fixtures):
    client = own_fixtures.legacy()
    events = client.listen().events()
    for tool, method in [
        ("test_trigger_tool_change", "notifications/tools/list_changed"),
        ("test_trigger_prompt_change", "notifications/prompts/list_changed"),
    ]:
        client.call(tool)
        told = next(json.loads(data) for _, data in events if data)
        client.schema.check_frame(told)
        assert told["method"] == method
    names = [tool["name"] for tool in client.result("tools/list")["tools"]]
    assert "temporary_tool_0" in names


def test_a_session_survives_kill(own_fixtures):
    """The same id works in the next process: capabilities, log level and subscriptions stay."""
    client = own_fixtures.legacy(**EVERYTHING)
    client.result("logging/setLevel", {"level": "error"})
    client.result("resources/subscribe", {"uri": "test://watched-resource"})
    own_fixtures.kill()
    own_fixtures.start(port=own_fixtures.port)
    assert client.result("ping") == {}
    _, told, _ = client.call_answering("test_tool_with_logging")
    assert told == []
    result, _, _ = client.call_answering(
        "test_elicitation", {"elicitation/create": {"action": "decline"}}, message="?")
    assert texts(result) == ["User response: action=decline, content={}"]


def test_batches_of_2025_03_26(fixtures):
    client = fixtures.legacy("2025-03-26")
    frames = [
        client.frame("ping"), client.frame("tools/call", {"name": "test_simple_text"}),
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}},
        client.frame("nothing/here"),
    ]
    answers = client.post(frames).json
    assert {one["id"] for one in answers} == {f["id"] for f in frames if "id" in f}
    for one in answers:
        client.schema.check_frame(one)
    assert [one["error"]["code"] for one in answers if "error" in one] == [-32601]
    only_told = [{"jsonrpc": "2.0", "method": "notifications/initialized"}]
    told = client.post(only_told)
    assert told.status == 202 and told.body == b""
    assert client.post([]).json["error"]["code"] == -32600
    inside = client.post([client.frame("initialize", {"protocolVersion": "2025-03-26"})]).json
    assert inside[0]["error"]["code"] == -32600
    for revision in [LEGACY, "2025-06-18", "2024-11-05"]:
        other = fixtures.legacy(revision)
        refused = other.post([other.frame("ping")])
        assert refused.status == 400 and refused.json["error"]["code"] == -32600
