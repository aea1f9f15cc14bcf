"""Events about oneself: what is unread, what one may do, and what one was too slow to hear."""

import json
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from http_node import META, WireClient, serve  # noqa: F401
from schema import MODERN
from test_events import METHOD, LegacyListening, check, listen

LEGACY = "2025-11-25"


@pytest.fixture
def served(serve):  # noqa: F811
    served = serve("ann", "--limit", "posting=0", "--limit", "small-acts=0", "--limit",
                   "requests=0")
    served.client().call("create_server", name="harbour")
    return served


def legacy(served, token=None, **wanted):
    """The events of a legacy session that declares them."""
    client = LegacyListening(served.port, token or served.token, LEGACY)
    client.initialize(wanted)
    stream = client.listen(seconds=60).events()
    frames = (json.loads(data) for _, data in stream if data)
    events = (one["params"] for one in frames if one["method"] == METHOD)
    return client, events


def modern(served, token=None, **wanted):
    _, told = listen(served, token, **wanted)
    frames = iter(lambda: told.get(timeout=30), None)
    return (one["params"] for one in frames if one["method"] == METHOD)


def settled(events, unread):
    """The first event that says so many are unread; those before it say fewer."""
    for event in events:
        check(event)
        assert event["type"] == "UnreadChanged" and event["feed"] is None
        assert set(event["data"]) == {"channel", "unread", "mentions"}
        if event["data"]["unread"] == unread:
            return event
        assert event["data"]["unread"] < unread


@pytest.mark.parametrize("era", ["modern", "legacy"])
def test_what_is_unread_is_told_to_who_has_not_read_it(served, era):
    reader = served.make_token("--scope", "messaging")["token"]
    types = ["UnreadChanged"]
    if era == "modern":
        events = modern(served, reader, types=types)
    else:
        _, events = legacy(served, reader, types=types)
    sender = served.client()
    for number in range(3):
        sender.call("send_message", channel="#general", body=f"{number}")
    event = settled(events, 3)
    assert event["data"] == {"channel": "general", "unread": 3, "mentions": 0}
    assert event["server_id"]
    served.client(reader).call("mark_read", channel="#general")
    assert next(events)["data"] == {"channel": "general", "unread": 0, "mentions": 0}


def test_unread_is_of_channels_that_exist_for_the_token(served):
    sender = served.client()
    sender.call("create_channel", name="build")
    reader = served.make_token("--scope", "messaging", "--channels", "#build")["token"]
    events = modern(served, reader, types=["UnreadChanged"])
    sender.call("send_message", channel="#general", body="hidden")
    sender.call("send_message", channel="#build", body="shown")
    assert next(events)["data"] == {"channel": "build", "unread": 1, "mentions": 0}
    only = modern(served, reader, types=["UnreadChanged"], channels=["#build"])
    sender.call("send_message", channel="#build", body="again")
    assert next(only)["data"]["unread"] == 2


def configure(served, **mcp):
    (served.node.data / "config.json").write_text(json.dumps({"mcp": mcp}))
    served.process.send_signal(signal.SIGHUP)
    served.node.logs[-1].wait_for("the configuration was read again|stays as it was")


@pytest.mark.parametrize("era", ["modern", "legacy"])
def test_s298_other_rights_are_told_to_their_owner_alone(make_node, era):
    node = make_node("ann", "--server-name", "Lab")
    (node.data / "config.json").write_text('{"mcp": {"scope": "messaging"}}')
    served = Configured(node)
    try:
        wanted = {"types": ["ScopeChanged", "MessageReceived"]}
        open_ = modern if era == "modern" else lambda *a, **w: legacy(*a, **w)[1]
        other = modern(served, served.make_token("--scope", "messaging")["token"], **wanted)
        mine = open_(served, **wanted)
        before = len(served.client().result("tools/list")["tools"])
        configure(served, scope="admin")
        event = next(mine)
        check(event)
        assert event["type"] == "ScopeChanged" and event["feed"] is None
        assert set(event["data"]) == {"toolsets", "tools"}
        assert "members" in event["data"]["toolsets"]
        now = len(served.client().result("tools/list")["tools"])
        assert event["data"]["tools"] == now > before
        # The stream goes on under the new rights, and nobody else heard of it.
        served.client().call("send_message", channel="#general", body="still here")
        assert next(mine)["type"] == "MessageReceived"
        assert next(other)["type"] == "MessageReceived"
    finally:
        assert served.stop() == 0


