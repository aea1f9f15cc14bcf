"""Joining by link with the issuer's process stopped, conversations and safety numbers."""

import contextlib

import anyio

from harness import within
from test_sdk2 import connected, peer


@within(60)
async def test_link_join_and_chat_while_the_issuer_is_stopped(make_node):
    ann, bob, carol, dave = (make_node(name) for name in ("ann", "bob", "carol", "dave"))
    async with connected(bob) as bob_client, connected(carol) as carol_client:
        async with contextlib.AsyncExitStack() as stack:
            host = peer(ann, await stack.enter_async_context(connected(ann)))
            guest = peer(bob, bob_client)
            created = await host.call("create_server", name="harbour")
            server = created.data["server_id"]
            general = f"{server}/general"
            await host.call("send_message", channel=general, body="before anybody came")
            invite = await host.call(
                "generate_invite", recipient_peer_id=bob.peer_id, server=server, confirm=True)
            joined = await guest.call(
                "accept_invite", code=invite.data["invite_code"], confirm=True)
            assert joined.data["outcome"] == "applied", joined.text
            await host.call("trust_peer", peer_id=bob.peer_id, server=server, level="moderator")
            made = await host.call("create_join_link", max_uses=1, server=server, confirm=True)
            link = made.data["link"]
            assert link.startswith("pa1_")
            after = await guest.cursor()
            await host.call("send_message", channel=general, body="the link is out")
            after = await guest.wait_until("the link is out", after)
        # Here the process of the issuer has ended; the moderator lets the newcomer in.
        newcomer = peer(carol, carol_client)
        unconfirmed = await newcomer.refused("accept_invite", code=link)
        assert "consent_required" in unconfirmed.error_code
        came = await newcomer.call("accept_invite", code=link, confirm=True)
        assert came.data["outcome"] == "applied", came.text
        assert came.data["server_id"] == server and came.data["inviter"] == ann.peer_id
        newcomer_after = (await newcomer.call("wait_for_messages", timeout_s=0)).cursor
        await newcomer.call("send_message", channel=general, body="hello from the link")
        await guest.wait_until("hello from the link", after)
        await guest.call("send_message", channel=general, body="welcome")
        await newcomer.wait_until("welcome", newcomer_after)
        page = await newcomer.call("read_channel", channel=general)
        assert page.shows("before anybody came"), page.text
        again = await newcomer.call("accept_invite", code=link, confirm=True)
        assert again.data["outcome"] == "unchanged"

        # The one use is spent: by the command line, with its exit code and its reason.
        refused = await anyio.to_thread.run_sync(
            lambda: dave.command("join", link, "--data-dir", str(dave.data), check=False))
        assert refused.returncode == 8, refused.stderr
        assert "used up" in refused.stderr, refused.stderr
        assert link not in refused.stderr


@within(60)
async def test_commands_invite_and_join(make_node):
    ann, bob, carol = (make_node(name) for name in ("ann", "bob", "carol"))

    def command(node, *words, check=True):
        return anyio.to_thread.run_sync(
            lambda: node.command(*words, "--data-dir", str(node.data), check=check))

    async with connected(ann) as ann_client, connected(bob) as bob_client:
        host, guest = peer(ann, ann_client), peer(bob, bob_client)
        server = (await host.call("create_server", name="harbour")).data["server_id"]
        link = (await command(ann, "invite", "--link", "--max-uses", "2")).stdout.strip()
        assert link.startswith("pa1_") and "\n" not in link
        joined = await command(bob, "join", link)
        assert joined.stdout.strip() == server, joined.stderr
        assert (await command(bob, "join", link)).stdout.strip() == server
        # A node that does not run joins, too, for the length of the command.
        assert (await command(carol, "join", link)).stdout.strip() == server
        for words in (["join"], ["join", "nonsense"], ["invite"], ["invite", "12"]):
            wrong = await command(bob, *words, check=False)
            assert wrong.returncode in (2, 8), (words, wrong.stderr)

        # Conversations: the other side needs no invite.
        after = await host.cursor()
        asked = await guest.refused("open_direct", peer_ids=[ann.peer_id])
        assert "consent_required" in asked.error_code
        opened = await guest.call("open_direct", peer_ids=[ann.peer_id], confirm=True)
        assert opened.data["channel"] == "@ann", opened.text
        await guest.call("send_message", channel="@ann", body="just between us")
        after = await host.wait_until("just between us", after)
        guest_after = await guest.cursor()
        await host.call("send_message", channel="@bob", body="what is it?")
        await guest.wait_until("what is it?", guest_after)
        found = await host.call("open_direct", peer_ids=[bob.peer_id])
        assert found.data["outcome"] == "unchanged"
        assert found.data["server_id"] == opened.data["server_id"]
        inbox = await host.call("inbox")
        assert inbox.data["channels"][0]["kind"] == "direct", inbox.text

        # Both see one number; the mark and the nickname stay where they were made.
        mine = await host.call("set_contact", peer_id=bob.peer_id, nickname="Captain")
        theirs = await guest.call("set_contact", peer_id=ann.peer_id)
        assert mine.data["safety_number"] == theirs.data["safety_number"]
        assert theirs.data["nickname"] == ""
        unconfirmed = await host.refused("set_contact", peer_id=bob.peer_id, verified=True)
        assert theirs.data["safety_number"] in unconfirmed.text
        shown = await command(ann, "contact", bob.peer_id, "--verified", "yes")
        assert mine.data["safety_number"] in shown.stdout and "Captain" in shown.stdout
        page = await host.call("read_channel", channel="@Captain")
        assert page.shows("just between us"), page.text
        assert all(
            message["trust"] in ("verified", "self") for message in page.data["messages"])
