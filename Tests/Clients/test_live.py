"""Two nodes, each with its own client: who is there, who writes, who is in a voice room."""

import contextlib
from typing import Any

import anyio
import mcp_types as types
from mcp.client.extension import ClientExtension, NotificationBinding
from pydantic import BaseModel, ConfigDict

from harness import within
from scenario import meet_and_chat
from test_sdk2 import connected, peer, read

CANARY = "CANARY-3b9d-nowhere"


async def until(client, uri, predicate):
    """Reads a resource until it says what is waited for, told of each change."""
    async with client.listen(resource_subscriptions=[uri]) as changes:
        assert list(changes.honored.resource_subscriptions) == [uri]
        found = await read(client, uri)
        if predicate(found):
            return found
        async for _ in changes:
            found = await read(client, uri)
            if predicate(found):
                return found
    raise AssertionError(f"{uri} ended with {found}")


def member(page, peer_id):
    return next(entry for entry in page["members"] if entry["peer_id"] == peer_id)


@contextlib.asynccontextmanager
async def two_in_a_harbour(make_node):
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann) as of_ann, connected(bob) as of_bob:
        await ann.address()
        await bob.address()
        host, guest = peer(ann, of_ann), peer(bob, of_bob)
        server = await meet_and_chat(host, guest, rounds=1)
        for one in (host, guest):
            await one.call("switch_server", id=server)
        yield (ann, of_ann, host), (bob, of_bob, guest), server


@within(120)
async def test_presence_is_seen_by_the_other(make_node):
    members = "peer://server/members"
    async with two_in_a_harbour(make_node) as ((ann, of_ann, _), (bob, of_bob, guest), _):
        shown = await until(
            of_ann, members, lambda page: member(page, bob.peer_id).get("presence"))
        assert member(shown, bob.peer_id)["is_online"] is True
        assert member(shown, bob.peer_id)["presence"] == {"state": "online"}
        chosen = await guest.call("set_presence", state="busy", text="in a call")
        assert chosen.data == {"outcome": "applied", "state": "busy"}
        again = await guest.call("set_presence", state="busy", text="in a call")
        assert again.data["outcome"] == "unchanged"
        shown = await until(
            of_ann, members,
            lambda page: member(page, bob.peer_id)["presence"]["state"] == "busy")
        assert member(shown, bob.peer_id)["presence"]["text"] == "in a call"
        await guest.call("set_presence", state="invisible")
        shown = await until(
            of_ann, members, lambda page: not member(page, bob.peer_id)["is_online"])
        assert "presence" not in member(shown, bob.peer_id)
        seen_by_bob = await read(of_bob, members)
        assert member(seen_by_bob, ann.peer_id)["is_online"] is True


@within(120)
async def test_who_stops_is_gone_at_once(make_node):
    ann, bob = make_node("ann"), make_node("bob")
    members = "peer://server/members"
    async with connected(ann) as of_ann:
        host = peer(ann, of_ann)
        async with connected(bob) as of_bob:
            await ann.address()
            server = await meet_and_chat(host, peer(bob, of_bob), rounds=1)
            await host.call("switch_server", id=server)
            await until(of_ann, members, lambda page: member(page, bob.peer_id)["is_online"])
        await until(of_ann, members, lambda page: not member(page, bob.peer_id)["is_online"])


@within(120)
async def test_typing_shows_until_the_post(make_node):
    typing = "peer://channel/general/typing"
    async with two_in_a_harbour(make_node) as ((_, of_ann, _), (bob, _, guest), _):
        assert (await read(of_ann, typing))["typing"] == []
        told = await guest.call("send_typing", channel="#general")
        assert told.data == {"outcome": "applied", "expires_in_s": 6}
        too_soon = await guest.call("send_typing", channel="#general")
        assert too_soon.data["outcome"] == "unchanged"
        shown = await until(of_ann, typing, lambda page: page["typing"])
        assert [entry["peer_id"] for entry in shown["typing"]] == [bob.peer_id]
        assert shown["typing"][0]["display_name"] == "bob"
        connection = await read(of_ann, "peer://connection")
        assert connection["typing_peers"] == [{"peer_id": bob.peer_id, "channel": "general"}]
        await guest.call("send_message", channel="#general", body="here it is")
        await until(of_ann, typing, lambda page: not page["typing"])


