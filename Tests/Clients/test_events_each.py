"""S-260: every type of event that people and agents can cause, caused on one peer and heard by
the client of another, with fields that say who, what and where."""

import base64
import json
import queue
import re

import pytest

from hostile import until
from http_node import serve  # noqa: F401
from schema import require_schemas
from test_events import listen

OPEN = [word for name in ("requests", "posting", "small-acts", "administrative")
        for word in ("--limit", f"{name}=0")]
SECONDS = 30
HEX = re.compile(r"[0-9a-f]{64}")

# What each type says at least (MCP 6.2).
FIELDS = {
    "MessageReceived": "channel channel_id message_id author channel_seq",
    "MessageEdited": "channel channel_id message_id new_body",
    "MessageDeleted": "channel channel_id message_id by",
    "ReactionAdded": "channel channel_id message_id emoji author",
    "ReactionRemoved": "channel channel_id message_id emoji author",
    "MessagePinned": "channel channel_id message_id by",
    "MessageUnpinned": "channel channel_id message_id by",
    "FileAnnounced": "channel channel_id filename size from file_id",
    "ChannelCreated": "name channel_id kind", "ChannelDeleted": "name channel_id kind",
    "ChannelRenamed": "name old_name channel_id",
    "ChannelTopicChanged": "channel channel_id topic",
    "ChannelAccessChanged": "channel channel_id roles",
    "KeyRotated": "channel_id epoch reason",
    "ServerRenamed": "new_name", "ServerDescriptionChanged": "description",
    "OwnershipTransferred": "owner by", "ThresholdChanged": "threshold",
    "DirectOpened": "server_id peer_id",
    "MemberJoined": "peer_id", "MemberLeft": "peer_id",
    "MemberKicked": "peer_id by last_accepted", "MemberSuspended": "peer_id by",
    "MemberRestored": "peer_id by", "PeerTrusted": "peer_id level by",
    "PeerUntrusted": "peer_id level by", "ProfileUpdated": "peer_id display_name",
    "RoleCreated": "name role_id", "RoleDeleted": "name role_id", "RoleRenamed": "role_id name",
    "RolePermissionChanged": "role_id permission", "RoleAssigned": "peer_id role_id",
    "RoleUnassigned": "peer_id role_id", "PermissionGranted": "peer_id permission",
    "PermissionRevoked": "peer_id permission",
    "ProposalCreated": "proposal_id action have need life_left",
    "VoteCast": "proposal_id voter have need", "ProposalEnacted": "proposal_id",
    "ProposalWithdrawn": "proposal_id",
    "PeerConnected": "peer_id", "PeerDisconnected": "peer_id",
    "SyncCompleted": "ops_applied peer_id",
    "HistorySynced": "from_peer added", "UnreadChanged": "channel unread",
    "TypingStarted": "channel channel_id peer_id", "TypingStopped": "channel channel_id peer_id",
    "PresenceChanged": "peer_id state", "PartialText": "channel channel_id peer_id stream_id text",
    "VoiceJoined": "channel_id peer_id", "VoiceLeft": "channel_id peer_id",
    "VoiceStateChanged": "channel_id peer_id", "VoiceSignal": "channel_id from_peer signal",
}
# Caused elsewhere, for they need a refused link, an absent peer, another grant, a reader that
# never reads, a rollback or a fork; or a cheat, which no honest process can bring about.
ELSEWHERE = {
    "JoinLinkResponse": "test_events_more", "JoinLinkDenied": "test_events_more",
    "QueueChanged": "test_events_more", "ScopeChanged": "test_events_own",
    "Resync": "test_hostile_mcp", "Listening": "test_scope_events",
    "ChannelRevived": "test_events_rare", "RemovalExtended": "test_events_rare",
    "BranchConfirmed": "test_events_rare", "EventVoided": "test_events_rare",
    "EventRestored": "test_events_rare", "ForkDetected": "test_events_rare",
    "StateHashMismatch": "test_events_rare", "ProposalFailed": "test_events_rare",
    "ProposalExpired": "test_events_rare", "KeyFaulted": "Unit",
}
RARE_FIELDS = {
    "EventVoided": "event_id author rule was", "EventRestored": "event_id author rule was",
    "RemovalExtended": "peer_id by last_accepted", "BranchConfirmed": "peer_id by last_accepted",
    "ForkDetected": "author seq event_ids", "ChannelRevived": "channel channel_id state",
    "StateHashMismatch": "peer_id our_hash their_hash heads_equal section",
    "ProposalFailed": "proposal_id", "ProposalExpired": "proposal_id",
    "KeyFaulted": "channel_id epoch by reason", "Listening": "address",
    "JoinLinkResponse": "invite_data", "JoinLinkDenied": "reason",
}
# Zero, false and nothing are values of these.
MAY_BE_EMPTY = {"late", "is_local", "mention", "mentions", "unread", "muted", "deafened", "index",
                "granted", "accept", "have", "reply_to", "from_peer_name", "life_left", "roles",
                "target", "last_accepted"}


