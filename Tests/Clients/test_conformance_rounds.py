"""Requests of 2026-07-28 that are answered in rounds: the input-required rows of MCP 12.4."""

import pytest

from fixture_server import EVERYTHING

PREFIX = "test_input_required_result_"
NAME = {"action": "accept", "content": {"name": "Ann"}}
YES = {"action": "accept", "content": {"ok": True}}
SAMPLED = {
    "role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m"}
ROOTS = {"roots": [{"uri": "file:///home/ann", "name": "home"}]}


def text(result):
    assert result["resultType"] == "complete", result
    return result["content"][0]["text"]


@pytest.mark.parametrize("tool, key, method, answer, said", [
    ("elicitation", "user_name", "elicitation/create", NAME, "Hello, Ann!"),
    ("sampling", "capital_question", "sampling/createMessage", SAMPLED, "Paris"),
    ("list_roots", "client_roots", "roots/list", ROOTS, "Roots: file:///home/ann"),
])
def test_basic(fixtures, tool, key, method, answer, said):
    client = fixtures.modern(**EVERYTHING)
    asked = client.tool(PREFIX + tool)
    assert asked["resultType"] == "input_required"
    assert asked["inputRequests"][key]["method"] == method
    assert text(client.tool(PREFIX + tool, {key: answer}, asked.get("requestState"))) == said


def test_request_state(fixtures):
    client = fixtures.modern(**EVERYTHING)
    asked = client.tool(PREFIX + "request_state")
    done = client.tool(PREFIX + "request_state", {"confirm": YES}, asked["requestState"])
    assert "state-ok" in text(done)
    again = client.tool(PREFIX + "request_state", {"confirm": YES}, asked["requestState"])
    assert again["error"]["code"] == -32602
    stateless = client.tool(PREFIX + "request_state", {"confirm": YES})
    assert stateless["resultType"] == "input_required"


def test_multiple_input_requests(fixtures):
    client = fixtures.modern(**EVERYTHING)
    asked = client.tool(PREFIX + "multiple_inputs")
    assert set(asked["inputRequests"]) == {"user_name", "greeting", "client_roots"}
    answers = {"user_name": NAME, "greeting": SAMPLED, "client_roots": ROOTS}
    done = client.tool(PREFIX + "multiple_inputs", answers, asked["requestState"])
    assert text(done) == "All inputs received."


def test_multi_round(fixtures):
    client = fixtures.modern(**EVERYTHING)
    first = client.tool(PREFIX + "multi_round")
    assert set(first["inputRequests"]) == {"step1"}
    second = client.tool(PREFIX + "multi_round", {"step1": NAME}, first["requestState"])
    assert set(second["inputRequests"]) == {"step2"}
    assert second["requestState"] != first["requestState"]
    colour = {"action": "accept", "content": {"color": "green"}}
    done = client.tool(PREFIX + "multi_round", {"step2": colour}, second["requestState"])
    assert text(done) == "Ann likes green."


@pytest.mark.parametrize("answers", [
    {}, {"other": NAME}, {"user_name": 1}, {"user_name": {"action": "accept"}},
    {"user_name": {"action": "accept", "content": {"name": 5}}},
])
def test_missing_or_malformed_answers_are_asked_again(fixtures, answers):
    client = fixtures.modern(**EVERYTHING)
    client.tool(PREFIX + "elicitation")
    again = client.tool(PREFIX + "elicitation", answers)
    assert again["resultType"] == "input_required" and "user_name" in again["inputRequests"]
    state = client.tool(PREFIX + "request_state")["requestState"]
    again = client.tool(PREFIX + "request_state", answers, state)
    assert again["resultType"] == "input_required" and again["requestState"] != state


def test_a_question_is_asked_five_times_at_most(fixtures):
    client = fixtures.modern(**EVERYTHING)
    state = None
    for _ in range(5):
        state = client.tool(PREFIX + "request_state", {}, state)["requestState"]
    assert client.tool(PREFIX + "request_state", {}, state)["error"]["code"] == -32602


