"""The official Python SDK, second edition, in both eras."""

import contextlib
import json

import anyio
import mcp_types as types
import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.subscriptions import ResourceUpdated

from harness import within
from scenario import (
    MESSAGES_TEMPLATE, RESOURCES, TOOLS, Peer, Result, meet_and_chat, send_twice_and_too_late)

MODES = ["auto", "legacy"]
REVISION = {"auto": "2026-07-28", "2026-07-28": "2026-07-28", "legacy": "2025-11-25"}
HEARTBEAT_SECONDS = 15


@contextlib.asynccontextmanager
async def connected(node, mode="auto", options=(), **keywords):
    log = node.new_log()
    parameters = StdioServerParameters(
        command=node.binary, args=node.run_arguments(*options), env=node.environment,
        cwd=node.home)
    transport = stdio_client(parameters, errlog=log.writer)
    async with Client(transport, mode=mode, **keywords) as client:
        log.spawned()
        yield client


def peer(node, client):
    async def call(tool, arguments):
        result = await client.call_tool(tool, arguments)
        return Result.read(result.content, result.structured_content, result.is_error)

    return Peer(node.peer_id, call)


async def read(client, uri):
    contents = (await client.read_resource(uri, cache_mode="bypass")).contents
    assert len(contents) == 1
    assert contents[0].mime_type == "application/json"
    return json.loads(contents[0].text)


@pytest.mark.parametrize("mode", [*MODES, "2026-07-28"])
@within(30)
async def test_s250_connects_and_lists(node, mode):
    async with connected(node, mode) as client:
        assert client.protocol_version == REVISION[mode]
        tools = (await client.list_tools()).tools
        assert TOOLS <= {tool.name for tool in tools}
        for tool in tools:
            assert tool.description and len(tool.description.encode()) <= 180
            assert tool.title and tool.annotations is not None
            assert tool.input_schema["type"] == "object"
            assert tool.input_schema["additionalProperties"] is False
            assert tool.output_schema["type"] == "object"
        listed = {str(entry.uri) for entry in (await client.list_resources()).resources}
        assert RESOURCES <= listed
        templates = (await client.list_resource_templates()).resource_templates
        assert MESSAGES_TEMPLATE in {entry.uri_template for entry in templates}
        if mode != "2026-07-28":  # Adopted without asking, so nothing was told.
            assert client.server_info.name == "peer-agent"
            assert "inbox" in client.instructions and len(client.instructions.encode()) <= 600


@pytest.mark.parametrize("mode", MODES)
@within(60)
async def test_acts_and_reads_back(node, mode):
    async with connected(node, mode) as client:
        me = peer(node, client)
        server = (await me.call("create_server", name="harbour")).data["server_id"]
        made = await me.call("create_channel", name="dock", topic="ships", server=server)
        assert json.loads(made.text.split("\n")[0]) == made.facts  # The same facts, twice.
        await me.call("switch_server", id=server)
        await me.call("switch_channel", name="#dock")
        sent = await me.call("send_message", channel="#dock", body="ahoy\n\"two\" lines ✓")
        await me.call("send_reply", parent_id=sent.data["message_id"], body="aye")
        page = await me.call("read_channel", channel="dock")
        assert [message["text"] for message in page.facts["messages"]] == [
            'ahoy\n"two" lines ✓', "aye"]
        shown = await me.call("get_message", message_id=sent.data["message_id"])
        assert shown.facts["messages"][0]["id"] == sent.data["message_id"]
        await me.call("set_display_name", name="Ann of the harbour")
        await me.call("mark_read", all=True)
        assert (await me.call("inbox")).data["unread"] == 0
        assert (await me.call("connection_info")).data["peer_id"] == node.peer_id


@pytest.mark.parametrize("mode", MODES)
@within(30)
async def test_refuses_with_a_code(node, mode):
    async with connected(node, mode) as client:
        me = peer(node, client)
        await me.call("create_server", name="harbour")
        for code, tool, arguments in [
            ("unknown_channel", "send_message", {"channel": "#nowhere", "body": "x"}),
            ("invalid_argument", "send_message", {"channel": "#general"}),
            ("invalid_argument", "send_message", {"channel": "#general", "body": 7}),
            ("invalid_argument", "inbox", {"no_such_field": True}),
            ("too_large", "send_message", {"channel": "#general", "body": "é" * 8_193}),
        ]:
            refused = await me.refused(tool, **arguments)
            assert refused.error_code == code, (tool, arguments, refused.text)
            assert refused.text.strip()
        with pytest.raises(MCPError) as unknown:
            await client.call_tool("no_such_tool", {})
        assert unknown.value.code == types.INVALID_PARAMS
        await me.call("inbox")


