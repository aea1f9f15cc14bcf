"""The official Python SDK, first edition, over Streamable HTTP at each revision it can offer.

Run in an environment of its own; skipped where the second edition is installed.
"""

import contextlib

import pytest
from mcp import types

if "inputSchema" not in types.Tool.model_fields:
    pytest.skip("needs mcp 1.x", allow_module_level=True)

from mcp import ClientSession, McpError  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402
from mcp.shared._httpx_utils import create_mcp_http_client  # noqa: E402
from pydantic import AnyUrl  # noqa: E402

from harness import within  # noqa: E402
from http_node import serve  # noqa: E402, F401
from scenario import RESOURCES, TOOLS, Peer, Result, meet_and_chat  # noqa: E402

REVISIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]


@pytest.fixture(params=REVISIONS)
def revision(request, monkeypatch):
    monkeypatch.setattr(types, "LATEST_PROTOCOL_VERSION", request.param)
    return request.param


@contextlib.asynccontextmanager
async def connected(served):
    async with create_mcp_http_client(headers=served.headers) as http:
        async with streamable_http_client(served.url, http_client=http) as streams:
            async with ClientSession(streams[0], streams[1]) as session:
                session.greeting = await session.initialize()
                session.id_of = streams[2]
                yield session


def peer(served, session):
    async def call(tool, arguments):
        result = await session.call_tool(tool, arguments)
        return Result.read(result.content, result.structuredContent, result.isError)

    return Peer(served.node.peer_id, call)


@within(30)
async def test_speaks_the_offered_revision(serve, revision):
    served = serve()
    async with connected(served) as session:
        assert session.greeting.protocolVersion == revision
        assert session.id_of()
        await session.send_ping()
        assert TOOLS <= {tool.name for tool in (await session.list_tools()).tools}
        assert RESOURCES <= {
            str(entry.uri) for entry in (await session.list_resources()).resources}
        with pytest.raises(McpError) as missing:
            await session.read_resource(AnyUrl("peer://nothing"))
        assert missing.value.error.code == -32002


@within(120)
async def test_s270_two_nodes_meet_and_chat(serve, revision):
    ann, bob = serve("ann"), serve("bob")
    async with connected(ann) as of_ann, connected(bob) as of_bob:
        await meet_and_chat(peer(ann, of_ann), peer(bob, of_bob))