def test_non_tool_request(fixtures):
    client = fixtures.modern(**EVERYTHING)
    params = {"name": "test_input_required_result_prompt"}
    asked = client.round("prompts/get", params)
    assert asked["resultType"] == "input_required" and "user_context" in asked["inputRequests"]
    answer = {"user_context": {"action": "accept", "content": {"context": "tests"}}}
    done = client.round("prompts/get", params | {"inputResponses": answer})
    assert done["messages"][0]["content"]["text"] == "Use this context: tests"


def test_unsupported_methods_never_ask(fixtures):
    client = fixtures.modern(**EVERYTHING)
    for method in ("tools/list", "prompts/list", "resources/list", "server/discover"):
        params = {"inputResponses": {"user_name": NAME}, "requestState": "AAAA"}
        assert client.round(method, params)["resultType"] == "complete"


@pytest.mark.parametrize("change", [
    lambda s: s[:-2] + ("AA" if s[-2:] != "AA" else "BB"), lambda s: "B" + s[1:], lambda s: "",
    lambda s: s[: len(s) // 2], lambda s: s + "A",
])
def test_tampered_state(fixtures, change):
    client = fixtures.modern(**EVERYTHING)
    state = client.tool(PREFIX + "tampered_state")["requestState"]
    refused = client.tool(PREFIX + "tampered_state", {"confirm": YES}, change(state))
    assert refused["error"]["code"] == -32602


def test_a_state_is_for_its_own_call(fixtures):
    client = fixtures.modern(**EVERYTHING)
    state = client.tool(PREFIX + "request_state")["requestState"]
    other = client.tool(PREFIX + "tampered_state", {"confirm": YES}, state)
    assert other["error"]["code"] == -32602
    state = client.tool(PREFIX + "request_state")["requestState"]
    changed = client.tool(PREFIX + "request_state", {"confirm": YES}, state, more="x")
    assert changed["error"]["code"] == -32602


@pytest.mark.parametrize("declared, keys", [
    ({"elicitation": {}}, {"user_name"}), ({"sampling": {}}, {"greeting"}),
    ({"roots": {}, "elicitation": {}}, {"user_name", "client_roots"}),
])
def test_capability_check(fixtures, declared, keys):
    client = fixtures.modern(**declared)
    assert set(client.tool(PREFIX + "capabilities")["inputRequests"]) == keys
    assert text(fixtures.modern().tool(PREFIX + "capabilities")) == "Nothing can be asked."
    refused = fixtures.modern().tool(PREFIX + "elicitation")
    assert refused["error"]["data"] == {"requiredCapabilities": {"elicitation": {}}}


def test_extra_answers_are_ignored(fixtures):
    client = fixtures.modern(**EVERYTHING)
    done = client.tool(PREFIX + "elicitation", {"user_name": NAME, "unasked": SAMPLED})
    assert text(done) == "Hello, Ann!"


def test_a_stream_that_ends_with_a_question(fixtures):
    client = fixtures.modern(**EVERYTHING)
    asked = client.tool("test_streaming_elicitation", meta={"progressToken": "t"})
    assert [one["method"] for one in client.seen] == ["notifications/progress"]
    assert asked["resultType"] == "input_required"


def test_a_state_survives_a_restart(own_fixtures):
    client = own_fixtures.modern(**EVERYTHING)
    state = client.tool(PREFIX + "request_state")["requestState"]
    used = client.tool(PREFIX + "request_state")["requestState"]
    client.tool(PREFIX + "request_state", {"confirm": YES}, used)
    own_fixtures.kill()
    own_fixtures.start(port=own_fixtures.port)
    refused = client.tool(PREFIX + "request_state", {"confirm": YES}, used)
    assert refused["error"]["code"] == -32602
    assert "state-ok" in text(
        client.tool(PREFIX + "request_state", {"confirm": YES}, state))
