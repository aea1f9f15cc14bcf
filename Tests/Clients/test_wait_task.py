"""Waiting longer than a request may last: the call becomes a task, also across a restart."""

import time

import pytest

from http_node import WireClient, serve  # noqa: F401
from schema import MODERN, extension_schema

TASKS = {"extensions": {"io.modelcontextprotocol/tasks": {}}}


class TaskClient(WireClient):
    """Declares the tasks extension with every request."""

    def frame(self, method, params=None, id=None):
        frame = super().frame(method, params, id)
        frame["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] = TASKS
        return frame

    def begin(self, **arguments):
        reply = self.post(self.frame("tools/call", {
            "name": "wait_for_messages", "arguments": arguments})).json
        extension_schema("tasks").check("CreateTaskResult", reply["result"])
        return reply["result"]

    def fetch(self, task):
        reply = self.post(self.frame("tasks/get", {"taskId": task["taskId"]})).json
        if "result" in reply:
            extension_schema("tasks").check("GetTaskResult", reply["result"])
        return reply

    def settled(self, task, seconds=10):
        end = time.monotonic() + seconds
        while (now := self.fetch(task)["result"])["status"] == "working":
            assert time.monotonic() < end, "the task does not end"
        return now


@pytest.fixture
def served(serve):  # noqa: F811
    served = serve("ann")
    served.client().call("create_server", name="harbour")
    served.other = served.make_token("--scope", "messaging")["token"]
    return served


def client_of(served, token=None):
    return TaskClient(served.port, token or served.token, MODERN)


def test_a_long_wait_is_a_task(served):
    client = client_of(served)
    task = client.begin(timeout_s=600, channels=["#general"])
    assert task["resultType"] == "task" and task["ttlMs"] == 3_600_000
    assert client.fetch(task)["result"]["status"] == "working"
    served.client(served.other).call("send_message", channel="#general", body="wake up")
    done = client.settled(task)
    assert done["status"] == "completed"
    facts = done["result"]["structuredContent"]
    assert [one["text"] for one in facts["messages"]] == ["wake up"]
    assert facts["cursor"].startswith("c1_")


def test_short_waits_and_other_clients_get_no_task(served):
    client = client_of(served)
    reply = client.post(client.frame("tools/call", {
        "name": "wait_for_messages", "arguments": {"timeout_s": 0}})).json
    assert reply["result"]["resultType"] == "complete"
    reply = client.post(client.frame("tools/call", {
        "name": "wait_for_messages", "arguments": {"timeout_s": 600, "after": "c1_AAAA"}})).json
    assert client.settled(reply["result"])["result"]["isError"] is True
    wrong = client.post(client.frame("tools/call", {
        "name": "wait_for_messages", "arguments": {"timeout_s": 99_999}})).json
    assert wrong["result"]["isError"] is True


def test_tasks_belong_to_their_token(served):
    task = client_of(served).begin(timeout_s=600)
    other = client_of(served, served.other)
    refused = other.fetch(task)["error"]
    unknown = other.fetch({"taskId": "none"})["error"]
    assert refused == unknown and refused["code"] == -32602


def test_s279_at_most_sixteen_waits_and_cancel_frees_one(served):
    client = client_of(served)
    tasks = [client.begin(timeout_s=600) for _ in range(16)]
    refused = client.settled(client.begin(timeout_s=600))
    assert refused["result"]["structuredContent"]["error"]["code"] == "rate_limited"
    gone = client.post(client.frame("tasks/cancel", {"taskId": tasks[0]["taskId"]})).json
    assert gone["result"]["resultType"] == "complete"
    assert client.fetch(tasks[0])["result"]["status"] == "cancelled"
    again = client.begin(timeout_s=600)
    assert client.fetch(again)["result"]["status"] == "working"


@pytest.mark.parametrize("how", ["kill", "terminate"])
def test_a_wait_goes_on_in_the_next_process(serve, served, how):  # noqa: F811
    client = client_of(served)
    task = client.begin(timeout_s=600)
    getattr(served.process, how)()
    served.process.wait(10)
    again = serve(None, node=served.node)
    client = client_of(again)
    assert client.fetch(task)["result"]["status"] == "working"
    again.client(served.other).call("send_message", channel="#general", body="still there?")
    facts = client.settled(task)["result"]["structuredContent"]
    assert [one["text"] for one in facts["messages"]] == ["still there?"]


def test_a_revoked_token_leaves_no_tasks(served):
    made = served.make_token("--scope", "messaging")
    task = client_of(served, made["token"]).begin(timeout_s=600)
    served.node.command("token", "revoke", made["id"], "--data-dir", str(served.node.data))
    assert client_of(served).fetch(task)["error"]["code"] == -32602
