"""S-260: events that take a rollback, a vote that fails, a fork or a damaged state, each caused
for real by nodes that are honest, or by one whose directory was put back."""

import re

import pytest

from harness import ROOT
from hostile import Kept, until
from http_node import serve  # noqa: F401
from schema import require_schemas
from test_cli_verify import HOOK
from test_events_each import ELSEWHERE, OPEN, Cast, Told, fact, has

FREELY = ("--limit", "verify-state=0")


@pytest.fixture
def cast(serve):  # noqa: F811
    require_schemas()
    return Cast(serve)


def test_s034_s260_what_a_rollback_voids_comes_back_with_it(cast):
    ann, told, by, cyd = cast.ann, cast.told, cast.ids["ann"], cast.ids["cyd"]
    sent = [fact(cast.cyd, "send_message", channel=cast.general, body=f"{number}")
            for number in range(3)]
    ids = [one["event_id"] for one in sent]
    told.expect("MessageReceived", message_id=ids[2])
    until(lambda: has(ann, ids[2]))
    kicked = fact(ann, "kick_member", peer_id=cyd, server=cast.server, last_accepted=ids[0],
                  confirm=True)
    assert kicked["voided"] == 2
    pin = {"seq": sent[0]["seq"], "event_id": ids[0]}
    assert told.expect("MemberKicked", peer_id=cyd, by=by)["last_accepted"] == pin
    for id in ids[1:]:
        told.expect("EventVoided", event_id=id, author=cyd, rule="voidedByRemoval",
                    was="MessageReceived")
    back = fact(ann, "extend_removal", event_id=kicked["event_id"], up_to=ids[1],
                server=cast.server)
    pin = {"seq": sent[1]["seq"], "event_id": ids[1]}
    assert back["returned"] == 1 and back["last_accepted"] == pin
    told.expect("RemovalExtended", peer_id=cyd, by=by, last_accepted=pin)
    told.expect("EventRestored", event_id=ids[1], author=cyd, rule="voidedByRemoval",
                was="MessageReceived")
    sentinel = fact(ann, "send_message", channel=cast.general, body="sentinel")["message_id"]
    told.expect("MessageReceived", message_id=sentinel)
    assert not [one for one in told.seen if one["type"] == "EventRestored"]
    assert has(cast.bob, ids[1]) and not has(cast.bob, ids[2])


def test_s260_what_returns_after_a_restart_says_why_it_had_fallen(cast):
    sent = [fact(cast.cyd, "send_message", channel=cast.general, body=f"{number}")
            for number in range(2)]
    until(lambda: has(cast.ann, sent[1]["event_id"]))
    kicked = fact(cast.ann, "kick_member", peer_id=cast.ids["cyd"], server=cast.server,
                  last_accepted=sent[0]["event_id"], confirm=True)
    assert cast.nodes["ann"].stop() == 0
    again = cast.serve(node=cast.nodes["ann"].node).client()
    start = fact(again, "inbox")["cursor"]
    fact(again, "extend_removal", event_id=kicked["event_id"], up_to=sent[1]["event_id"],
         server=cast.server)
    [back] = fact(again, "list_events", after=start, types=["EventRestored"])["events"]
    assert back["data"]["event_id"] == sent[1]["event_id"]
    assert back["data"]["rule"] == "voidedByRemoval"


def test_s171_s260_a_channel_that_is_revived(cast):
    made = fact(cast.ann, "create_channel", name="fair", server=cast.server, idle="1h")
    cast.told.expect("ChannelCreated", channel_id=made["channel_id"])
    revived = fact(cast.cyd, "revive_channel", channel=made["channel_id"])
    assert (revived["outcome"], revived["state"]) == ("applied", "active")
    cast.told.expect(
        "ChannelRevived", channel="fair", channel_id=made["channel_id"], state="active")


def proposed(cast):
    """What two admins must agree on, asked for by one."""
    fact(cast.ann, "trust_peer", peer_id=cast.ids["cyd"], level="admin", server=cast.server)
    until(lambda: fact(cast.cyd, "list_proposals", server=cast.server) is not None and any(
        event["type"] == "PeerTrusted"
        for event in fact(cast.cyd, "list_events", types=["PeerTrusted"])["events"]))
    asked = fact(cast.ann, "set_threshold", threshold="count:2", server=cast.server)
    assert (asked["outcome"], asked["have"], asked["need"]) == ("proposed", 1, 2)
    cast.told.expect("ProposalCreated", proposal_id=asked["proposal_id"])
    return asked


def test_s047_s260_a_proposal_that_cannot_succeed_any_more(cast):
    asked = proposed(cast)
    proposal = asked["proposal_id"]
    until(lambda: fact(cast.cyd, "list_proposals", server=cast.server)["proposals"])
    voted = fact(cast.cyd, "vote", proposal_id=proposal, accept=False)
    assert (voted["state"], voted["against"]) == ("failed", 1)
    cast.told.expect("VoteCast", proposal_id=proposal, voter=cast.ids["cyd"], accept=False)
    cast.told.expect("ProposalFailed", proposal_id=proposal)
    late = cast.cyd.call("vote", proposal_id=proposal, accept=True)["structuredContent"]["error"]
    assert late["code"] == "proposal_closed"


