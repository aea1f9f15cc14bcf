"""The fastmcp client, in both eras."""

import contextlib
import json

import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError

from harness import within
from scenario import RESOURCES, TOOLS, Peer, Result, meet_and_chat

MODES = ["auto", "legacy"]


@contextlib.asynccontextmanager
async def connected(node, mode):
    log = node.new_log()
    transport = StdioTransport(
        command=node.binary, args=node.run_arguments(), env=node.environment,
        cwd=str(node.home), keep_alive=False, log_file=log.writer)
    async with Client(transport, mode=mode) as client:
        log.spawned()
        yield client


def peer(node, client):
    async def call(tool, arguments):
        result = await client.call_tool(tool, arguments, raise_on_error=False)
        return Result.read(result.content, result.structured_content, result.is_error)

    return Peer(node.peer_id, call)


@pytest.mark.parametrize("mode", MODES)
@within(60)
async def test_s250_lists_calls_and_reads(node, mode):
    async with connected(node, mode) as client:
        assert TOOLS <= {tool.name for tool in await client.list_tools()}
        assert RESOURCES <= {str(entry.uri) for entry in await client.list_resources()}
        me = peer(node, client)
        await me.call("create_server", name="harbour")
        await me.call("send_message", channel="#general", body="ahoy")
        assert (await me.call("read_channel", channel="#general")).shows("ahoy")
        with pytest.raises(ToolError):
            await client.call_tool("send_message", {"channel": "#nowhere", "body": "x"})
        identity = await client.read_resource("peer://identity")
        assert json.loads(identity[0].text)["peer_id"] == node.peer_id


@pytest.mark.parametrize("mode", MODES)
@within(120)
async def test_two_nodes_meet_and_chat(make_node, mode):
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann, mode) as of_ann, connected(bob, mode) as of_bob:
        await meet_and_chat(peer(ann, of_ann), peer(bob, of_bob))