class Configured:
    """A node whose rights come from its configuration file."""

    def __init__(self, node):
        self.node = node
        log = node.new_log()
        self.process = subprocess.Popen(
            [node.binary, "run", "--data-dir", str(node.data), "--listen", "none", "--no-lan",
             "--transport", "http", "--bind", "127.0.0.1:0"],
            env=node.environment, stdout=subprocess.PIPE, stderr=log.writer, text=True)
        log.spawned()
        node.processes.append(self.process)
        ready = json.loads(self.process.stdout.readline())
        self.port = int(ready["url"].rsplit(":", 1)[1].split("/")[0])
        self.token = Path(ready["token_file"]).read_text().strip()

    def client(self, token=None):
        return WireClient(self.port, token or self.token, MODERN)

    def make_token(self, *options):
        made = self.node.command(
            "token", "create", "--json", "--data-dir", str(self.node.data), *options)
        return json.loads(made.stdout)

    def stop(self):
        self.process.terminate()
        return self.process.wait(10)


STREAMS = 8


def test_s278_who_does_not_read_a_pipe_is_told_once_where_to_read_on(served):
    """The socket file in newline framing: several streams on one pipe that nobody reads."""
    client = served.client()
    message = client.call("send_message", channel="#general", body="x")["structuredContent"]
    meta = META | {
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {"peer-agent/events": {}}}}
    with socket.socket(socket.AF_UNIX) as pipe:
        pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        pipe.settimeout(60)
        pipe.connect(str(served.node.data / "node.sock"))
        reader = pipe.makefile("rb")
        pipe.sendall(b'{"peer_agent_hello":1,"scope":"full"}\n')
        assert json.loads(reader.readline())["ok"]
        for number in range(STREAMS):
            frame = {
                "jsonrpc": "2.0", "id": number, "method": "subscriptions/listen",
                "params": {
                    "_meta": meta,
                    "notifications": {"peerEvents": {"types": ["MessageEdited"]}}}}
            pipe.sendall(json.dumps(frame).encode() + b"\n")
            assert json.loads(reader.readline())["method"].endswith("acknowledged")
        edits = 0
        while True:  # Until the node has dropped something.
            client.call(
                "edit_message", message_id=message["message_id"],
                new_body=f"{edits}" + "ü" * 1_500)
            edits += 1
            assert edits < 2_000
            metrics = client.request("GET", "/metrics").body.decode()
            if dropped(metrics) > 0:
                break
        told = [[] for _ in range(STREAMS)]
        resyncs = {}
        heard = set()
        while len(heard) < STREAMS:
            event = json.loads(reader.readline())["params"]
            stream = event["_meta"]["io.modelcontextprotocol/subscriptionId"]
            if event["type"] == "Resync":
                assert stream not in resyncs
                resyncs[stream] = event["data"] | {"before": len(told[stream])}
                if len(resyncs) == STREAMS:
                    client.call(
                        "edit_message", message_id=message["message_id"],
                        new_body="heard again")
                continue
            told[stream].append(event["feed"])
            if event["data"]["new_body"] == "heard again":
                heard.add(stream)
        for stream in range(STREAMS):
            assert told[stream] == sorted(set(told[stream]))
            notice = resyncs[stream]
            assert notice["dropped"] > 0
            # Every edit was told or is counted, and the cursor stands right before the first.
            assert len(told[stream]) + notice["dropped"] == edits + 1
            rest = client.call(
                "list_events", after=notice["cursor"], types=["MessageEdited"],
                limit=1)["structuredContent"]
            feeds = told[stream][:notice["before"]]
            assert rest["events"][0]["feed"] == feeds[-1] + 1


def dropped(metrics):
    return next(
        int(line.split()[1]) for line in metrics.splitlines()
        if line.startswith("peer_agent") and "dropped" in line.split()[0])
