"""The official Python SDK, second edition, and fastmcp, over Streamable HTTP in both eras."""

import contextlib

import anyio
import fastmcp
import mcp_types as types
import pytest
from fastmcp.client.transports import StreamableHttpTransport
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ResourceUpdated
from mcp.shared._httpx_utils import create_mcp_http_client

from harness import within
from http_node import serve  # noqa: F401
from scenario import RESOURCES, TOOLS, Peer, Result, meet_and_chat, send_twice_and_too_late

MODES = ["auto", "legacy"]
REVISION = {"auto": "2026-07-28", "2026-07-28": "2026-07-28", "legacy": "2025-11-25"}


@contextlib.asynccontextmanager
async def connected(served, mode="auto", **keywords):
    async with create_mcp_http_client(headers=served.headers) as http:
        transport = streamable_http_client(served.url, http_client=http)
        async with Client(transport, mode=mode, **keywords) as client:
            yield client


def peer(served, client):
    async def call(tool, arguments):
        result = await client.call_tool(tool, arguments)
        return Result.read(result.content, result.structured_content, result.is_error)

    return Peer(served.node.peer_id, call)


@pytest.mark.parametrize("mode", [*MODES, "2026-07-28"])
@within(30)
async def test_s270_connects_and_lists(serve, mode):
    served = serve()
    async with connected(served, mode) as client:
        assert client.protocol_version == REVISION[mode]
        assert TOOLS <= {tool.name for tool in (await client.list_tools()).tools}
        assert RESOURCES <= {
            str(entry.uri) for entry in (await client.list_resources()).resources}


@pytest.mark.parametrize("mode", MODES)
@within(30)
async def test_refuses_with_a_code(serve, mode):
    async with connected(serve(), mode) as client:
        with pytest.raises(MCPError) as unknown:
            await client.call_tool("no_such_tool", {})
        assert unknown.value.code == types.INVALID_PARAMS
        refused = await client.call_tool("send_message", {"channel": "#nowhere", "body": "x"})
        assert refused.is_error
        with pytest.raises(MCPError) as missing:
            await client.read_resource("peer://nothing")
        assert missing.value.code == (-32002 if mode == "legacy" else types.INVALID_PARAMS)


@pytest.mark.parametrize(("first", "second"), [("auto", "legacy"), ("legacy", "auto")])
@within(120)
async def test_s270_two_nodes_meet_and_chat(serve, first, second):
    ann, bob = serve("ann"), serve("bob")
    async with connected(ann, first) as of_ann, connected(bob, second) as of_bob:
        host, guest = peer(ann, of_ann), peer(bob, of_bob)
        server = await meet_and_chat(host, guest)
        await send_twice_and_too_late(host, guest, server)


@within(30)
async def test_two_clients_of_one_node_see_each_other(serve):
    """One waits over HTTP in the modern era while the other, a legacy one, posts."""
    served = serve()
    async with connected(served, "auto") as waiting, connected(served, "legacy") as posting:
        await peer(served, posting).call("create_server", name="harbour")
        await peer(served, posting).call("send_message", channel="#general", body="first")
        inbox = await peer(served, waiting).call("inbox")
        assert inbox.data["cursor"]


@within(30)
async def test_listens_for_changes(serve):
    uri = "peer://channel/general/messages"
    served = serve()
    async with connected(served) as client:
        me = peer(served, client)
        await me.call("create_server", name="harbour")
        async with client.listen(resource_subscriptions=[uri, "peer://nothing"]) as changes:
            assert list(changes.honored.resource_subscriptions) == [uri]
            await me.call("send_message", channel="#general", body="news")
            async for event in changes:
                assert event == ResourceUpdated(uri=uri)
                break


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
@within(30)
async def test_subscribes_the_old_way(serve):
    uri = "peer://channel/general/messages"
    updated, received = anyio.create_memory_object_stream(16)

    async def note(message):
        if isinstance(message, types.ResourceUpdatedNotification):
            await updated.send(str(message.params.uri))

    served = serve()
    async with connected(served, "legacy", message_handler=note) as client:
        me = peer(served, client)
        await me.call("create_server", name="harbour")
        await client.subscribe_resource(uri)
        await me.call("send_message", channel="#general", body="news")
        assert await received.receive() == uri


@within(60)
async def test_a_long_wait_shows_progress(serve):
    """Both eras at the same time, because the heartbeat comes only every 15 seconds."""
    served = serve()

    async def wait(mode):
        beats = []

        async def note(progress, total, message):
            beats.append(progress)

        async with connected(served, mode) as client:
            result = await client.call_tool(
                "wait_for_messages", {"timeout_s": 17}, progress_callback=note)
        assert result.structured_content["timed_out"] is True
        assert beats == [15]

    async with anyio.create_task_group() as both:
        for mode in MODES:
            both.start_soon(wait, mode)


@pytest.mark.parametrize("mode", MODES)
@within(30)
async def test_an_abandoned_wait_leaves_the_session_usable(serve, mode):
    served = serve()
    async with connected(served, mode) as client:
        with anyio.move_on_after(0.5) as given_up:
            await client.call_tool("wait_for_messages", {"timeout_s": 50})
        assert given_up.cancelled_caught
        await peer(served, client).call("inbox")


@pytest.mark.parametrize("mode", MODES)
@within(60)
async def test_s270_fastmcp_lists_calls_and_reads(serve, mode):
    served = serve()
    transport = StreamableHttpTransport(served.url, headers=served.headers)
    async with fastmcp.Client(transport, mode=mode) as client:
        assert TOOLS <= {tool.name for tool in await client.list_tools()}
        await client.call_tool("create_server", {"name": "harbour"})
        await client.call_tool("send_message", {"channel": "#general", "body": "ahoy"})
        page = await client.call_tool("read_channel", {"channel": "#general"})
        assert "ahoy" in str(page.content)
        assert await client.read_resource("peer://identity")


@within(30)
async def test_a_wrong_token_is_an_error_and_no_login(serve):
    served = serve()
    good = served.token
    served.token = "pat_" + "0" * 64
    with pytest.raises(BaseException):
        async with connected(served, "legacy"):
            pass
    counted = served.client(good).request("GET", "/metrics").body.decode()
    assert 'responses_total{status="401"}' in counted
    assert 'responses_total{status="404"}' not in counted, "it looked for a way to log in"
