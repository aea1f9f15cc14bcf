"""What a stop or a kill leaves: pages, places, counts and promises of the process before."""

import http.client
import json
import os
import signal

from harness import within
from http_node import serve  # noqa: F401
from test_sdk2 import connected, peer, read


UNLIMITED = ("--limit", "posting=0")


def written(node):
    """When the log of the database was last written to."""
    return os.stat(node.data / "node.db-wal").st_mtime_ns


@within(120)
async def test_s230_a_lone_owner_goes_on_where_it_stopped(node):
    """Nobody else holds anything: all of it comes from the disk."""
    async with connected(node) as client:
        owner = peer(node, client)
        server = (await owner.call("create_server", name="harbour")).data["server_id"]
        dock = (await owner.call("create_channel", name="dock", topic="boats")).data["channel_id"]
        for number in range(12):
            await owner.call("send_message", channel=f"{server}/dock", body=f"note {number}")
        page = await owner.call("read_channel", channel=f"{server}/dock", limit=5)
        before = {
            "state": (await owner.call("verify_state", server=server)).data["state_hash"],
            "channels": await read(client, "peer://server/channels"),
            "unread": await read(client, "peer://server/unread"),
            "cursor": await owner.cursor(),
        }
        last = (await owner.call("send_message", channel=f"{server}/dock", body="last")).data
    async with connected(node) as client:
        owner = peer(node, client)
        after = await owner.call("wait_for_messages", after=before["cursor"], timeout_s=0)
        assert [message["text"] for message in after.data.get("messages", [])] in ([], ["last"])
        older = await owner.call(
            "read_channel", channel=f"{server}/dock", before=page.data["prev_cursor"], limit=7)
        assert [message["text"] for message in older.data["messages"]] == [
            f"note {number}" for number in range(7)]
        channels = await read(client, "peer://server/channels")
        assert [one["id"] for one in channels["channels"]] == [
            one["id"] for one in before["channels"]["channels"]]
        assert dock in [one["id"] for one in channels["channels"]]
        assert await read(client, "peer://server/unread") == before["unread"]
        sent = (await owner.call("send_message", channel=f"{server}/dock", body="at once")).data
        assert sent["outcome"] == "applied" and sent["seq"] == last["seq"] + 1
        assert (await owner.call("delete_message", message_id=last["message_id"])).data[
            "seq"] == sent["seq"] + 1


def test_s230_state_and_tokens_are_the_same_after_a_restart(serve, make_node):  # noqa: F811
    node = make_node("ann")
    served = serve(node=node)
    client = served.client()
    client.call("create_server", name="harbour")
    client.call("create_role", name="crew")
    client.call("send_message", channel="#general", body="hello")
    token = served.make_token("--scope", "messaging")["token"]
    states = []
    for _ in range(3):
        reader = served.client(token)
        page = reader.call("read_channel", channel="#general")["structuredContent"]
        assert [one["text"] for one in page["messages"]] == ["hello"]
        states.append(client.call("verify_state")["structuredContent"]["state_hash"])
        assert served.stop() == 0
        served = serve(node=node)
        client = served.client(client.token)
    assert len(set(states)) == 1


@within(180)
async def test_s143_cursors_of_pages_are_good_in_the_next_process(node):
    async with connected(node, options=UNLIMITED) as client:
        owner = peer(node, client)
        server = (await owner.call("create_server", name="harbour")).data["server_id"]
        general = f"{server}/general"
        for number in range(40):
            await owner.call("send_message", channel=general, body=f"m{number}")
        newest = (await owner.call("read_channel", channel=general, limit=7)).data
    shown = [message["text"] for message in newest["messages"]]
    cursor = newest["prev_cursor"]
    for _ in range(10):
        async with connected(node, options=UNLIMITED) as client:
            owner = peer(node, client)
            await owner.call("send_message", channel=general, body="new")
            page = (await owner.call(
                "read_channel", channel=general, before=cursor, limit=7)).data
        shown = [message["text"] for message in page["messages"]] + shown
        cursor = page.get("prev_cursor")
        if cursor is None:
            break
    assert shown == [f"m{number}" for number in range(40)]


@within(120)
async def test_s148_the_place_of_a_principal_outlives_the_process(node):
    async with connected(node) as client:
        owner = peer(node, client)
        server = (await owner.call("create_server", name="harbour")).data["server_id"]
        await owner.call("create_channel", name="dock")
        switched = await owner.call("switch_channel", name=f"{server}/dock")
        assert switched.data["channel"] == "dock"
    async with connected(node) as client:
        owner = peer(node, client)
        assert (await owner.call("switch_channel", name="dock")).data["outcome"] == "unchanged"
        refused = await owner.refused("switch_channel", name="nowhere")
        assert refused.error_code == "unknown_channel"
        marked = await owner.call("mark_read")
        assert marked.data["outcome"] == "unchanged"


def test_s140_a_message_killed_before_its_answer_is_sent_once(serve, make_node):  # noqa: F811
    """The node dies as soon as its database is written; whether it answered nobody looks."""
    node = make_node("ann")
    served = serve(node=node)
    client = served.client()
    client.call("create_server", name="harbour")
    token = client.token
    duplicates = 0
    for attempt in range(12):
        arguments = {"channel": "harbour/#general", "body": f"once {attempt}",
                     "client_msg_id": f"try-{attempt}"}
        frame = client.frame("tools/call", {"name": "send_message", "arguments": arguments})
        before = written(node)
        connection = http.client.HTTPConnection("127.0.0.1", served.port)
        connection.request(
            "POST", "/mcp", json.dumps(frame),
            client.headers(frame) | {"Authorization": f"Bearer {token}"})
        while written(node) == before:
            assert served.process.poll() is None
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        connection.close()
        served = serve(node=node)
        client = served.client(token)
        again = client.call("send_message", **arguments)["structuredContent"]
        duplicates += again.get("duplicate", False)
        twice = client.call("send_message", **arguments)["structuredContent"]
        assert twice["duplicate"] is True and twice["message_id"] == again["message_id"]
        page = client.call("read_channel", channel="harbour/#general")["structuredContent"]
        assert [one["text"] for one in page["messages"]] == [
            f"once {number}" for number in range(attempt + 1)]
        other = client.call("send_message", **(arguments | {"body": "another"}))
        assert other["structuredContent"]["error"]["code"] == "conflict"
        if duplicates == 3:
            break
    assert duplicates > 0, "no kill came between the commit and the answer"