@pytest.mark.parametrize("mode", MODES)
@within(30)
async def test_s250_reads_resources(node, mode):
    async with connected(node, mode) as client:
        me = peer(node, client)
        server = (await me.call("create_server", name="harbour")).data["server_id"]
        await me.call("send_message", channel="#general", body="hello")
        assert (await read(client, "peer://identity"))["peer_id"] == node.peer_id
        servers = (await read(client, "peer://servers"))["servers"]
        assert [(entry["id"], entry["name"]) for entry in servers] == [(server, "harbour")]
        channels = (await read(client, "peer://server/channels"))["channels"]
        assert [entry["name"] for entry in channels] == ["general"]
        members = (await read(client, "peer://server/members"))["members"]
        assert [(entry["peer_id"], entry["level"]) for entry in members] == [
            (node.peer_id, "owner")]
        assert (await read(client, "peer://connection"))["peer_count"] == 0
        messages = (await read(client, "peer://channel/general/messages"))["messages"]
        assert [entry["body"] for entry in messages] == ["hello"]
        for uri in ["peer://nothing", "peer://channel/nowhere/messages"]:
            with pytest.raises(MCPError) as missing:
                await client.read_resource(uri)
            assert missing.value.code == (-32002 if mode == "legacy" else types.INVALID_PARAMS)
            assert missing.value.data["uri"] == uri


@within(30)
async def test_s250_listens_for_changes(node):
    uri = "peer://channel/general/messages"
    async with connected(node) as client:
        me = peer(node, client)
        await me.call("create_server", name="harbour")
        async with client.listen(resource_subscriptions=[uri, "peer://nothing"]) as changes:
            assert list(changes.honored.resource_subscriptions) == [uri]
            await me.call("send_message", channel="#general", body="news")
            async for event in changes:
                assert event == ResourceUpdated(uri=uri)
                break
            assert (await read(client, uri))["messages"][-1]["body"] == "news"


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
@within(30)
async def test_s250_subscribes_the_old_way(node):
    uri = "peer://channel/general/messages"
    updated, received = anyio.create_memory_object_stream(16)

    async def note(message):
        if isinstance(message, types.ResourceUpdatedNotification):
            await updated.send(str(message.params.uri))

    async with connected(node, "legacy", message_handler=note) as client:
        me = peer(node, client)
        await me.call("create_server", name="harbour")
        await client.subscribe_resource(uri)
        await me.call("send_message", channel="#general", body="news")
        assert await received.receive() == uri
        await client.unsubscribe_resource(uri)
        with pytest.raises(MCPError) as missing:
            await client.subscribe_resource("peer://nothing")
        assert missing.value.code == -32002


@within(60)
async def test_s261_a_long_wait_shows_progress(make_node):
    """Both eras at the same time, because the heartbeat comes only every 15 seconds."""

    async def wait(mode):
        beats = []

        async def note(progress, total, message):
            beats.append((progress, total, message))

        node = make_node(f"waiting-{mode}")
        async with connected(node, mode) as client:
            result = await client.call_tool(
                "wait_for_messages", {"timeout_s": HEARTBEAT_SECONDS + 2},
                progress_callback=note)
        assert result.structured_content["timed_out"] is True
        assert beats and beats[0][1] == HEARTBEAT_SECONDS + 2
        assert [beat[0] for beat in beats] == sorted({beat[0] for beat in beats})

    async with anyio.create_task_group() as both:
        for mode in MODES:
            both.start_soon(wait, mode)


@pytest.mark.parametrize("mode", MODES)
@within(30)
async def test_an_abandoned_wait_leaves_the_session_usable(node, mode):
    async with connected(node, mode) as client:
        with anyio.move_on_after(0.5) as given_up:
            await client.call_tool("wait_for_messages", {"timeout_s": 50})
        assert given_up.cancelled_caught
        await peer(node, client).call("inbox")


@pytest.mark.parametrize(("first", "second"), [("auto", "auto"), ("legacy", "auto")])
@within(120)
async def test_two_nodes_meet_and_chat(make_node, first, second):
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann, first) as of_ann, connected(bob, second) as of_bob:
        await ann.address()
        await bob.address()
        host, guest = peer(ann, of_ann), peer(bob, of_bob)
        server = await meet_and_chat(host, guest)
        await send_twice_and_too_late(host, guest, server)
        members = (await read(of_bob, f"peer://server/members?server={server}"))["members"]
        assert {entry["peer_id"] for entry in members} == {ann.peer_id, bob.peer_id}
        assert (await read(of_ann, "peer://connection"))["peer_count"] == 1


@within(120)
async def test_a_node_catches_up_after_a_restart(make_node):
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann) as of_ann:
        host = peer(ann, of_ann)
        async with connected(bob) as of_bob:
            server = await meet_and_chat(host, peer(bob, of_bob), rounds=1)
            after = await peer(bob, of_bob).cursor()
        sent = await host.call("send_message", channel=f"{server}/general", body="while away")
        assert sent.data["outcome"] in ("applied", "queued")
        async with connected(bob, options=["--peer", await ann.address()]) as of_bob:
            await peer(bob, of_bob).wait_until("while away", after)