class Told:
    """What the client of a peer hears, each event held against what its type promises."""

    def __init__(self, served):
        self.server = None
        _, self.queue = listen(served)
        self.seen = []

    def expect(self, type, **facts):
        """The next event of this type with these facts; what comes before it is kept."""
        for event in self.seen:
            if self.fits(event, type, facts):
                self.seen.remove(event)
                return event["data"]
        while True:
            try:
                frame = self.queue.get(timeout=SECONDS)
            except queue.Empty:
                heard = [(one["type"], one["data"]) for one in self.seen]
                raise AssertionError(f"no {type} with {facts}; heard {heard}") from None
            if frame["method"] != "notifications/peer-agent/event":
                continue
            event = frame["params"]
            self.check(event)
            if self.fits(event, type, facts):
                return event["data"]
            self.seen.append(event)

    def fits(self, event, type, facts):
        return event["type"] == type and all(
            event["data"].get(key) == value for key, value in facts.items())

    def check(self, event):
        type, data = event["type"], event["data"]
        assert type in FIELDS or type in ELSEWHERE, event
        missing = set((FIELDS | RARE_FIELDS).get(type, "").split()) - set(data)
        assert not missing, f"{type} does not say {missing}: {data}"
        for name, value in data.items():
            assert value not in (None, "", [], {}) or name in MAY_BE_EMPTY, (type, name, data)
            if name in ("channel_id", "message_id", "peer_id", "author", "by", "role_id",
                        "proposal_id", "voter", "owner", "from_peer", "server_id"):
                assert HEX.fullmatch(value), (type, name, value)
        assert event["cursor"].startswith("c1_") and event["at"].endswith("Z")
        assert event["feed"] is None or event["feed"] > 0
        if self.server and "server_id" in event and type != "DirectOpened":
            assert HEX.fullmatch(event["server_id"])
        assert json.loads(json.dumps(event)) == event


def fact(client, tool, /, **arguments):
    result = client.result("tools/call", {"name": tool, "arguments": arguments}, seconds=60)
    found = result["structuredContent"]
    assert "error" not in found, (tool, arguments, found)
    return found


def has(client, message):
    """Whether it is here, and its text, too."""
    result = client.call("get_message", message_id=message)
    found = result["structuredContent"]
    return not result.get("isError") and not any(
        one.get("unreadable") for one in found["messages"])


def touch(client, message, text):
    """Changes, marks and pins a message, and takes the last two back."""
    fact(client, "edit_message", message_id=message, new_body=text)
    for tool in ("react", "unreact"):
        fact(client, tool, message_id=message, emoji="🦊")
    for tool in ("pin_message", "unpin_message"):
        fact(client, tool, message_id=message)


class Cast:
    """Three peers of one server: `ann` causes, `bob` hears, `cyd` is what ann acts on."""

    def __init__(self, serve):  # noqa: F811
        self.serve = serve
        self.nodes = {name: serve(name, *OPEN) for name in ("ann", "bob", "cyd")}
        self.ann, self.bob, self.cyd = [one.client() for one in self.nodes.values()]
        self.ids = {name: one.node.peer_id for name, one in self.nodes.items()}
        self.server = fact(self.ann, "create_server", name="harbour")["server_id"]
        self.general = f"{self.server}/general"
        for guest in (self.bob, self.cyd):
            self.join(guest)
        self.told = Told(self.nodes["bob"])
        self.told.server = self.server

    def join(self, guest):
        link = fact(self.ann, "create_join_link", max_uses=1, confirm=True)["link"]
        fact(guest, "accept_invite", code=link, confirm=True)

    def has(self, who):
        """Whether `bob` knows this member; asked until it is so by what waits for events."""
        return self.ids[who]


