"""What people do together, by scenario: inviting, profiles, local notes, small files, budgets."""

import base64
import hashlib
import json
import os
import re
import time

from harness import within
from scenario import invite
from test_files import b64, download, pair
from test_sdk2 import connected, peer, read

UNLIMITED = tuple(
    word for kind in ("administrative", "posting", "small-acts", "verify-state")
    for word in ("--limit", f"{kind}=0"))


async def members(client):
    page = await read(client, "peer://server/members")
    return {entry["peer_id"]: entry for entry in page["members"]}


async def seen_by(guest, after, body):
    """Waits until `body` is read; what was done before it has arrived, too."""
    while True:
        page = await guest.call("wait_for_messages", after=after, timeout_s=20)
        after = page.cursor
        if page.shows(body):
            return after


@within(120)
async def test_who_is_put_out_of_a_server_does_not_speak_in_another(make_node):
    """Both have a #general; who chose nothing works where this node was last, and is refused."""
    async with pair(make_node, *UNLIMITED) as (host, guest, general, (_, bob), _):
        harbour = general.split("/")[0]
        yard = (await host.call("create_server", name="yard")).data["server_id"]
        invited = await host.call(
            "generate_invite", recipient_peer_id=bob.peer_id, server=yard, confirm=True)
        await guest.call("accept_invite", code=invited.data["invite_code"], confirm=True)
        await guest.call("switch_server", id=harbour)
        await host.call("kick_member", peer_id=bob.peer_id, server=harbour, confirm=True)
        # Commands are another principal than the agent that chose.
        send = ["send", "#general", "secret", "--json", "--data-dir", str(bob.data)]
        said = bob.command(*send, check=False)
        while said.returncode == 0:
            assert json.loads(said.stdout)["server_id"] == harbour  # It has not heard of it yet.
            said = bob.command(*send, check=False)
        assert said.returncode == 8 and "not a member" in said.stderr, said.stderr
        after = await host.cursor()
        await guest.call("send_message", channel=f"{yard}/general", body="to the yard")
        await seen_by(host, after, "to the yard")
        assert not (await host.call("read_channel", channel=f"{yard}/general")).shows("secret")


@within(120)
async def test_s084_inviting_a_member_and_somebody_removed(make_node):
    async with pair(make_node, *UNLIMITED) as (host, guest, general, (_, bob), _):
        server = general.split("/")[0]
        again = await host.call("generate_invite", recipient_peer_id=bob.peer_id, confirm=True)
        # Already so: no second membership is written, and the text leads there all the same.
        assert again.data["outcome"] == "unchanged"
        assert again.data["invite_code"].startswith("pa1_")
        link = await host.call("create_join_link", max_uses=5, server=server, confirm=True)
        await host.call("kick_member", peer_id=bob.peer_id, server=server, confirm=True)
        while True:
            refused = await guest.call_raw(
                "accept_invite", {"code": link.data["link"], "confirm": True})
            if refused.is_error:
                break
            # It has not heard yet that it was removed.
            assert refused.data["outcome"] == "unchanged", refused.text
        assert refused.error_code == "permission_denied", refused.text
        assert refused.facts["error"]["rule"] == "needsGrant"
        granted = await host.call("generate_invite", recipient_peer_id=bob.peer_id, confirm=True)
        assert granted.data["outcome"] in ("applied", "queued")
        back = await guest.call(
            "accept_invite", code=granted.data["invite_code"], confirm=True)
        # The grant may have reached it before the text did.
        assert back.data["outcome"] in ("applied", "unchanged"), back.text
        after = await host.cursor()
        await guest.call("send_message", channel=general, body="back again")
        await host.wait_until("back again", after)


