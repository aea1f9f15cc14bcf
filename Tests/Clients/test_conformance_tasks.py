"""The tasks extension: the ten task rows of MCP 12.4, and X1 to X9."""

import json
import time

import pytest

from fixture_server import EVERYTHING, TASKS

PREFIX = "io.modelcontextprotocol/"
NEEDED = {"requiredCapabilities": TASKS}


@pytest.fixture
def client(fixtures):
    return fixtures.modern(**TASKS, **EVERYTHING)


def fetch(client, task):
    return client.round("tasks/get", {"taskId": task["taskId"]})


def settle(client, task, seconds=10):
    """Polls until the task is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = fetch(client, task)
        if now["status"] in ("completed", "failed", "cancelled", "input_required"):
            return now
    raise AssertionError("the task does not end")


def test_lifecycle_and_wire_fields(client):
    task = client.tool("slow_compute", seconds=1, label="sum")
    assert task["resultType"] == "task" and task["status"] == "working"
    assert set(task) >= {
        "taskId", "status", "createdAt", "lastUpdatedAt", "ttlMs", "pollIntervalMs"}
    assert "task" not in task and "requestState" not in task
    assert len(task["taskId"]) == 26
    first = fetch(client, task)
    assert first["resultType"] == "complete" and first["status"] == "working"
    assert "result" not in first
    done = settle(client, task)
    assert done["status"] == "completed"
    assert done["result"]["content"][0]["text"] == "sum took 1 s"
    assert done["lastUpdatedAt"] >= done["createdAt"]


def test_the_server_alone_decides(client):
    assert client.tool("greet", name="Ann")["content"][0]["text"] == "Hello, Ann!"
    assert client.tool("slow_compute", seconds=0)["resultType"] == "complete"


def test_capability_negotiation(fixtures, client):
    plain = fixtures.modern(**EVERYTHING)
    done = plain.tool("slow_compute", seconds=1)
    assert done["resultType"] == "complete"
    task = client.tool("slow_compute", seconds=5)
    for method in ("get", "update", "cancel"):
        refused = plain.round(f"tasks/{method}", {"taskId": task["taskId"], "inputResponses": {}})
        assert refused["error"]["code"] == -32021 and refused["error"]["data"] == NEEDED
        assert plain.last.status == 400
    client.round("tasks/cancel", {"taskId": task["taskId"]})


@pytest.mark.parametrize("tool", [
    "failing_job", "protocol_error_job", "test_tool_with_task", "multi_input"])
def test_required_task_error(fixtures, tool):
    refused = fixtures.modern(**EVERYTHING).tool(tool)
    assert refused["error"]["code"] == -32021 and refused["error"]["data"] == NEEDED


def test_results_that_are_errors(client):
    done = settle(client, client.tool("failing_job"))
    assert done["status"] == "completed" and done["result"]["isError"] is True
    failed = settle(client, client.tool("protocol_error_job"))
    assert failed["status"] == "failed" and "result" not in failed
    assert failed["error"]["code"] == -32603


def test_input_and_request_state_removal(client):
    task = client.tool("confirm_delete", filename="a.txt")
    asked = settle(client, task)
    assert asked["status"] == "input_required" and "requestState" not in asked
    assert asked["inputRequests"]["confirm"]["method"] == "elicitation/create"
    answer = {"confirm": {"action": "accept", "content": {"confirm": True}}}
    updated = client.round("tasks/update", {"taskId": task["taskId"], "inputResponses": answer})
    assert updated["resultType"] == "complete"
    assert settle(client, task)["result"]["content"][0]["text"] == "Deleted a.txt"


def test_answers_may_come_one_by_one(client):
    task = client.tool("multi_input")
    assert set(settle(client, task)["inputRequests"]) == {"first", "last"}

    def answer(**given):
        client.round("tasks/update", {"taskId": task["taskId"], "inputResponses": {
            key: {"action": "accept", "content": {"name": name}}
            for key, name in given.items()}})

    answer(first="Ann", unasked="x")
    assert set(fetch(client, task)["inputRequests"]) == {"last"}
    answer(first="Changed")  # Answered already: the key is gone.
    answer(last="Lee")
    assert settle(client, task)["result"]["content"][0]["text"] == "Ann Lee"


def test_cancel(client):
    task = client.tool("slow_compute", seconds=20)
    gone = client.round("tasks/cancel", {"taskId": task["taskId"]})
    assert gone["resultType"] == "complete"
    assert fetch(client, task)["status"] == "cancelled"
    client.round("tasks/cancel", {"taskId": task["taskId"]})
    done = client.tool("failing_job")
    settle(client, done)
    client.round("tasks/cancel", {"taskId": done["taskId"]})
    assert fetch(client, done)["status"] == "completed"


def test_request_headers(client):
    task = client.tool("failing_job")
    frame = client.frame("tasks/get", {"taskId": task["taskId"]})
    for name in (None, "other"):
        answer = client.post(frame, {"Mcp-Name": name})
        assert answer.status == 400 and answer.json["error"]["code"] == -32020


def test_dispatch_and_envelope(client):
    for method in ("get", "update", "cancel"):
        params = {"taskId": "nosuchtask", "inputResponses": {}}
        refused = client.round(f"tasks/{method}", params)
        assert refused["error"]["code"] == -32602
    frame = client.frame("tasks/get", {"taskId": "x"})
    del frame["params"]["_meta"]
    assert client.post(frame).status == 400
    frame = client.frame("tasks/update", {"taskId": "x"})
    assert client.post(frame).json["error"]["code"] == -32602


def test_status_notifications(client):
    task = client.tool("multi_input")
    settle(client, task)
    frame = client.frame("subscriptions/listen", {
        "notifications": {"taskIds": [task["taskId"], "unknown"]}}, id=5)
    events = (json.loads(data) for _, data in client.post(frame).events() if data)
    acknowledged = next(events)["params"]["notifications"]
    assert acknowledged == {"taskIds": [task["taskId"]]}
    answers = {key: {"action": "accept", "content": {"name": key}} for key in ("first", "last")}
    client.round("tasks/update", {"taskId": task["taskId"], "inputResponses": answers})
    from schema import extension_schema
    while True:
        told = next(events)
        extension_schema("tasks").check("TaskStatusNotification", told)
        assert told["params"]["_meta"][PREFIX + "subscriptionId"] == 5
        assert told["params"]["taskId"] == task["taskId"]
        if told["params"]["status"] == "completed":
            break
    assert told["params"]["result"]["content"][0]["text"] == "first last"


def test_questions_before_the_task(client):
    asked = client.tool("test_tool_with_task")
    assert asked["resultType"] == "input_required"
    task = client.tool("test_tool_with_task", {
        "user_name": {"action": "accept", "content": {"name": "Ann"}}})
    assert task["resultType"] == "task"
    assert settle(client, task)["result"]["content"][0]["text"] == "Task done for Ann"


def test_a_legacy_task_parameter_is_ignored(fixtures):
    client = fixtures.legacy()
    result = client.result("tools/call", {
        "name": "greet", "arguments": {"name": "Ann"}, "task": {"ttl": 1000}})
    assert result["content"][0]["text"] == "Hello, Ann!"
    assert client.ask("tasks/get", {"taskId": "x"})["error"]["code"] == -32601


def test_across_a_restart(own_fixtures):
    client = own_fixtures.modern(**TASKS, **EVERYTHING)
    done = client.tool("failing_job")
    settle(client, done)
    lost = client.tool("slow_compute", seconds=20)
    assert own_fixtures.stop() == 0
    own_fixtures.start(port=own_fixtures.port)
    assert fetch(client, done)["result"]["isError"] is True
    failed = fetch(client, lost)
    assert failed["status"] == "failed"
    assert failed["error"] == {"code": -32603, "message": "interrupted"}
