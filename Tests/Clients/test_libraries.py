"""Agent libraries of the newer SDK: tools without a model, a call, a refusal, resources, prompts.

Named because it cannot be installed beside what the others need: pydantic-ai-slim[mcp-tasks].
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.mcp import MCPToolset

from harness import within
from http_node import serve  # noqa: F401

SECONDS = 60
BODY = "said through a library"
WAYS = ["http", "stdio"]


@pytest.fixture
def served(serve):  # noqa: F811
    served = serve("ann", "--limit", "posting=0", "--limit", "requests=0")
    served.client().call("create_server", name="harbour")
    return served


def said(served, way):
    """What stands in the channel; a node that was left to a client is asked by a command."""
    if way == "http":
        page = served.client().call("read_channel", channel="#general")["structuredContent"]
        return [one["text"] for one in page["messages"]]
    read = served.node.command(
        "read", "#general", "--json", "--data-dir", str(served.node.data)).stdout
    return [json.loads(line)["text"] for line in read.splitlines()]


def openai_server(served, way):
    if way == "http":
        return MCPServerStreamableHttp(
            {"url": served.url, "headers": served.headers}, cache_tools_list=True)
    served.stop()
    return MCPServerStdio({
        "command": served.node.binary, "args": served.node.run_arguments(),
        "env": served.node.environment})


@pytest.mark.parametrize("way", WAYS)
@within(SECONDS)
async def test_s250_openai_agents(served, way):
    async with openai_server(served, way) as server:
        assert {"send_message", "wait_for_messages"} <= {
            tool.name for tool in await server.list_tools()}
        sent = await server.call_tool("send_message", {"channel": "#general", "body": BODY})
        assert json.loads(sent.content[0].text)["outcome"] in ("applied", "queued")
        refused = await server.call_tool("read_channel", {"channel": "#nowhere"})
        assert refused.is_error
        inbox = await server.read_resource("peer://inbox")
        assert "unread" in json.loads(inbox.contents[0].text)
        prompt = await server.get_prompt("standing_watch", {"channels": "#general"})
        assert "wait_for_messages" in prompt.messages[0].content.text
    assert said(served, way) == [BODY]


def toolset(served, way):
    if way == "http":
        return MCPToolset(StreamableHttpTransport(served.url, headers=served.headers))
    served.stop()
    return MCPToolset(StdioTransport(
        command=served.node.binary, args=served.node.run_arguments(),
        env=served.node.environment, keep_alive=False))


@pytest.mark.parametrize("way", WAYS)
@within(SECONDS)
async def test_s250_pydantic_ai(served, way):
    async with toolset(served, way) as tools:
        assert {"send_message", "wait_for_messages"} <= {
            tool.name for tool in await tools.list_tools()}
        sent = await tools.direct_call_tool("send_message", {"channel": "#general", "body": BODY})
        assert sent["outcome"] in ("applied", "queued")
        with pytest.raises(ModelRetry, match="unknown_channel"):
            await tools.direct_call_tool("read_channel", {"channel": "#nowhere"})
        assert "peer://inbox" in {str(one.uri) for one in await tools.list_resources()}
        inbox = await tools.read_resource("peer://inbox")
        assert "unread" in json.loads(inbox)
        prompt = await tools.get_prompt("standing_watch", {"channels": "#general"})
        assert "wait_for_messages" in str(prompt.messages[0])
    assert said(served, way) == [BODY]


@pytest.mark.parametrize("way", WAYS)
def test_s250_mcp2cli(served, way, tmp_path):
    program = Path(sys.executable).with_name("mcp2cli")
    if way == "http":
        reach = ["--mcp", served.url, "--auth-header", f"Authorization:Bearer {served.token}"]
    else:
        served.stop()
        reach = ["--mcp-stdio", " ".join([served.node.binary, *served.node.run_arguments()])]

    def ask(*arguments):
        return subprocess.run(
            [program, *reach, *arguments], cwd=tmp_path, env=served.node.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)

    listed = ask("--list", "--compact")
    assert {"send-message", "wait-for-messages"} <= set(listed.stdout.split()), listed
    sent = ask("--json", "send-message", "--channel", "#general", "--body", BODY)
    assert "applied" in sent.stdout or "queued" in sent.stdout, sent
    refused = ask("--json", "read-channel", "--channel", "#nowhere")
    assert "unknown_channel" in refused.stdout + refused.stderr, refused
    inbox = ask("--read-resource", "peer://inbox")
    assert "unread" in inbox.stdout, inbox
    assert said(served, way) == [BODY]
