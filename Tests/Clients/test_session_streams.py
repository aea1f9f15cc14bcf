"""Streams of legacy sessions across `kill -9`: nothing that was told is missed or told twice."""

import json
import signal

import pytest

from http_node import serve  # noqa: F401
from schema import require_schemas

REVISION = "2025-11-25"
URI = "peer://channel/general/messages"
EVENTS = {"experimental": {"peer-agent/events": {"types": ["MessageReceived"]}}}


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


class Restarting:
    """A node that is killed and started again under the client that it serves."""

    def __init__(self, serve, node):  # noqa: F811
        self.serve = serve
        self.node = node
        self.served = serve(node=node)
        self.client = self.served.client(revision=REVISION)

    def initialize(self, capabilities=None):
        client = self.client
        client.result("initialize", {
            "protocolVersion": REVISION, "capabilities": capabilities or {},
            "clientInfo": {"name": "wire", "version": "1"}})
        client.session = client.last.headers["mcp-session-id"]
        told = client.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert told.status == 202
        client.call("create_server", name="harbour")
        return client

    def kill(self):
        self.served.process.send_signal(signal.SIGKILL)
        self.served.process.wait()

    def start(self):
        self.served = self.serve(node=self.node)
        self.client.port = self.served.port

    def restart(self):
        self.kill()
        self.start()

    def other(self):
        """Somebody else's client of the same node."""
        return self.served.client(self.served.make_token("--scope", "full")["token"])

    def sent(self, text):
        other = self.other()
        other.call("send_message", channel="harbour/#general", body=text)


@pytest.fixture
def life(serve, make_node):  # noqa: F811
    return Restarting(serve, make_node("ann"))


def begun_wait(client, seconds, **more):
    """A wait whose stream has begun, as the id of its first event."""
    frame = client.frame("tools/call", {
        "name": "wait_for_messages", "arguments": {"timeout_s": seconds} | more,
        "_meta": {"progressToken": "p"}})
    answer = client.post(frame, seconds=30)
    events = answer.events()
    priming, data = next(events)
    assert data == ""
    return frame, answer, events, priming


def cut(answer):
    answer.connection.close()
    answer.response.close()


def rest(client, after, seconds=30):
    """What a stream says after an event, until it ends; every frame is checked."""
    found = []
    for id, data in client.listen(after, seconds=seconds).events():
        if data:
            frame = json.loads(data)
            client.schema.check_frame(frame, "tools/call" if "result" in frame else None)
            found.append((id, frame))
    return found


def test_a_wait_goes_on_in_the_next_process(life):
    client = life.initialize()
    frame, answer, _, priming = begun_wait(client, 50)
    cut(answer)
    life.restart()
    life.sent("after the restart")
    told = rest(client, priming)
    (id, last) = told[-1]
    assert last["id"] == frame["id"]
    assert [one["text"] for one in last["result"]["structuredContent"]["messages"]] == [
        "after the restart"]
    progress = [one["params"]["progress"] for _, one in told if "method" in one]
    assert progress == sorted(set(progress))
    # The same again, also in a third process; and after the answer there is nothing more.
    assert rest(client, priming) == told
    life.restart()
    assert rest(client, priming) == told
    assert rest(client, id) == []


def test_a_message_of_the_time_between_is_not_missed(life):
    """It is posted while nobody listens, right before the kill, and found by the renewed wait."""
    client = life.initialize()
    frame, answer, _, priming = begun_wait(client, 50, settle_ms=10_000)
    cut(answer)
    life.sent("just in time")
    life.restart()
    told = rest(client, priming)
    assert told[-1][1]["id"] == frame["id"]
    messages = told[-1][1]["result"]["structuredContent"]["messages"]
    assert [one["text"] for one in messages] == ["just in time"]


def test_a_node_that_stops_in_order_leaves_the_wait_to_the_next(life):
    client = life.initialize()
    frame, answer, events, priming = begun_wait(client, 50)
    assert life.served.stop() == 0
    assert [data for _, data in events if data and "id" in json.loads(data)] == []
    life.start()
    life.sent("after the stop")
    last = rest(client, priming)[-1][1]
    assert last["id"] == frame["id"]
    assert [one["text"] for one in last["result"]["structuredContent"]["messages"]] == [
        "after the stop"]