@within(60)
async def test_s090_a_link_is_shown_once_and_nowhere_else(make_node):
    """Who may list links is in test_events.py."""
    ann = make_node("ann")
    async with connected(ann) as client:
        host = peer(ann, client)
        await host.call("create_server", name="harbour")
        made = await host.call("create_join_link", max_uses=3, confirm=True)
        code = made.data["link"]
        raw = base64.urlsafe_b64decode(code[4:] + "=" * (-len(code[4:]) % 4))
        mark = raw.index(b"\x58\x20", raw.index(bytes.fromhex(made.data["link_id"])) + 32)
        secret = raw[mark + 2:mark + 34]
        listed = await read(client, "peer://server/join-links")
        assert [link["id"] for link in listed["join_links"]] == [made.data["link_id"]]
        shown = [json.dumps(listed)]
        for uri in ["peer://server/current", "peer://events", "peer://audit", "peer://inbox"]:
            shown.append(json.dumps(await read(client, uri)))
        for tool in ["list_events", "audit_log", "connection_info"]:
            shown.append((await host.call(tool)).text)
        shown += [line for log in ann.logs for line in log.lines]
        assert any(made.data["link_id"] in text for text in shown), "it is named"
        for text in shown:
            assert code not in text and secret.hex() not in text
        for path in ann.data.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                assert secret not in data and code.encode() not in data, path
                assert secret.hex().encode() not in data, path


@within(60)
async def test_s167_a_profile_is_set_field_by_field(make_node):
    fields = {
        "bio": "b" * 240, "pronouns": "p" * 32, "tagline": "t" * 80, "pinned": "x" * 280,
        "since": "2020", "elsewhere": ["one.example", "two.example"],
        "crest_pattern": "waves", "crest_colour": "#00aaff", "peer_kind": "human",
        "model": "m" * 64, "data_policy": "local"}
    async with pair(make_node, *UNLIMITED) as (host, guest, general, (ann, _), (_, of_bob)):
        after = await guest.cursor()
        for name, value in fields.items():
            done = await host.call("set_profile", **{name: value})
            assert done.data["profile"][name] == value, (name, done.text)
        same = await host.call("set_profile", bio=fields["bio"], since="2020")
        assert same.data["outcome"] == "unchanged"
        cleared = await host.call("set_profile", tagline="")
        assert "tagline" not in cleared.data["profile"]
        await host.call("send_message", channel=general, body="that is me")
        await seen_by(guest, after, "that is me")
        card = await read(of_bob, f"peer://member/{ann.peer_id}")
        expected = {key: value for key, value in fields.items() if key != "tagline"}
        assert expected.items() <= card["profile"].items()
        assert "tagline" not in card["profile"]
        # Written before this node had it, and had before now.
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        assert card["joined_at"] <= card["first_seen"] <= now
        told = await guest.call("list_events", types=["ProfileUpdated"], limit=100)
        own = [one["data"] for one in told.facts["events"]
               if one["data"]["peer_id"] == ann.peer_id]
        # One for each act; what changed nothing told nothing.
        assert own == [{"peer_id": ann.peer_id, "display_name": "ann"}] * (len(fields) + 1), len(own)
        for name, value in [("bio", "b" * 241), ("pronouns", "p" * 33), ("tagline", "t" * 81),
                            ("pinned", "x" * 281), ("elsewhere", ["a"] * 5),
                            ("crest_colour", "blue"), ("peer_kind", "ghost")]:
            refused = await host.refused("set_profile", **{name: value})
            assert refused.error_code in ("invalid_argument", "too_large"), (name, refused.text)


@within(60)
async def test_s168_what_is_noted_about_others_stays_here(make_node):
    async with pair(make_node, *UNLIMITED) as (host, guest, general, (ann, bob), (of_ann, of_bob)):
        server = general.split("/")[0]

        async def counts():
            state = await host.call("verify_state", server=server)
            return state.data["state_hash"], state.data["events"]

        before = await counts()
        await host.call("mute", muted=True, channel=general)
        await host.call("mute", muted=True, server=server)
        await host.call("set_contact", peer_id=bob.peer_id, nickname="Captain Canary")
        await host.call("set_contact", peer_id=bob.peer_id, verified=True, confirm=True)
        await host.call("set_contact", peer_id=bob.peer_id, blocked=True)
        await host.call("set_contact", peer_id=bob.peer_id, blocked=False)
        assert await counts() == before, "nothing was signed"
        assert (await members(of_ann))[bob.peer_id]["nickname"] == "Captain Canary"
        after = await guest.cursor()
        await host.call("send_message", channel=general, body="sentinel")
        await seen_by(guest, after, "sentinel")
        assert (await members(of_bob))[bob.peer_id].get("nickname") is None
        for path in bob.data.rglob("*"):
            if path.is_file():
                assert b"Captain Canary" not in path.read_bytes(), path