@pytest.fixture
def cast(serve):  # noqa: F811
    require_schemas()
    return Cast(serve)


def test_s260_messages(cast):
    ann, told, general, by = cast.ann, cast.told, cast.general, cast.ids["ann"]
    message = fact(ann, "send_message", channel=general, body="hello")["message_id"]
    where = {"channel": "general", "message_id": message}
    first = told.expect("MessageReceived", author=by, **where)
    assert first["channel_seq"] == 1 and first["is_local"] is False
    where["channel_id"] = first["channel_id"]
    unread = told.expect("UnreadChanged")
    assert unread["unread"] == 1
    fact(ann, "edit_message", message_id=message, new_body="hello again")
    told.expect("MessageEdited", new_body="hello again", **where)
    fact(ann, "react", message_id=message, emoji="🦊")
    told.expect("ReactionAdded", emoji="🦊", author=by, **where)
    fact(ann, "unreact", message_id=message, emoji="🦊")
    told.expect("ReactionRemoved", emoji="🦊", author=by, **where)
    fact(ann, "pin_message", message_id=message)
    told.expect("MessagePinned", by=by, **where)
    fact(ann, "unpin_message", message_id=message)
    told.expect("MessageUnpinned", by=by, **where)
    fact(ann, "delete_message", message_id=message)
    told.expect("MessageDeleted", by=by, **where)
    reply = fact(ann, "send_message", channel=general, body="a question")["message_id"]
    answer = fact(ann, "send_reply", parent_id=reply, body="an answer")["message_id"]
    told.expect("MessageReceived", message_id=answer, reply_to=reply)
    data = base64.b64encode(b"x" * 100).decode()
    file = fact(ann, "share_file_inline", channel=general, filename="plan.txt", data=data)
    heard = told.expect("FileAnnounced", filename="plan.txt", size=100, file_id=file["file_id"])
    assert by.startswith(heard["from"]) or heard["from"] == by


def test_s260_channels_and_the_server(cast):
    ann, told, by = cast.ann, cast.told, cast.ids["ann"]
    made = fact(ann, "create_channel", name="dock", server=cast.server)["channel_id"]
    told.expect("ChannelCreated", name="dock", channel_id=made)
    told.expect("KeyRotated", channel_id=made, reason="created")
    dock = f"{cast.server}/dock"
    fact(ann, "set_channel_topic", channel=dock, topic="ships")
    told.expect("ChannelTopicChanged", channel_id=made, topic="ships")
    fact(ann, "rename_channel", channel=dock, name="quay")
    told.expect("ChannelRenamed", name="quay", old_name="dock", channel_id=made)
    fact(ann, "rotate_key", channel=f"{cast.server}/quay", reason="device_lost")
    assert told.expect("KeyRotated", channel_id=made, reason="renewed")["epoch"]
    role = fact(ann, "create_role", name="pilots", server=cast.server)["role_id"]
    told.expect("RoleCreated", name="pilots", role_id=role)
    fact(ann, "assign_role", peer_id=cast.ids["bob"], role_id=role, server=cast.server)
    told.expect("RoleAssigned", peer_id=cast.ids["bob"], role_id=role)
    fact(ann, "set_channel_access", channel=f"{cast.server}/quay", roles=[role], confirm=True)
    assert told.expect("ChannelAccessChanged", channel_id=made)["roles"] == [role]
    told.expect("KeyRotated", channel_id=made, reason="access")
    fact(ann, "delete_channel", name=f"{cast.server}/quay", confirm=True)
    told.expect("ChannelDeleted", name="quay", channel_id=made)
    fact(ann, "rename_server", name="haven", server=cast.server)
    told.expect("ServerRenamed", new_name="haven")
    fact(ann, "set_server_description", description="for ships", server=cast.server)
    told.expect("ServerDescriptionChanged", description="for ships")
    fact(ann, "set_display_name", name="Ann of the haven")
    told.expect("ProfileUpdated", peer_id=by, display_name="Ann of the haven")
    opened = fact(ann, "open_direct", peer_ids=[cast.ids["bob"]], confirm=True)["server_id"]
    fact(ann, "send_message", channel=f"@{cast.ids['bob']}", body="hello")
    told.expect("DirectOpened", server_id=opened, peer_id=by)


