"""S-290 and S-292: which events reach whom, as the table of the contract says (MCP 6.2)."""

import queue

import pytest

from hostile import until
from http_node import serve  # noqa: F401
from schema import require_schemas
from shim import shim  # noqa: F401
from test_contract import event_needs
from test_events import METHOD, listen
from test_events_each import OPEN, fact, touch

SECONDS = 30
# Who listens: options of the token, and what the table must want for it to be heard.
LISTENERS = {
    "read-only": (["--scope", "read-only"], {"ro"}),
    "messaging": (["--scope", "messaging"], {"ro", "m"}),
    "live": (["--scope", "messaging", "--toolsets", "messaging,live"], {"ro", "m", "live"}),
    "admin": (["--scope", "admin"], {"ro", "m", "a"}),
    "full": (["--scope", "full"], {"ro", "m", "a", "f", "live"}),
}


class Heard:
    """Every event that one listener is told, up to the sentinels on both ways events come."""

    def __init__(self, served, options):
        _, self.queue = listen(served, served.make_token(*options)["token"])
        self.events = []

    def until(self, type, **facts):
        """Reads until an event of this type says so; looks at what was read before, too."""
        def fits(event):
            return event["type"] == type and all(
                event["data"].get(key) == value for key, value in facts.items())
        found = next(filter(fits, self.events), None)
        while found is None:
            try:
                frame = self.queue.get(timeout=SECONDS)
            except queue.Empty:
                raise AssertionError(f"no {type} {facts}; heard {self.types}") from None
            if frame["method"] == METHOD:
                self.events.append(frame["params"])
                found = frame["params"] if fits(frame["params"]) else None
        return found

    @property
    def types(self):
        return {event["type"] for event in self.events}


def talk(ann, server):
    """Something of many types, none of which takes more than reading."""
    general = f"{server}/general"
    message = fact(ann, "send_message", channel=general, body="hello")["message_id"]
    touch(ann, message, "hello again")
    fact(ann, "delete_message", message_id=message)
    fact(ann, "create_channel", name="dock", server=server)
    fact(ann, "rename_channel", channel=f"{server}/dock", name="quay")
    fact(ann, "delete_channel", name=f"{server}/quay", confirm=True)
    fact(ann, "create_role", name="pilots", server=server)
    fact(ann, "rename_server", name="haven", server=server)
    fact(ann, "set_display_name", name="Ann of the haven")
    fact(ann, "send_typing", channel=general)
    fact(ann, "send_partial", channel=general, text="half a th")
    fact(ann, "set_presence", state="busy", text="at sea")


def signal(ann, bob, to, server):
    room = fact(ann, "create_voice_channel", name="deck", server=server)["channel_id"]
    until(lambda: "error" not in bob.call("join_voice", channel_id=room)["structuredContent"])
    fact(ann, "join_voice", channel_id=room)
    until(lambda: "error" not in ann.call(
        "send_voice_signal", channel_id=room, to=to, kind="offer",
        payload="v=0")["structuredContent"])


TOLD = {
    "MessageReceived", "MessageEdited", "ReactionAdded", "ReactionRemoved", "MessagePinned",
    "MessageUnpinned", "MessageDeleted", "ChannelCreated", "ChannelRenamed", "ChannelDeleted",
    "KeyRotated", "RoleCreated", "ServerRenamed", "ProfileUpdated", "TypingStarted",
    "PartialText", "PresenceChanged", "UnreadChanged", "VoiceJoined", "VoiceSignal",
    "JoinLinkResponse", "JoinLinkDenied", "Listening", "PeerConnected",
}


def test_s290_s292_each_listener_hears_what_the_table_gives_it(
        serve, make_node, shim, tmp_path):  # noqa: F811
    require_schemas()
    needs = event_needs()
    assert {type: need for type, need in needs.items() if need != "ro"} == {
        "Listening": "a", "VoiceSignal": "live", "JoinLinkResponse": "f",
        "JoinLinkDenied": "f", "ScopeChanged": "own", "Resync": "own"}
    full, node = tmp_path / "full", make_node("bob")
    node.more = shim(FULL=full, FULL_OF="node.db")
    served, other = serve(None, *OPEN, node=node), serve("ann", *OPEN)
    ann, bob = other.client(), served.client()
    server = fact(ann, "create_server", name="harbour")["server_id"]
    link = fact(ann, "create_join_link", max_uses=1, confirm=True)["link"]
    fact(bob, "accept_invite", code=link, confirm=True)
    heard = {name: Heard(served, options) for name, (options, _) in LISTENERS.items()}
    owner = heard["full"]

    talk(ann, server)
    signal(ann, bob, node.peer_id, server)
    owner.until("VoiceSignal", from_peer=other.node.peer_id)
    fact(ann, "create_server", name="second")
    second = fact(ann, "create_join_link", max_uses=1, confirm=True)["link"]
    fact(bob, "accept_invite", code=second, confirm=True)
    refused = bob.call("accept_invite", code=spent(ann, serve), confirm=True)["structuredContent"]
    assert refused.get("error", {}).get("code") == "used_up", refused
    owner.until("JoinLinkResponse")
    owner.until("JoinLinkDenied")
    # A node whose disk was full reads its store again, and says where it listens.
    full.touch()
    refused = bob.call("send_message", channel=f"{server}/general", body="no room")
    assert refused["structuredContent"]["error"]["code"] == "unavailable"
    full.unlink()
    address = owner.until("Listening")["data"]["address"]
    assert address == served.node.logs[-1].wait_for(r"listening on (127\.0\.0\.1:\d+)")[1]

    def linked():
        return fact(bob, "connection_info")["peers"]
    until(linked)
    fact(ann, "set_presence", state="busy", text="sentinel")
    sentinel = fact(ann, "send_message", channel=f"{server}/general", body="sentinel")
    for one in heard.values():
        one.until("MessageReceived", message_id=sentinel["message_id"])
        one.until("PresenceChanged", text="sentinel")
    assert owner.types >= TOLD, TOLD - owner.types
    for name, (_, may) in LISTENERS.items():
        wanted = {type for type in owner.types if needs[type] in may}
        assert heard[name].types == wanted, name


def spent(ann, serve):  # noqa: F811
    """A link to a server of somebody else that `ann` has used up."""
    cyd = serve("cyd", *OPEN).client()
    fact(cyd, "create_server", name="third")
    link = fact(cyd, "create_join_link", max_uses=1, confirm=True)["link"]
    fact(ann, "accept_invite", code=link, confirm=True)
    return link


def test_s292_a_narrow_listener_is_not_promised_what_it_will_not_hear(serve):  # noqa: F811
    served = serve("ann")
    token = served.make_token("--scope", "read-only")["token"]
    honoured, _ = listen(served, token, types=["JoinLinkResponse", "Listening", "ChannelCreated"])
    assert honoured["types"] == ["ChannelCreated"]