@within(60)
async def test_s169_what_is_equal_wakes_nobody(make_node):
    uri = "peer://servers"
    async with pair(make_node, *UNLIMITED) as (host, guest, general, _, (_, of_bob)):
        server = general.split("/")[0]
        await host.call("set_server_description", description="boats", server=server)
        after = await guest.cursor()
        await host.call("send_message", channel=general, body="described")
        await seen_by(guest, after, "described")
        before = await read(of_bob, uri)
        async with of_bob.listen(resource_subscriptions=[uri]) as changes:
            for _ in range(3):
                for act in [("set_server_description", {"description": "boats"}),
                            ("rename_server", {"name": "harbour"})]:
                    done = await host.call(act[0], server=server, **act[1])
                    assert done.data["outcome"] == "unchanged"
            after = await guest.cursor()
            await host.call("send_message", channel=general, body="nothing new")
            await seen_by(guest, after, "nothing new")
            await host.call("rename_server", name="marina", server=server)
            async for _ in changes:
                break
            # The first that is told is the one that changed something.
            shown = await read(of_bob, uri)
        assert [entry["name"] for entry in before["servers"]] == ["harbour"]
        assert [entry["name"] for entry in shown["servers"]] == ["marina"]


@within(60)
async def test_s180_a_small_file_is_equal_on_the_other_side(make_node):
    async with pair(make_node, *UNLIMITED) as (host, guest, general, _, _):
        after = await guest.cursor()
        data = b"%PDF-1.7\n" + os.urandom(200 * 1024 - 9)
        sent = await host.call(
            "share_file_inline", channel=general, filename="chart.pdf", data=b64(data),
            mime="application/pdf", caption="the chart")
        assert sent.data["size"] == len(data)
        after = await seen_by(guest, after, "the chart")
        got, facts = await download(guest, sent.data["file_id"])
        assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()
        assert (facts["filename"], facts["mime"], facts["size"]) == (
            "chart.pdf", "application/pdf", len(data))
        # A type that the content contradicts is refused where it is handed over.
        wrong = await host.refused(
            "share_file_inline", channel=general, filename="chart.png", data=b64(data),
            mime="image/png")
        assert wrong.error_code == "invalid_argument"


@within(90)
async def test_s187_an_agent_beyond_its_bytes_is_told_when_it_may_go_on(make_node):
    ann, bob, carol = (make_node(name) for name in ("ann", "bob", "carol"))
    async with connected(ann) as first:
        address = ("--peer", await ann.address())
        async with connected(bob, options=(*address, *UNLIMITED)) as second, \
                connected(carol, options=(*address, *UNLIMITED)) as third:
            host, agent, other = peer(ann, first), peer(bob, second), peer(carol, third)
            server = (await host.call("create_server", name="harbour")).data["server_id"]
            general = f"{server}/general"
            await invite(host, other, server)
            await host.call(
                "add_agent", peer_id=bob.peer_id, server=server, bytes_per_day=20_000,
                confirm=True)
            made = await host.call(
                "generate_invite", recipient_peer_id=bob.peer_id, server=server, confirm=True)
            joined = await agent.call(
                "accept_invite", code=made.data["invite_code"], confirm=True)
            assert joined.data["outcome"] == "applied", joined.text
            sent = 0
            while True:
                answer = await agent.call_raw(
                    "send_message", {"channel": general, "body": f"{sent} " + "x" * 6_000})
                if answer.is_error:
                    break
                sent += 1
            assert 1 <= sent <= 3
            assert answer.error_code == "quota_exceeded", answer.text
            assert re.search(r"20000 bytes a day.* in \d+ (s|min|h)", answer.text), answer.text
            after = await agent.cursor()
            await other.call("send_message", channel=general, body="I go on")
            await agent.wait_until("I go on", after)
