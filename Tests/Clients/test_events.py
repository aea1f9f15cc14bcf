"""Events: read by cursor, told live in both eras, within what a token may see."""

import json
import queue
import threading

import pytest

from http_node import WireClient, serve  # noqa: F401
from schema import MODERN

EVENTS = {"peer-agent/events": {}}
METHOD = "notifications/peer-agent/event"
CAUSED = ["MessageReceived", "ReactionAdded", "ChannelCreated", "KeyRotated"]


@pytest.fixture
def served(serve):  # noqa: F811
    served = serve("ann", "--limit", "posting=0", "--limit", "administrative=0", "--limit",
                   "requests=0")
    served.client().call("create_server", name="harbour")
    return served


class Listening(WireClient):
    """A modern client that declares events."""

    def frame(self, method, params=None, id=None):
        frame = super().frame(method, params, id)
        frame["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] = {
            "extensions": EVENTS}
        return frame

    def open(self, **wanted):
        """The acknowledged events, and a queue of every later message."""
        frame = self.frame("subscriptions/listen", {"notifications": {"peerEvents": wanted}})
        stream = self.post(frame, seconds=30)
        assert stream.is_stream, stream.body
        told = queue.Queue()

        def read():
            for _, data in stream.events():
                if data:
                    told.put(json.loads(data))

        threading.Thread(target=read, daemon=True).start()
        first = told.get(timeout=10)
        assert first["method"] == "notifications/subscriptions/acknowledged"
        return first["params"]["notifications"].get("peerEvents"), told


def listen(served, token=None, **wanted):
    return Listening(served.port, token or served.token, MODERN).open(**wanted)


def cause(client):
    """Something of several kinds; returns the message."""
    sent = client.call("send_message", channel="#general", body="one")["structuredContent"]
    client.call("react", channel="#general", message_id=sent["message_id"], emoji="👍")
    client.call("create_channel", name="build")  # With a key of its own.
    return sent["message_id"]


def check(event):
    assert event["type"] and event["cursor"].startswith("c1_") and event["at"].endswith("Z")
    assert isinstance(event["data"], dict)
    assert event["feed"] is None or event["feed"] > 0


def test_s304_list_events_replays_in_order(served):
    client = served.client()
    before = client.call("list_events")["structuredContent"]["cursor"]
    message = cause(client)
    page = client.call("list_events", after=before)["structuredContent"]
    types = [event["type"] for event in page["events"]]
    assert types == CAUSED
    for event in page["events"]:
        check(event)
    assert page["events"][0]["data"]["message_id"] == message
    assert page["events"][0]["data"]["channel"] == "general"
    feeds = [event["feed"] for event in page["events"]]
    assert feeds == sorted(set(feeds))
    # One at a time, by cursor, the same.
    found, cursor = [], before
    while True:
        one = client.call("list_events", after=cursor, limit=1)["structuredContent"]
        found += one["events"]
        cursor = one["cursor"]
        if not one["has_more"]:
            break
    assert found == page["events"]
    only = client.call("list_events", after=before, types=["ReactionAdded"])["structuredContent"]
    assert [event["type"] for event in only["events"]] == ["ReactionAdded"]
    assert only["cursor"] == page["cursor"]
    refused = client.call("list_events", types=["Nothing"])["structuredContent"]["error"]
    assert refused["code"] == "invalid_argument"
    refused = client.call("list_events", after="c1_AAAA")["structuredContent"]["error"]
    assert refused["code"] == "bad_cursor"


def test_s304_modern_events_replay_then_live(served):
    client = served.client()
    before = client.call("list_events")["structuredContent"]["cursor"]
    cause(client)
    heard, told = listen(served, after=before)
    assert heard["cursor"] == before
    for expected in CAUSED:
        event = told.get(timeout=10)
        assert event["method"] == METHOD
        check(event["params"])
        assert event["params"]["type"] == expected
        assert "io.modelcontextprotocol/subscriptionId" in event["params"]["_meta"]
    client.call("send_message", channel="#general", body="live")
    event = told.get(timeout=10)["params"]
    assert event["type"] == "MessageReceived"
    # A stream that is opened again goes on without a gap or a repeat.
    client.call("rename_channel", channel="#build", name="works")
    heard, again = listen(served, after=event["cursor"])
    assert again.get(timeout=10)["params"]["type"] == "ChannelRenamed"


def test_modern_events_are_filtered(served):
    client = served.client()
    heard, told = listen(served, types=["ChannelCreated", "Unheard"], channels=["#general", "#no"])
    assert heard["types"] == ["ChannelCreated"]
    _, kinds = listen(served, types=["ChannelCreated"])
    cause(client)
    assert kinds.get(timeout=10)["params"]["data"]["name"] == "build"
    token = served.make_token("--channels", "#build", "--scope", "full")["token"]
    before = served.client(token).call("list_events")["structuredContent"]
    assert "general" not in json.dumps(before["events"])
    _, scoped = listen(served, token)
    client.call("send_message", channel="#general", body="hidden")
    client.call("send_message", channel="#build", body="shown")
    event = scoped.get(timeout=10)["params"]
    assert event["type"] == "MessageReceived" and event["data"]["channel"] == "build"
    plain = served.client()
    frame = plain.frame("subscriptions/listen", {"notifications": {"peerEvents": {}}})
    first = json.loads(next(data for _, data in plain.post(frame).events() if data))
    assert "peerEvents" not in first["params"]["notifications"]