@within(120)
async def test_a_voice_room(make_node):
    async with two_in_a_harbour(make_node) as (
            (ann, of_ann, host), (bob, of_bob, guest), _):
        made = await host.call("create_voice_channel", name="bridge")
        room = made.data["channel_id"]
        participants = f"peer://voice/{room}/participants"
        await until(
            of_bob, "peer://server/channels",
            lambda page: room in [entry["id"] for entry in page["channels"]])
        assert (await host.refused("toggle_mute")).error_code == "not_in_voice"
        assert (await host.refused("join_voice", channel_id="#general")).error_code == "conflict"
        unknown = await host.refused("join_voice", channel_id="0" * 64)
        assert unknown.error_code == "unknown_channel"

        joined = await host.call("join_voice", channel_id=room)
        assert joined.data == {
            "outcome": "applied", "channel_id": room, "participants": [ann.peer_id]}
        await until(of_bob, participants, lambda page: len(page["participants"]) == 1)
        both = sorted([ann.peer_id, bob.peer_id])
        joined = await guest.call("join_voice", channel_id=room)
        assert joined.data["participants"] == both
        for client in (of_ann, of_bob):
            page = await until(client, participants, lambda page: len(page["participants"]) == 2)
            assert [entry["peer_id"] for entry in page["participants"]] == both
        assert (await read(of_bob, "peer://voice/status")) == {
            "active_channel": room, "muted": False, "deafened": False}

        muted = [(await guest.call("toggle_mute")).data["muted"] for _ in range(3)]
        assert muted == [True, False, True]
        await until(
            of_ann, participants,
            lambda page: [entry["muted"] for entry in page["participants"]
                          if entry["peer_id"] == bob.peer_id] == [True])
        await guest.call("toggle_mute")
        deafened = [(await guest.call("toggle_deafen")).data for _ in range(3)]
        assert deafened == [{"deafened": on, "muted": on} for on in (True, False, True)]

        stranger = await guest.refused(
            "send_voice_signal", channel_id=room, to="0" * 64, kind="offer", payload="x")
        assert stranger.error_code == "unknown_peer"
        large = await guest.refused(
            "send_voice_signal", channel_id=room, to=ann.peer_id, kind="offer",
            payload="x" * 16_385)
        assert large.error_code == "too_large"
        assert (await guest.call("leave_voice")).data == {"outcome": "applied"}
        assert (await guest.call("leave_voice")).data == {"outcome": "unchanged"}
        await until(of_ann, participants, lambda page: len(page["participants"]) == 1)


@within(120)
async def test_nothing_of_it_reaches_a_disk(make_node):
    """Presence text, partial text and signals are in no file of either node; a message is read
    from its author's database by the same scan of an unencrypted part, its server's name."""
    async with two_in_a_harbour(make_node) as (
            (ann, of_ann, host), (bob, of_bob, guest), _):
        await guest.call("set_presence", state="busy", text=CANARY)
        piece = await guest.call("send_partial", channel="#general", text=CANARY)
        assert piece.data["index"] == 0
        await until(
            of_ann, "peer://server/members",
            lambda page: member(page, bob.peer_id)["presence"].get("text") == CANARY)
        made = await host.call("create_voice_channel", name="bridge")
        room = made.data["channel_id"]
        await until(
            of_bob, "peer://server/channels",
            lambda page: room in [entry["id"] for entry in page["channels"]])
        for one in (host, guest):
            await one.call("join_voice", channel_id=room)
        await until(
            of_bob, f"peer://voice/{room}/participants",
            lambda page: len(page["participants"]) == 2)
        sent = await guest.call(
            "send_voice_signal", channel_id=room, to=ann.peer_id, kind="offer", payload=CANARY)
        assert sent.data == {"outcome": "applied", "reached": 1}
        after = await host.cursor()
        ended = await guest.call(
            "send_message", channel="#general", body="whole",
            stream_id=piece.data["stream_id"])
        assert ended.data["outcome"] == "applied"
        await host.wait_until("whole", after)
    for node in (ann, bob):
        files = [path for path in node.home.rglob("*") if path.is_file()]
        held = b"".join(path.read_bytes() for path in files)
        assert b"harbour" in held, "the scan finds what is there"
        assert CANARY.encode() not in held
        assert not any(CANARY in line for log in node.logs for line in log.lines)