def test_a_wait_that_is_over_meanwhile_times_out_at_once(life):
    client = life.initialize()
    frame, answer, _, priming = begun_wait(client, 16)
    cut(answer)
    life.restart()
    last = rest(client, priming)[-1][1]
    assert last["id"] == frame["id"]
    assert last["result"]["structuredContent"]["timed_out"] is True


def test_other_calls_are_answered_as_interrupted(life, own_fixtures):
    """The fixture server has a tool that takes its time; it runs on the same library."""
    client = own_fixtures.legacy()
    frame = client.frame("tools/call", {
        "name": "slow_compute", "arguments": {"seconds": 25}}, id="nine")
    answer = client.post(frame, seconds=30)
    priming, _ = next(answer.events())
    cut(answer)
    own_fixtures.kill()
    own_fixtures.start(port=own_fixtures.port)
    told = rest(client, priming)
    assert [one["id"] for _, one in told] == ["nine"]
    assert told[0][1]["error"]["code"] == -32603
    assert told[0][1]["error"]["message"] == "interrupted"
    assert rest(client, told[0][0]) == []


def listened(client, after=None):
    answer = client.listen(after)
    return answer, answer.events()


def texts_until(events, count):
    """Ids and message ids of that many events about messages."""
    found = []
    while len(found) < count:
        id, data = next(events)
        if not data:
            continue
        frame = json.loads(data)
        if frame["method"] == "notifications/peer-agent/event":
            found.append((id, frame["params"]))
    return found


def test_events_are_told_once_across_a_restart(life):
    client = life.initialize(EVENTS)
    answer, events = listened(client)
    life.sent("one")
    life.sent("two")
    heard = texts_until(events, 2)
    last = heard[-1][0]
    cut(answer)
    life.sent("three")
    life.restart()
    life.sent("four")
    answer, events = listened(client, last)
    heard += texts_until(events, 2)
    feeds = [one["feed"] for _, one in heard]
    assert feeds == sorted(set(feeds)), "told twice or out of order"
    cut(answer)
    life.restart()
    life.sent("five")
    answer, events = listened(client, heard[-1][0])
    heard += texts_until(events, 1)
    ids = [id for id, _ in heard]
    assert len(set(ids)) == len(ids)
    page = client.call("read_channel", channel="harbour/#general")["structuredContent"]
    stored = [one["id"] for one in page["messages"]]
    told = [one["data"]["message_id"] for _, one in heard]
    assert [one[:16] for one in told] == [one[:16] for one in stored] and len(stored) == 5


def test_subscriptions_are_told_after_a_restart(life):
    client = life.initialize()
    client.result("resources/subscribe", {"uri": URI})
    answer, events = listened(client)
    first, data = next(events)
    assert data == ""
    cut(answer)
    life.restart()
    _, events = listened(client, first)
    frames = []
    for _, data in events:
        if data:
            frames.append(json.loads(data))
        if frames and frames[-1].get("params", {}).get("uri") == URI:
            break
    client.schema.check_frame(frames[-1])


def test_a_stream_that_was_ended_is_forgotten_with_its_session(life):
    client = life.initialize()
    _, answer, _, priming = begun_wait(client, 50)
    cut(answer)
    ended = client.request("DELETE", headers={"Mcp-Session-Id": client.session})
    assert ended.status == 204
    life.restart()
    headers = {"Accept": "text/event-stream", "Mcp-Session-Id": client.session}
    assert client.request("GET", headers=headers | {"Last-Event-ID": priming}).status == 404
    assert client.post(client.frame("ping")).status == 404


def test_unknown_events_are_still_unknown_after_a_restart(life):
    client = life.initialize()
    life.restart()
    headers = {"Accept": "text/event-stream", "Mcp-Session-Id": client.session}
    assert client.request("GET", headers=headers | {"Last-Event-ID": "7-7"}).status == 400


def test_a_retried_send_posts_once(life):
    client = life.initialize()
    first = client.call(
        "send_message", channel="#general", body="once", client_msg_id="try-1")
    life.restart()
    again = client.call(
        "send_message", channel="#general", body="once", client_msg_id="try-1")
    assert again["structuredContent"]["duplicate"] is True
    assert (again["structuredContent"]["message_id"]
            == first["structuredContent"]["message_id"])
    page = client.call("read_channel", channel="#general")["structuredContent"]
    assert [one["text"] for one in page["messages"]] == ["once"]
    other = client.call(
        "send_message", channel="#general", body="twice", client_msg_id="try-1")
    assert other["structuredContent"]["error"]["code"] == "conflict"