@pytest.mark.parametrize("wanted, code", [
    ({"after": "c1_AAAA"}, -32602), ({"types": "x"}, -32602), ({"after": 5}, -32602),
])
def test_bad_filters_are_refused(served, wanted, code):
    client = Listening(served.port, served.token, MODERN)
    frame = client.frame("subscriptions/listen", {"notifications": {"peerEvents": wanted}})
    answer = client.post(frame)
    reply = answer.frames()[-1]
    assert reply["error"]["code"] == code


class LegacyListening(WireClient):
    def initialize(self, wanted):
        greeting = self.result("initialize", {
            "protocolVersion": self.revision,
            "capabilities": {"experimental": {"peer-agent/events": wanted}},
            "clientInfo": {"name": "wire", "version": "1"}})
        assert greeting["capabilities"]["experimental"] == {"peer-agent/events": {}}
        self.session = self.last.headers["mcp-session-id"]
        assert self.post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status == 202


def test_legacy_events_only_for_who_declared_them(served):
    client = LegacyListening(served.port, served.token, "2025-11-25")
    client.initialize({"types": ["ChannelCreated"]})
    events = (json.loads(data) for _, data in client.listen(seconds=30).events() if data)
    silent = WireClient(served.port, served.token, "2025-11-25")
    silent.initialize()
    heard = (json.loads(data) for _, data in silent.listen(seconds=30).events() if data)
    cause(served.client())
    event = next(one for one in events if one["method"] == METHOD)["params"]
    check(event)
    assert event["type"] == "ChannelCreated" and event["data"]["name"] == "build"
    silent_first = next(heard)
    assert silent_first["method"] == "notifications/resources/list_changed"


def test_s304_nothing_is_lost_or_doubled_by_a_kill(serve):  # noqa: F811
    """A listener that goes on from its last cursor after `kill -9` has seen everything once."""
    served = serve("ann", "--limit", "posting=0", "--limit", "requests=0")
    client = served.client()
    client.call("create_server", name="harbour")
    start = client.call("list_events")["structuredContent"]["cursor"]
    _, told = listen(served, after=start, types=["MessageReceived"])
    for number in range(20):
        client.call(
            "send_message", channel="#general", body=str(number), client_msg_id=f"m-{number}")
    seen = [told.get(timeout=10)["params"] for _ in range(7)]
    served.process.kill()
    served.process.wait()
    again = serve(None, "--limit", "posting=0", "--limit", "requests=0", node=served.node)
    client = again.client()
    retried = client.call(
        "send_message", channel="#general", body="19", client_msg_id="m-19")["structuredContent"]
    assert retried["duplicate"] is True
    client.call("send_message", channel="#general", body="20", client_msg_id="m-20")
    _, told = listen(again, after=seen[-1]["cursor"], types=["MessageReceived"])
    seen += [told.get(timeout=10)["params"] for _ in range(14)]
    feeds = [event["feed"] for event in seen]
    assert feeds == sorted(set(feeds))
    messages = [event["data"]["message_id"] for event in seen]
    assert len(set(messages)) == 21


def test_events_as_a_resource(served):
    client = served.client()
    cause(client)
    read = client.result("resources/read", {"uri": "peer://events?limit=4"})["contents"][0]
    page = json.loads(read["text"])
    assert [event["type"] for event in page["events"]] == CAUSED
    after = page["events"][1]["cursor"]
    read = client.result("resources/read", {"uri": f"peer://events?after={after}"})["contents"][0]
    assert [event["type"] for event in json.loads(read["text"])["events"]] == CAUSED[2:]
    for uri in ("peer://events?limit=0", "peer://events?x=1", "peer://events?after=c1_AAAA"):
        assert "error" in client.ask("resources/read", {"uri": uri})
    frame = client.frame("subscriptions/listen", {"notifications": {
        "resourceSubscriptions": ["peer://events"]}})
    events = (json.loads(data) for _, data in client.post(frame, seconds=30).events() if data)
    assert next(events)["params"]["notifications"] == {"resourceSubscriptions": ["peer://events"]}
    served.client().call("send_message", channel="#general", body="news")
    assert next(events)["params"]["uri"] == "peer://events"


def test_s090_a_resource_beyond_the_scope_says_what_it_needs(served):
    token = served.make_token("--scope", "messaging")["token"]
    refused = served.client(token).ask("resources/read", {"uri": "peer://server/join-links"})
    assert refused["error"]["code"] == 4003 and refused["error"]["data"]["needed"] == ["admin"]
