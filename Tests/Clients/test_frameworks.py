"""Frameworks and bridges that sit between an agent and this node: list, call, error, read."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from langchain_mcp_adapters.client import MultiServerMCPClient
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

os.environ.setdefault("MCP_USE_ANONYMIZED_TELEMETRY", "false")
from mcp_use import MCPClient  # noqa: E402

from harness import within  # noqa: E402
from http_node import serve  # noqa: E402, F401

SECONDS = 60
SCRIPTS = Path(sys.executable).parent
BODY = "said through a framework"


@pytest.fixture
def served(serve):  # noqa: F811
    served = serve("ann", "--limit", "posting=0", "--limit", "requests=0")
    served.client().call("create_server", name="harbour")
    return served


def facts(result):
    """The object of a result, however a framework hands it over."""
    if isinstance(result, tuple):
        result = result[0]
    if isinstance(result, list):
        result = result[0]
    if isinstance(result, dict):
        result = result["text"]
    return json.loads(str(result).split("\n(")[0])


def said(served):
    page = served.client().call("read_channel", channel="#general")["structuredContent"]
    return [one["text"] for one in page["messages"]]


def langchain_settings(served, transport):
    if transport == "stdio":
        return {
            "transport": "stdio", "command": served.node.binary, "env": served.node.environment,
            "args": ["run", "--data-dir", str(served.node.data), "--scope", "full"],
        }
    return {"transport": "streamable_http", "url": served.url, "headers": served.headers}


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_langchain(served, transport):
    if transport == "stdio":
        served.stop()  # Two processes cannot have one data directory.

    @within(SECONDS)
    async def run():
        client = MultiServerMCPClient({"peer": langchain_settings(served, transport)})
        tools = {tool.name: tool for tool in await client.get_tools()}
        sent = await tools["send_message"].ainvoke({"channel": "#general", "body": BODY})
        assert facts(sent)["outcome"] in ("applied", "queued")
        resources = await client.get_resources("peer", uris="peer://inbox")
        assert "unread" in json.loads(resources[0].as_string())
        prompt = await client.get_prompt(
            "peer", "standing_watch", arguments={"channels": "#general"})
        assert "wait_for_messages" in prompt[0].content

    run()
    if transport == "http":
        assert said(served) == [BODY]


async def run_mcp_use(config):
    client = MCPClient.from_dict({"mcpServers": {"peer": config}})
    try:
        session = await client.create_session("peer")
        names = [tool.name for tool in await session.list_tools()]
        assert "wait_for_messages" in names
        sent = await session.call_tool(
            name="send_message", arguments={"channel": "#general", "body": BODY})
        assert not sent.isError
        refused = await session.call_tool(
            name="read_channel", arguments={"channel": "#nowhere"})
        assert refused.isError
        assert await session.read_resource("peer://inbox")
        assert len(await session.list_prompts()) >= 6
    finally:
        await client.close_all_sessions()


def test_mcp_use_over_http(served):
    asyncio.run(run_mcp_use({"url": served.url, "headers": served.headers}))
    assert said(served) == [BODY]


def test_mcp_use_over_stdio(served):
    served.stop()
    asyncio.run(run_mcp_use({
        "command": served.node.binary, "env": served.node.environment,
        "args": ["run", "--data-dir", str(served.node.data), "--scope", "full"]}))


def test_mcp_proxy_from_stdio_to_http(served):
    """A client that only knows stdio reaches the node's HTTP."""
    @within(SECONDS)
    async def run():
        bridge = StdioServerParameters(
            command=str(SCRIPTS / "mcp-proxy"), env=dict(os.environ),
            args=["--transport", "streamablehttp", "-H", "Authorization",
                  served.headers["Authorization"], served.url])
        async with stdio_client(bridge) as streams, ClientSession(*streams) as session:
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]
            assert "send_message" in names
            sent = await session.call_tool(
                "send_message", {"channel": "#general", "body": BODY})
            assert not sent.isError
            refused = await session.call_tool("read_channel", {"channel": "#nowhere"})
            assert refused.isError
            assert (await session.list_prompts()).prompts
            assert (await session.read_resource("peer://inbox")).contents

    run()
    assert said(served) == [BODY]


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url, body=None):
    request = urllib.request.Request(
        url, None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_mcpo_exports_openapi(served):
    port = free_port()
    bridge = subprocess.Popen(
        [SCRIPTS / "mcpo", "--host", "127.0.0.1", "--port", str(port), "--server-type",
         "streamable-http", "--header", json.dumps(served.headers), "--", served.url],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said_so_far = b""
        while b"Uvicorn running" not in said_so_far:
            line = bridge.stdout.readline()
            assert line, said_so_far.decode()[-4_000:]
            said_so_far += line
        found = fetch(f"http://127.0.0.1:{port}/openapi.json")
        assert {"/send_message", "/inbox", "/read_channel"} <= set(found["paths"])
        sent = fetch(f"http://127.0.0.1:{port}/send_message", {
            "channel": "#general", "body": BODY})
        assert "applied" in json.dumps(sent)
        with pytest.raises(urllib.error.HTTPError):
            fetch(f"http://127.0.0.1:{port}/read_channel", {"channel": "#nowhere"})
    finally:
        bridge.terminate()
        bridge.wait(10)
    assert said(served) == [BODY]
