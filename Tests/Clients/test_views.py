"""Search, threads, reactions, explanations and wakes, by the official SDK on two real nodes."""

import contextlib

import anyio
import anyio.lowlevel
import pytest
from mcp.client.subscriptions import ResourceUpdated

from harness import within
from scenario import invite
from test_sdk2 import MODES, connected, peer, read


@contextlib.asynccontextmanager
async def met(make_node, mode):
    """Two agents on two nodes in one server; yields both, their clients and the server's id."""
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann, mode) as of_ann, connected(bob, mode) as of_bob:
        await ann.address()
        await bob.address()
        host, guest = peer(ann, of_ann), peer(bob, of_bob)
        server = (await host.call("create_server", name="harbour")).data["server_id"]
        after = await guest.cursor()
        await host.call("send_message", channel=f"{server}/general", body="welcome")
        await invite(host, guest, server)
        await guest.wait_until("welcome", after)
        yield (host, of_ann), (guest, of_bob), server


async def until(check, seconds=20):
    """What `check` returns, once it is not None."""
    with anyio.fail_after(seconds):
        while (found := await check()) is None:
            await anyio.lowlevel.checkpoint()
        return found


@pytest.mark.parametrize("mode", MODES)
@within(120)
async def test_a_thread_is_found_read_and_reacted_to(make_node, mode):
    async with met(make_node, mode) as ((host, _), (guest, of_guest), server):
        general = f"{server}/general"
        after = await guest.cursor()
        asked = await host.call("send_message", channel=general, body="who brings the ropes?")
        root = asked.data["message_id"]
        await guest.wait_until("who brings the ropes?", after)
        after = await host.cursor()
        replied = await guest.call("send_reply", parent_id=root, body="I bring the *ropes*")
        await host.wait_until("I bring the *ropes*", after)
        await host.call("react", message_id=replied.data["message_id"], emoji="👍")

        async def reacted():
            page = (await guest.call("read_thread", message_id=root)).facts
            shown = page["messages"][-1] if page["messages"] else {}
            return page if shown.get("reactions") == {"👍": 1} else None

        page = await until(reacted)
        assert page["root"]["text"] == "who brings the ropes?" and page["root"]["replies"] == 1
        assert page["messages"][0]["reply_to"] == root[:16]
        found = (await guest.call("search_messages", query="ropes from:me")).facts
        assert [message["snippet"] for message in found["messages"]] == ["I bring the *⟦ropes⟧*"]
        both = (await guest.call("search_messages", query=f"ropes in:{general}")).facts
        assert both["total"] == 2 and "warnings" not in both
        warned = (await guest.call("search_messages", query="ropes in:#nowhere")).facts
        assert len(warned["warnings"]) == 1

        edited = await host.call("edit_message", message_id=root, new_body="who brings the tea?")
        assert edited.data["outcome"] == "applied"

        async def changed():
            page = (await guest.call("search_messages", query="tea")).facts
            return page["messages"] or None

        assert (await until(changed))[0]["edited"] is True
        assert (await guest.call("search_messages", query='"brings the ropes"')).facts["total"] == 0
        whole = (await guest.call("get_message", message_id=root)).facts
        assert [version["text"] for version in whole["history"]] == ["who brings the ropes?"]
        entry = await read(of_guest, f"peer://message/{replied.data['message_id']}")
        assert entry["reactions"] == {"👍": ["ann"]}
        assert entry["reply_preview"] == {"from": "ann", "text": "who brings the tea?"}


@within(120)
async def test_why_repeats_the_code_and_names_what_decided(make_node):
    async with met(make_node, "auto") as ((host, _), (guest, _), server):
        refused = await guest.refused("create_channel", name="x", server=server)
        assert refused.error_code == "permission_denied"
        why = (await guest.call("why", subject=refused.error_code)).facts
        assert why["verdict"] == "code" and why["rule"] == "permission_denied"
        after = await host.cursor()
        sent = await guest.call("send_message", channel=f"{server}/general", body="before the kick")
        await host.wait_until("before the kick", after)
        message = sent.data["message_id"]
        fine = (await host.call("why", subject=f"m:{message}")).facts
        assert fine["verdict"] == "effective" and "rule" not in fine
        assert fine["chain"][0]["kind"] == "member.grant"
        kicked = await host.call("kick_member", peer_id=guest.peer_id, server=server, confirm=True)
        gone = (await host.call("why", subject=guest.peer_id)).facts
        assert gone["verdict"] == "removed"
        about = (await host.call("why", subject=kicked.data["event_id"])).facts
        assert about["verdict"] == "effective"