class EventParams(BaseModel):
    model_config = ConfigDict(extra="allow")
    type: str
    data: dict[str, Any]


class Events(ClientExtension):
    """What the node tells once and keeps nowhere, as its client hears it."""

    identifier = "peer-agent/events"

    def __init__(self):
        self._told, self._reader = anyio.create_memory_object_stream(256)
        self.acknowledged = anyio.Event()

    def notifications(self):
        return [NotificationBinding(
            method="notifications/peer-agent/event", params_type=EventParams, handler=self._note)]

    async def _note(self, event):
        await self._told.send((event.type, event.data))

    async def note_message(self, message):
        if isinstance(message, types.SubscriptionsAcknowledgedNotification):
            self.acknowledged.set()

    async def next(self):
        return await self._reader.receive()

    @contextlib.asynccontextmanager
    async def told(self, client, *kinds):
        """Listens for some types, from the moment the node said that it will tell them."""
        request = types.SubscriptionsListenRequest(
            params=types.SubscriptionsListenRequestParams(
                notifications=types.SubscriptionFilter(peerEvents={"types": list(kinds)})))
        async with anyio.create_task_group() as group:
            group.start_soon(client.session.send_request, request, types.EmptyResult)
            await self.acknowledged.wait()
            yield
            group.cancel_scope.cancel()


@within(120)
async def test_signals_of_16_kib_both_ways(make_node):
    sdp = {name: f"v=0\r\no={name}\r\n".ljust(16_384, "x") for name in ("offer", "answer")}
    ann, bob = make_node("ann"), make_node("bob")
    of, heard = {}, {node: Events() for node in (ann, bob)}
    async with contextlib.AsyncExitStack() as stack:
        for node in (ann, bob):
            of[node] = await stack.enter_async_context(connected(
                node, extensions=[heard[node]], message_handler=heard[node].note_message))
            await node.address()
        host, guest = peer(ann, of[ann]), peer(bob, of[bob])
        server = await meet_and_chat(host, guest, rounds=1)
        for one in (host, guest):
            await one.call("switch_server", id=server)
        room = (await host.call("create_voice_channel", name="bridge")).data["channel_id"]
        await until(
            of[bob], "peer://server/channels",
            lambda page: room in [entry["id"] for entry in page["channels"]])
        for node in (ann, bob):
            heard[node].acknowledged = anyio.Event()
            await stack.enter_async_context(
                heard[node].told(of[node], "VoiceJoined", "VoiceSignal", "VoiceLeft"))
        for node, one in ((ann, host), (bob, guest)):
            await one.call("join_voice", channel_id=room)
            joined = ("VoiceJoined", {"channel_id": room, "peer_id": node.peer_id})
            assert [await heard[each].next() for each in (ann, bob)] == [joined, joined]

        async def signal(sender, target, to, kind, payload):
            sent = await sender.call(
                "send_voice_signal", channel_id=room, to=to.peer_id, kind=kind, payload=payload)
            assert sent.data == {"outcome": "applied", "reached": 1}
            name, data = await heard[to].next()
            assert name == "VoiceSignal"
            assert data == {
                "channel_id": room, "from_peer": target.peer_id,
                "signal": {"kind": kind, "payload": payload}}

        await signal(host, ann, bob, "offer", sdp["offer"])
        await signal(guest, bob, ann, "answer", sdp["answer"])
        await signal(host, ann, bob, "candidate", "candidate:1 1 UDP 2130706431")
        await signal(guest, bob, ann, "end", "")
        await guest.call("leave_voice")
        left = ("VoiceLeft", {"channel_id": room, "peer_id": bob.peer_id})
        assert [await heard[each].next() for each in (ann, bob)] == [left, left]