@pytest.mark.alone
def test_s049_s260_a_proposal_that_outlives_its_events(cast):
    """Its life is counted in events of the log; no clock is asked."""
    asked = proposed(cast)
    kept = Kept(cast.ann)
    for number in range(asked["life_left"] + 1):
        status, reply, _ = kept.post(cast.ann.frame("tools/call", {
            "name": "send_message", "arguments": {
                "channel": cast.general, "body": f"{number}"}}))
        assert status == 200 and not reply["result"].get("isError"), reply
    cast.told.expect("ProposalExpired", proposal_id=asked["proposal_id"])
    found = fact(cast.bob, "list_proposals", server=cast.server, state="all")["proposals"]
    assert [one["state"] for one in found] == ["expired"]
    until(lambda: fact(cast.cyd, "list_proposals", server=cast.server)["proposals"] == [])


def test_s070_s074_s260_a_directory_put_back_in_place_is_a_fork_that_is_settled(cast):
    """Its files have their old bytes under their old names, which no node can notice; in another
    network nobody tells it what it wrote since."""
    told, cyd = cast.told, cast.ids["cyd"]
    first = fact(cast.cyd, "send_message", channel=cast.general, body="one")["message_id"]
    told.expect("MessageReceived", message_id=first)
    node = cast.nodes["cyd"].node
    assert cast.nodes["cyd"].stop() == 0
    files = {path: path.read_bytes() for path in node.data.iterdir() if path.is_file()}
    served = cast.serve(None, *OPEN, node=node)
    left = fact(served.client(), "send_message", channel=cast.general, body="left")
    told.expect("MessageReceived", message_id=left["event_id"])
    assert served.stop() == 0
    for path in [path for path in node.data.iterdir() if path.is_file()]:
        if path in files:
            path.write_bytes(files[path])
        else:
            path.unlink()
    served = cast.serve(None, *OPEN, "--network", "elsewhere", "--no-lan", node=node)
    right = fact(served.client(), "send_message", channel=cast.general, body="right")
    assert right["seq"] == left["seq"] and right["event_id"] != left["event_id"]
    assert served.stop() == 0
    cast.serve(None, *OPEN, node=node)
    event = told.expect("ForkDetected", author=cyd, seq=left["seq"])
    assert set(event["event_ids"]) == {left["event_id"], right["event_id"]}
    until(lambda: "error" not in cast.ann.call(
        "why", subject=right["event_id"])["structuredContent"])
    settled = fact(cast.ann, "confirm_branch", event_id=left["event_id"], server=cast.server,
                   confirm=True)
    assert settled["peer_id"] == cyd
    told.expect("BranchConfirmed", peer_id=cyd, by=cast.ids["ann"],
                last_accepted={"seq": left["seq"], "event_id": left["event_id"]})
    until(lambda: has(cast.bob, left["event_id"]))
    assert not has(cast.bob, right["event_id"])


def test_s020_s260_states_that_differ(cast, monkeypatch):
    """One node holds a wrong folded row; its peer's client hears of it with the section."""
    binary = cast.nodes["ann"].node.binary
    with open(binary, "rb") as program:
        if HOOK.encode() not in program.read():
            pytest.skip("only a debug build can be altered")
    fact(cast.ann, "rename_server", name="haven", server=cast.server)
    told, bob = Told(cast.nodes["ann"]), cast.nodes["bob"]
    assert bob.stop() == 0
    monkeypatch.setenv(HOOK, "1")
    cast.serve(None, *OPEN, *FREELY, node=bob.node)
    told.expect("PeerConnected", peer_id=cast.ids["bob"])
    event = told.expect("StateHashMismatch", peer_id=cast.ids["bob"])
    assert event["our_hash"] != event["their_hash"] and event["heads_equal"] is True
    assert event["section"] == 1
    ours = fact(cast.ann, "verify_state", server=cast.server)["state_hash"]
    assert event["our_hash"] == ours


UNIT = sorted(type for type, place in ELSEWHERE.items() if place == "Unit")


@pytest.mark.parametrize("type", UNIT)
def test_s260_what_no_process_causes_is_looked_at_in_unit_tests(type):
    """By the word that agents are told, or its case: both only stand where somebody looks."""
    name = type[0].lower() + type[1:]
    pattern = re.compile(rf'"{type}"|== \.{name}\b|event\(\.{name}\)')
    sources = [file.read_text() for layer in ("Unit", "E2E")
               for file in (ROOT / "Tests" / layer).rglob("*.swift")]
    assert any(pattern.search(source) for source in sources)
