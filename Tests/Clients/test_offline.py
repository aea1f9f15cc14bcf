"""What a node keeps for peers that are away, and what it says of peers it cannot reach."""

import json
import socket
import time

import pytest

from http_node import serve  # noqa: F401
from schema import require_schemas
from test_events_more import facts, heard


SECONDS = 20
UNLIMITED = ("--limit", "requests=0", "--limit", "administrative=0")


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def meet(host, guest):
    facts(host, "create_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)


def texts(client):
    page = facts(client, "read_channel", channel="harbour/#general", limit=50)
    return [message["text"] for message in page["messages"]]


def test_s215_what_was_sent_alone_survives_a_restart_and_arrives_once(serve):  # noqa: F811
    ann, bob = serve("ann"), serve("bob")
    host, guest = ann.client(), bob.client()
    meet(host, guest)
    gone = heard(guest, "PeerDisconnected")
    assert ann.stop() == 0
    next(gone)
    wanted = ["one", "two", "three"]
    seqs = []
    for text in wanted:
        sent = facts(guest, "send_message", channel="harbour/#general", body=text)
        assert (sent["outcome"], sent["reached"]) == ("queued", 0)
        seqs.append(sent["seq"])
    assert seqs == list(range(seqs[0], seqs[0] + 3))
    assert facts(guest, "connection_info")["queue"]["events"] == 3
    assert bob.stop() == 0

    bob = serve(node=bob.node)
    guest = bob.client()
    assert facts(guest, "connection_info")["queue"]["events"] == 3
    emptied = heard(guest, "QueueChanged")
    ann = serve(node=ann.node)
    host = ann.client()
    while next(emptied)[1]["events"]:
        pass
    assert facts(guest, "connection_info")["queue"] == {"events": 0}
    after = facts(host, "inbox")["cursor"]
    while len(texts(host)) < 3:
        after = facts(host, "wait_for_messages", after=after, timeout_s=10)["cursor"]
    # Whatever comes twice or late would stand before the sentinel.
    facts(guest, "send_message", channel="harbour/#general", body="sentinel")
    while "sentinel" not in texts(host):
        after = facts(host, "wait_for_messages", after=after, timeout_s=10)["cursor"]
    assert texts(host) == [*wanted, "sentinel"] == texts(guest)


def refused(client, **arguments):
    return client.call("add_peer", confirm=True, **arguments)["structuredContent"]["error"]


def dialling(client):
    return facts(client, "connection_info").get("dialling", [])


def problem(client, address):
    """What went wrong at an address, once a try has ended."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for one in dialling(client):
            if one["address"] == address and "last_error" in one:
                return one["last_error"]
    return None


def test_s225_each_way_of_not_reaching_a_peer_has_its_own_word(serve):  # noqa: F811
    ann, bob = serve("ann", *UNLIMITED), serve("bob")
    client = ann.client()
    for address in ["nowhere", "127.0.0.1", "127.0.0.1:99999", "::1:5", ":80"]:
        error = refused(client, address=address)
        assert error["code"] == "invalid_argument" and "address" in error["message"], error
    own = facts(client, "connection_info")
    error = refused(client, address="127.0.0.1:9", peer_id=own["peer_id"])
    assert error["code"] == "invalid_argument" and "this node" in error["message"]
    assert dialling(client) == []

    with socket.socket() as closed:  # Bound and never listening: every dial is refused.
        closed.bind(("127.0.0.1", 0))
        there = f"127.0.0.1:{closed.getsockname()[1]}"
        asked = facts(client, "add_peer", address=there, peer_id="ab" * 32, confirm=True)
        assert asked["outcome"] == "queued" and asked["peer_id"] == "ab" * 32
        assert problem(client, there) == "dialFailed"
    bobs = facts(bob.client(), "connection_info")
    wrong = bobs["listening"][0]
    facts(client, "add_peer", address=wrong, peer_id="cd" * 32, confirm=True)
    assert problem(client, wrong) == "otherIdentity"
    mine = own["listening"][0]
    facts(client, "add_peer", address=mine, confirm=True)
    assert problem(client, mine) == "ownIdentity"
    shown = {one["address"]: one for one in dialling(client)}
    assert set(shown) == {there, wrong, mine}
    assert shown[wrong]["peer_id"] == "cd" * 32 and shown[there]["attempts"] >= 1
    assert facts(client, "connection_info")["peers"] == []

    # The right one is a link, and no longer among those that are tried.
    connected = heard(client, "PeerConnected")
    facts(client, "add_peer", address=wrong, peer_id=bobs["peer_id"], confirm=True)
    assert next(connected)[1]["peer_id"] == bobs["peer_id"]
    info = facts(client, "connection_info")
    assert [one["peer_id"] for one in info["peers"]] == [bobs["peer_id"]]
    assert {one["address"] for one in info["dialling"]} == {there, mine}
    assert json.dumps(info).count(wrong) == 1
