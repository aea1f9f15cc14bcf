"""The client matrix (MCP 13): what each library does with a node, by each era and way in.

Run in both environments: with mcp 2.x and fastmcp, and with mcp 1.x. The table of what was seen is
docs/clients.md; `PEER_MATRIX=1` writes the rows of this run into it.
"""

import os
import re
from importlib.metadata import version

import anyio
import pytest
from mcp import types

from harness import ROOT, within
from http_node import HTTPNode, serve  # noqa: F401

if "inputSchema" in types.Tool.model_fields:
    import matrix_sdk1 as libraries
else:
    import matrix_sdk2 as libraries

PAGE = ROOT / "docs/clients.md"
URI = "peer://channel/general/messages"
BODY = "said by a client"
HEAD = """
# Clients

What each client library does with a node, as `Tests/Clients/test_matrix.py` sees it in every run: a row that no longer
holds fails the test. A stroke is what a library has no call for, what its revision does not know, or, over stdio, a
restart (the client starts the node) and progress (shown by `test_sdk2.py`). Frameworks, bridges and fuzzers
(langchain-mcp-adapters, mcp-use, openai-agents, pydantic-ai, mcp2cli, mcp-proxy, mcpo, mcp-fuzzer, mcp-idprobe) are in
`test_frameworks.py`, `test_libraries.py` and `test_fuzzers.py`; pydantic-ai's extra for tasks cannot be installed
beside it. Written by `PEER_MATRIX=1` with both environments.
"""
CELLS = ["list", "call", "refusal", "read", "told of a change", "prompt", "completion",
         "progress", "cancel", "asked: yes", "asked: no", "two clients", "restart"]
SECONDS = 90


@pytest.fixture
def revision(request, monkeypatch):
    """What the first edition of the SDK offers; the second has modes instead."""
    if libraries.SETS_REVISION:
        monkeypatch.setattr(types, "LATEST_PROTOCOL_VERSION", request.param[1])
    return request.param


class Place:
    """A node that clients reach, by one way in, also again after it was killed."""

    def __init__(self, way, make_node, fixtures):
        self.way, self.fixtures = way, fixtures
        self.node = make_node("ann", "--server-name", "harbour")
        if way == "HTTP":
            self.served = HTTPNode(self.node, "--consent", "human", "--limit", "requests=0")
            self.headers = self.served.headers

    def for_another(self):
        """Who comes now is another principal: only the messages of others are news."""
        made = self.node.command(
            "token", "create", "--scope", "full", "--data-dir", str(self.node.data))
        self.headers = {"Authorization": "Bearer " + made.stdout.strip()}
        self.node.more = {"PEER_AGENT_TOKEN": made.stdout.strip()}

    def arguments(self):
        return self.node.run_arguments("--consent", "human")

    def again(self):
        self.node.more = {}
        self.served.process.kill()
        self.served.process.wait()
        self.served = HTTPNode(
            self.node, "--consent", "human", bind=f"127.0.0.1:{self.served.port}")

    def stop(self):
        if self.way == "HTTP":
            self.served.stop()


@pytest.mark.parametrize("way", ["stdio", "HTTP"])
@pytest.mark.parametrize("revision", libraries.CLIENTS, indirect=True, ids="-".join)
@within(SECONDS)
async def test_s250_s270_matrix(make_node, fixtures, revision, way):
    library, mode = revision
    place = Place(way, make_node, fixtures)
    seen = {}
    try:
        async with libraries.connected(library, mode, place) as client:
            await alone(client, seen)
            place.for_another()
            async with libraries.connected(library, mode, place) as other:
                seen["two clients"] = await wait_for_the_other(client, other)
            if way == "HTTP":
                place.again()
                assert "cursor" in await client.call("inbox")
                seen["restart"] = True
            spoken = client.revision
        if way == "HTTP":
            async with libraries.connected(library, mode, place, fixtures.url) as client:
                seen["progress"] = await shows_progress(client)
    finally:
        place.stop()
    told = ["yes" if seen.get(cell) else "–" for cell in CELLS]
    row = " | ".join([f"| {library} {version(library)}", f"{mode} → {spoken}", way, *told]) + " |"
    keep(row)


def keep(row):
    """Holds a row against the page, or puts it there."""
    lines = PAGE.read_text().splitlines() if PAGE.exists() else []
    if not os.environ.get("PEER_MATRIX"):
        assert row in lines, f"docs/clients.md does not say: {row}"
        return
    def place(line):
        return line.split(" | ")[:3]

    rows = [line for line in lines if line.startswith("| ") and place(line) != place(row)]
    table = [" | ".join(["| library", "revision", "way", *CELLS]) + " |",
             "|--" * (len(CELLS) + 3) + "|", *sorted({*rows[1:], row})]
    PAGE.write_text("\n".join([HEAD.strip(), "", *table]) + "\n")


async def alone(client, seen):
    """What one client does with a node of its own."""
    assert {"send_message", "wait_for_messages"} <= set(await client.tools())
    seen["list"] = True
    sent = await client.call("send_message", channel="#general", body=BODY)
    assert "applied" in sent or "queued" in sent
    seen["call"] = True
    assert "no such channel" in await client.refused("read_channel", channel="#nowhere")
    seen["refusal"] = True
    assert BODY in await client.read(URI)
    seen["read"] = True

    async def act():
        await client.call("send_message", channel="#general", body="news")

    seen["told of a change"] = await client.told_of(URI, act)
    prompt = await client.prompt("standing_watch", {"channels": "#general"})
    assert "wait_for_messages" in prompt
    seen["prompt"] = True
    if client.completes:
        assert await client.complete("handover", "channel", "#gen") == ["#general"]
        seen["completion"] = True
    with anyio.move_on_after(0.5) as given_up:
        await client.call("wait_for_messages", timeout_s=50)
    assert given_up.cancelled_caught
    seen["cancel"] = "cursor" in await client.call("inbox")
    invite = {"recipient_peer_id": "0" * 63 + "1"}
    if client.is_asked:
        client.answers.append(False)
        assert "consent_declined" in await client.refused("generate_invite", **invite)
        seen["asked: no"] = True
        client.answers.append(True)
        assert "pa1_" in await client.call("generate_invite", **invite)
        seen["asked: yes"] = client.answers == []
    else:
        assert "Nothing was done" in await client.refused("generate_invite", **invite)


async def wait_for_the_other(client, other):
    """One waits, the other speaks: two agents on one node."""
    # Whatever is said after this place is heard, also before the wait has begun.
    after = re.search(r"c1_[\w-]+", await client.call("inbox"))[0]
    heard = []
    async with anyio.create_task_group() as both:

        async def wait():
            heard.append(await client.call("wait_for_messages", after=after, timeout_s=20))

        both.start_soon(wait)
        await other.call("send_message", channel="#general", body="to the other")
    return "to the other" in heard[0]


async def shows_progress(client):
    """By the fixture server: the node's own heartbeat comes after 15 s alone."""
    told = []
    await client.call_with_progress("test_tool_with_progress", told)
    assert told == sorted(told) and len(told) >= 3
    return True