def test_s260_members_and_rights(cast):
    ann, told, server = cast.ann, cast.told, cast.server
    by, cyd = cast.ids["ann"], cast.ids["cyd"]
    role = fact(ann, "create_role", name="pilots", server=server)["role_id"]
    told.expect("RoleCreated", name="pilots", role_id=role)
    fact(ann, "rename_role", role_id=role, name="crew", server=server)
    told.expect("RoleRenamed", role_id=role, name="crew")
    fact(ann, "set_permission", role_id=role, permission="ManagePins", granted=True, server=server)
    told.expect("RolePermissionChanged", role_id=role, permission="ManagePins", granted=True)
    fact(ann, "assign_role", peer_id=cyd, role_id=role, server=server)
    told.expect("RoleAssigned", peer_id=cyd, role_id=role)
    fact(ann, "unassign_role", peer_id=cyd, role_id=role, server=server)
    told.expect("RoleUnassigned", peer_id=cyd, role_id=role)
    fact(ann, "delete_role", role_id=role, server=server, confirm=True)
    told.expect("RoleDeleted", name="crew", role_id=role)
    fact(ann, "grant_permission", peer_id=cyd, permission="CreateInvite", server=server)
    told.expect("PermissionGranted", peer_id=cyd, permission="CreateInvite")
    fact(ann, "revoke_permission", peer_id=cyd, permission="CreateInvite", server=server)
    told.expect("PermissionRevoked", peer_id=cyd, permission="CreateInvite")
    fact(ann, "trust_peer", peer_id=cyd, level="admin", server=server)
    told.expect("PeerTrusted", peer_id=cyd, level="admin", by=by)
    fact(ann, "untrust_peer", peer_id=cyd, level="member", server=server, confirm=True)
    told.expect("PeerUntrusted", peer_id=cyd, level="member", by=by)
    fact(ann, "suspend_peer", peer_id=cyd, suspended=True, server=server, confirm=True)
    told.expect("MemberSuspended", peer_id=cyd, by=by)
    fact(ann, "suspend_peer", peer_id=cyd, suspended=False, server=server, confirm=True)
    told.expect("MemberRestored", peer_id=cyd, by=by)
    # Who was let back learns that a moment after the others, and cannot leave before.
    while fact(cast.cyd, "leave_server", id=server, confirm=True)["outcome"] == "unchanged":
        fact(cast.cyd, "wait_for_messages", timeout_s=1)
    told.expect("MemberLeft", peer_id=cyd)
    dan = cast.serve("dan", *OPEN)
    cast.join(dan.client())
    told.expect("MemberJoined", peer_id=dan.node.peer_id)
    told.expect("PeerConnected", peer_id=dan.node.peer_id)
    fact(dan.client(), "send_message", channel=cast.general, body="hello")
    told.expect("MessageReceived", author=dan.node.peer_id)
    assert dan.stop() == 0
    told.expect("PeerDisconnected", peer_id=dan.node.peer_id)
    fact(ann, "kick_member", peer_id=dan.node.peer_id, server=server, confirm=True)
    kicked = told.expect("MemberKicked", peer_id=dan.node.peer_id, by=by)
    assert kicked["last_accepted"]["seq"] > 0 and HEX.fullmatch(kicked["last_accepted"]["event_id"])
    fact(ann, "transfer_ownership", peer_id=cast.ids["bob"], server=server, confirm=True)
    told.expect("OwnershipTransferred", owner=cast.ids["bob"], by=by)