@within(120)
async def test_what_others_change_wakes_subscribers(make_node):
    async with met(make_node, "auto") as ((host, _), (_, of_guest), server):
        query = f"?server={server}"
        uris = [f"peer://server/{name}{query}" for name in ("roles", "proposals", "channels")]
        pins = f"peer://channel/general/pins{query}"
        async with of_guest.listen(resource_subscriptions=[*uris, pins]) as changes:
            assert set(changes.honored.resource_subscriptions) == {*uris, pins}
            acts = [
                (uris[0], "create_role", {"name": "crew", "server": server}),
                (uris[2], "create_channel", {"name": "dock", "server": server}),
            ]
            for uri, tool, arguments in acts:
                await host.call(tool, **arguments)
                with anyio.fail_after(20):
                    async for event in changes:
                        if event == ResourceUpdated(uri=uri):
                            break
            sent = await host.call("send_message", channel=f"{server}/general", body="keep")
            await host.call("pin_message", message_id=sent.data["message_id"])
            with anyio.fail_after(20):
                async for event in changes:
                    if event == ResourceUpdated(uri=pins):
                        break
        assert [role["name"] for role in (await read(of_guest, uris[0]))["roles"]] == ["crew"]
        assert len((await read(of_guest, pins))["pins"]) == 1


@within(120)
async def test_states_agree_and_marks_are_exact(make_node):
    async with met(make_node, "auto") as ((host, of_host), (guest, _), server):
        general = f"{server}/general"
        after = await guest.cursor()
        ids = []
        for number in range(5):
            sent = await host.call("send_message", channel=general, body=f"note {number}")
            ids.append(sent.data["message_id"])
        await guest.wait_until("note 4", after)
        marked = await guest.call("mark_read", up_to=ids[2])
        assert marked.data["unread"] == 2
        again = await guest.call("mark_read", up_to=ids[0])
        assert again.data["outcome"] == "unchanged" and again.data["unread"] == 2
        muted = await guest.call("mute", channel=general, muted=True)
        assert muted.data["outcome"] == "applied"
        assert (await guest.call("inbox")).data["unread"] == 0
        await guest.call("mute", channel=general, muted=False)
        assert (await guest.call("inbox")).data["unread"] == 2

        async def agreed():
            found = (await host.call("verify_state", server=server)).facts
            return found if found["verdict"] == "agree" else None

        found = await until(agreed)
        assert found["peers"][0]["peer_id"] == guest.peer_id
        shown = await read(of_host, f"peer://server/state-agreement?server={server}")
        assert shown["agreeing"] == 1 and shown["state_hash"] == found["state_hash"]


@within(60)
async def test_how_far_a_message_has_come_and_how_far_away_peers_are(make_node):
    async with met(make_node, "auto") as ((host, of_ann), (guest, _), server):
        channel = f"{server}/general"
        sent = (await host.call("send_message", channel=channel, body="who has it?")).facts
        id = sent["message_id"]
        shown = (await host.call("get_message", message_id=id)).facts["messages"][0]
        assert shown["delivery"] == {"reached": 1, "acknowledged": 0}
        # Nobody but its author may remove anybody.
        assert shown["stable"] is True
        await guest.call("wait_for_messages", timeout_s=0)
        with anyio.fail_after(20):
            while (await guest.call("get_message", message_id=id)).is_error:
                await anyio.lowlevel.checkpoint()
        answer = await guest.call("send_reply", parent_id=id, body="I do")

        async def acknowledged():
            entry = await read(of_ann, f"peer://message/{id}")
            return entry["delivery"] if entry["delivery"]["acknowledged"] else None

        assert await until(acknowledged) == {"reached": 1, "acknowledged": 1}
        answered = f"peer://message/{answer.facts['message_id']}"
        assert (await read(of_ann, answered))["stable"] is False
        await host.call("react", message_id=answer.facts["message_id"], emoji="👍")
        assert (await read(of_ann, answered))["stable"] is True
        peers = (await host.call("connection_info")).facts["peers"]
        assert [type(one["rtt_ms"]) for one in peers] == [int]
