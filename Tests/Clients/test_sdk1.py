"""The official Python SDK, first edition, at each revision it can offer.

Run in an environment of its own; skipped where the second edition is installed.
"""

import contextlib
import json

import anyio
import pytest
from mcp import types

if "inputSchema" not in types.Tool.model_fields:
    pytest.skip("needs mcp 1.x", allow_module_level=True)

from mcp import ClientSession, McpError, StdioServerParameters, stdio_client  # noqa: E402
from pydantic import AnyUrl  # noqa: E402

from harness import within  # noqa: E402
from scenario import RESOURCES, TOOLS, Peer, Result, meet_and_chat  # noqa: E402
from tour import MADE, URI, addresses, facts_of, reads, tapped  # noqa: E402

REVISIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
STRUCTURED_SINCE = "2025-06-18"
ANNOTATED_SINCE = "2025-03-26"


@pytest.fixture(params=REVISIONS)
def revision(request, monkeypatch):
    monkeypatch.setattr(types, "LATEST_PROTOCOL_VERSION", request.param)
    return request.param


@contextlib.asynccontextmanager
async def connected(node):
    log = node.new_log()
    parameters = StdioServerParameters(
        command=node.binary, args=node.run_arguments(), env=node.environment, cwd=node.home)
    async with stdio_client(parameters, errlog=log.writer) as streams:
        log.spawned()
        async with ClientSession(*streams) as session:
            session.greeting = await session.initialize()
            yield session


def peer(node, session):
    async def call(tool, arguments):
        result = await session.call_tool(tool, arguments)
        return Result.read(result.content, result.structuredContent, result.isError)

    return Peer(node.peer_id, call)


@within(30)
async def test_speaks_the_offered_revision(node, revision):
    async with connected(node) as session:
        assert session.greeting.protocolVersion == revision
        assert session.greeting.serverInfo.name == "peer-agent"
        await session.send_ping()
        tools = (await session.list_tools()).tools
        assert TOOLS <= {tool.name for tool in tools}
        for tool in tools:
            assert (tool.annotations is not None) == (revision >= ANNOTATED_SINCE)
            assert (tool.outputSchema is not None) == (revision >= STRUCTURED_SINCE)
            assert (tool.title is not None) == (revision >= STRUCTURED_SINCE)
        listed = {str(entry.uri) for entry in (await session.list_resources()).resources}
        assert RESOURCES <= listed


@within(30)
async def test_s250_calls_and_reads(node, revision):
    async with connected(node) as session:
        me = peer(node, session)
        created = await me.call("create_server", name="harbour")
        assert (created.facts is not None) == (revision >= STRUCTURED_SINCE)
        sent = await me.call("send_message", channel="#general", body="ahoy")
        assert sent.data["outcome"] in ("applied", "queued")
        assert (await me.call("read_channel", channel="#general")).shows("ahoy")
        refused = await me.refused("send_message", channel="#nowhere", body="x")
        if revision >= STRUCTURED_SINCE:
            assert refused.error_code == "unknown_channel"
        read = await session.read_resource(AnyUrl("peer://identity"))
        assert json.loads(read.contents[0].text)["peer_id"] == node.peer_id
        with pytest.raises(McpError) as missing:
            await session.read_resource(AnyUrl("peer://nothing"))
        assert missing.value.error.code == -32002


@within(90)
async def test_s250_everything_is_read(node, revision, tmp_path):
    """Each tool that reads, each resource, each template, then subscribe, cancel and close."""
    tap = tapped(node, tmp_path / "tap")
    log = node.new_log()
    parameters = StdioServerParameters(
        command=tap.command, args=[*tap.arguments, *node.run_arguments()],
        env=tap.environment, cwd=node.home)
    async with stdio_client(parameters, errlog=log.writer) as streams:
        log.spawned()
        async with ClientSession(*streams) as session:
            await session.initialize()

            async def call(tool, arguments):
                result = await session.call_tool(tool, arguments)
                assert not result.isError, (tool, result)
                return result.content[0].text

            facts = facts_of([await call(*made) for made in MADE], node.peer_id)
            for tool, arguments in reads(facts).items():
                assert await call(tool, arguments)
            listed = [str(one.uri) for one in (await session.list_resources()).resources]
            for uri in [*listed, *addresses(facts).values()]:
                assert (await session.read_resource(AnyUrl(uri))).contents, uri
            await session.subscribe_resource(AnyUrl(URI))
            await session.unsubscribe_resource(AnyUrl(URI))
            with anyio.move_on_after(0.5) as given_up:
                await session.call_tool("wait_for_messages", {"timeout_s": 50})
            assert given_up.cancelled_caught
            assert await call("inbox", {})
    assert tap.check(revision) > 40


@within(120)
async def test_two_nodes_meet_and_chat(make_node, revision):
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann) as of_ann, connected(bob) as of_bob:
        await ann.address()
        await bob.address()
        await meet_and_chat(peer(ann, of_ann), peer(bob, of_bob))