def test_s260_votes(cast):
    ann, cyd, told, server = cast.ann, cast.cyd, cast.told, cast.server
    fact(ann, "trust_peer", peer_id=cast.ids["cyd"], level="admin", server=server)
    told.expect("PeerTrusted", peer_id=cast.ids["cyd"])
    # With two admins it takes both, so what one asks for becomes a proposal.
    asked = fact(ann, "set_threshold", threshold="count:2", server=server)
    assert asked["outcome"] == "proposed", asked
    made = told.expect("ProposalCreated", proposal_id=asked["proposal_id"])
    assert (made["have"], made["need"]) == (1, 2)

    def vote():
        result = cyd.call("vote", proposal_id=asked["proposal_id"], accept=True)
        return "error" not in result["structuredContent"]
    until(vote)
    told.expect("VoteCast", proposal_id=asked["proposal_id"], voter=cast.ids["cyd"])
    told.expect("ProposalEnacted", proposal_id=asked["proposal_id"])
    told.expect("ThresholdChanged", threshold="count:2")
    asked = fact(ann, "set_threshold", threshold="majority", server=server)
    told.expect("ProposalCreated", proposal_id=asked["proposal_id"])
    fact(ann, "withdraw_proposal", proposal_id=asked["proposal_id"])
    told.expect("ProposalWithdrawn", proposal_id=asked["proposal_id"])


def test_s260_what_nobody_stores(cast):
    ann, told, by = cast.ann, cast.told, cast.ids["ann"]
    fact(ann, "send_typing", channel=cast.general)
    where = told.expect("TypingStarted", channel="general", peer_id=by)
    fact(ann, "send_message", channel=cast.general, body="typed")
    told.expect("TypingStopped", channel_id=where["channel_id"], peer_id=by)
    fact(ann, "set_presence", state="busy", text="at sea")
    told.expect("PresenceChanged", peer_id=by, state="busy", text="at sea")
    part = fact(ann, "send_partial", channel=cast.general, text="half a th")
    told.expect("PartialText", peer_id=by, text="half a th", stream_id=part["stream_id"])
    voice = fact(ann, "create_voice_channel", name="deck", server=cast.server)["channel_id"]
    told.expect("ChannelCreated", name="deck", channel_id=voice, kind="voice")
    told.expect("KeyRotated", channel_id=voice)
    fact(cast.bob, "join_voice", channel_id=voice)
    fact(ann, "join_voice", channel_id=voice)
    told.expect("VoiceJoined", channel_id=voice, peer_id=by)
    fact(ann, "toggle_mute")
    told.expect("VoiceStateChanged", channel_id=voice, peer_id=by, muted=True)
    fact(ann, "send_voice_signal", channel_id=voice, to=cast.ids["bob"], kind="offer",
         payload="v=0")
    told.expect("VoiceSignal", channel_id=voice, from_peer=by,
                signal={"kind": "offer", "payload": "v=0"})
    fact(ann, "leave_voice")
    told.expect("VoiceLeft", channel_id=voice, peer_id=by)


def test_s260_meeting_and_catching_up(serve):  # noqa: F811
    ann, bob = serve("ann", *OPEN), serve("bob", *OPEN)
    host, guest = ann.client(), bob.client()
    server = fact(host, "create_server", name="harbour")["server_id"]
    link = fact(host, "create_join_link", max_uses=1, confirm=True)["link"]
    told = Told(bob)
    fact(guest, "accept_invite", code=link, confirm=True)
    told.expect("PeerConnected", peer_id=ann.node.peer_id)
    assert told.expect("HistorySynced", from_peer=ann.node.peer_id)["added"] > 0
    assert ann.stop() == 0
    told.expect("PeerDisconnected", peer_id=ann.node.peer_id)
    # What was said while they were apart is one sync.
    apart = serve(None, *OPEN, "--peer", bob.node.logs[-1].wait_for(
        r"listening on (127\.0\.0\.1:\d+)")[1], node=ann.node)
    fact(apart.client(), "send_message", channel=f"{server}/general", body="while apart")
    told.expect("PeerConnected", peer_id=ann.node.peer_id)
    told.expect("MessageReceived", author=ann.node.peer_id)


def test_s260_no_type_is_left_out():
    """Each type that is named is caused in this file, or where it is said."""
    from harness import ROOT
    source = (ROOT / "Sources/PeerNode/Ingest/NodeEventKind.swift").read_text()
    named = set(re.findall(r'case \w+ = "(\w+)"', source))
    assert len(named) >= 60
    here = open(__file__).read()
    caused = set(re.findall(r'expect\(\s*"(\w+)"', here))
    assert set(FIELDS) | set(ELSEWHERE) == named
    assert caused >= set(FIELDS) - {"SyncCompleted"}
    for type, place in ELSEWHERE.items():
        if place.startswith("test_"):
            assert type in (ROOT / f"Tests/Clients/{place}.py").read_text(), type
