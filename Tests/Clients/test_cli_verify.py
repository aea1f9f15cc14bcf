"""`verify` against other nodes: what it says and how it ends."""

import json
import socket
import threading
from pathlib import Path

import pytest

from cli import Shell
from http_node import serve  # noqa: F401
from schema import require_schemas
from test_events_more import facts, heard

PEER = "5e" * 32
# Makes a debug build hold one wrong folded row in each server.
HOOK = "PEER_TEST_WRONG_ROWS"
# Comparing is dear, so a node does it a few times a minute unless it is told otherwise.
FREELY = ("--limit", "verify-state=0")


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def test_s330_it_ends_with_0_when_all_agree_and_9_when_nobody_is_there(serve):  # noqa: F811
    ann, bob = serve("ann", *FREELY), serve("bob")
    host, guest = ann.client(), bob.client()
    facts(host, "create_server", name="harbour")
    alone = Shell(ann.node)("verify", "--timeout", "1", code=9)
    assert "no peer answered" in alone.stderr
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)
    place = facts(guest, "inbox")["cursor"]
    facts(host, "send_message", channel="harbour/#general", body="hello")
    facts(guest, "wait_for_messages", after=place, timeout_s=20)
    told = json.loads(Shell(ann.node).out("verify", "--json"))
    assert told["verdict"] == "agree"
    [peer] = told["peers"]
    assert (peer["verdict"], peer["their_hash"]) == ("agree", told["state_hash"])
    assert told["state_hash"] in Shell(ann.node).out("verify")
    gone = heard(host, "PeerDisconnected")
    assert bob.stop() == 0
    next(gone)
    Shell(ann.node)("verify", "--timeout", "1", code=9)


def joined(serve):  # noqa: F811
    """Two linked members of one server who hold the same."""
    ann, bob = serve("ann", *FREELY), serve("bob")
    host, guest = ann.client(), bob.client()
    facts(host, "create_server", name="haven")
    # The hook alters the last of the names it was given.
    facts(host, "rename_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)
    place = facts(guest, "inbox")["cursor"]
    facts(host, "send_message", channel="harbour/#general", body="hello")
    facts(guest, "wait_for_messages", after=place, timeout_s=20)
    return ann, bob


def test_s330_a_node_that_was_altered_is_named_with_the_section(serve, monkeypatch):  # noqa: F811
    ann, bob = joined(serve)
    if HOOK.encode() not in Path(ann.node.binary).read_bytes():
        pytest.skip("only a debug build can be altered")
    ids = {n: n.node.command("run", "--print-peer-id", "--data-dir", str(n.node.data)).stdout
           .strip() for n in (ann, bob)}
    told = json.loads(Shell(ann.node).out("verify", "--json"))
    assert told["verdict"] == "agree"
    linked = heard(ann.client(), "PeerConnected")
    assert bob.stop() == 0
    monkeypatch.setenv(HOOK, "1")
    wrong = serve("bob", node=bob.node)
    next(linked)
    for asked, other in ((ann, bob), (wrong, ann)):
        done = Shell(asked.node)("verify", code=10)
        assert f"peer {ids[other]} differs in section 1" in done.stderr
        assert f"{ids[other]}  differ" in done.stdout
    differ = json.loads(Shell(ann.node)("verify", "--json", code=10).stdout)
    [peer] = differ["peers"]
    assert (peer["verdict"], peer["section"]) == ("differ", 1)
    # What is wrong is one folded row there: neither events nor this node.
    assert differ["state_hash"] == told["state_hash"] != peer["their_hash"]
    linked = heard(ann.client(), "PeerConnected")
    assert wrong.stop() == 0
    monkeypatch.delenv(HOOK)
    serve("bob", node=bob.node)
    next(linked)
    again = json.loads(Shell(ann.node).out("verify", "--json"))
    assert (again["verdict"], again["state_hash"]) == ("agree", told["state_hash"])


class Differing:
    """A node on a socket file whose state is another than a peer's, as far as it says."""

    RESULT = {
        "verdict": "differ", "state_hash": "aa" * 32, "agreeing": 0,
        "peers": [{"peer_id": PEER, "verdict": "differ", "their_hash": "bb" * 32, "section": 7}],
    }

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        link, _ = self.listener.accept()
        with link, link.makefile("rwb") as lines:
            json.loads(lines.readline())
            lines.write(b'{"ok":true}\n')
            lines.flush()
            for line in lines:
                asked = json.loads(line)
                content = [{"type": "text", "text": json.dumps(self.RESULT)}]
                answer = {"content": content, "structuredContent": self.RESULT,
                          "resultType": "complete"}
                frame = {"jsonrpc": "2.0", "id": asked["id"], "result": answer}
                lines.write(json.dumps(frame).encode() + b"\n")
                lines.flush()


def test_s330_it_ends_with_10_and_names_who_differs_and_where(make_node):
    node = make_node("ann")
    Differing(node.data / "node.sock")
    done = Shell(node)("verify", code=10)
    assert PEER in done.stderr and "section 7" in done.stderr
    assert f"{PEER}  differ" in done.stdout
