"""A thousand agents that wait on one node: one message wakes those it concerns, and no other."""

import asyncio
import json
import time
from pathlib import Path

from http_node import META, MODERN, serve  # noqa: F401

AGENTS = 1_000
PER_TOKEN = 16  # wait.waiters per principal
PER_ADDRESS = 200  # Below http.connections per address.
WAKE_SECONDS = 2
# The debug binary keeps more than the release build, whose bar is 45 MiB.
RSS_MAX = 80 << 20


def request(token, tool, arguments):
    body = json.dumps({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments, "_meta": META}})
    return (
        f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nMCP-Protocol-Version: {MODERN}\r\n"
        f"Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def resident(process):
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10


def descriptors(process):
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def test_s279_one_message_wakes_those_it_concerns(serve):  # noqa: F811
    served = serve("ann", "--limit", "requests=0", "--limit", "posting=0")
    client = served.client()
    client.call("create_server", name="harbour")
    client.call("create_channel", name="dock")
    tokens = [served.make_token("--scope", "messaging")["token"]
              for _ in range(AGENTS // PER_TOKEN + 1)]
    before = descriptors(served.process)
    woken = {"#dock": [], "#general": []}

    async def wait(number, ready):
        source = (f"127.0.0.{2 + number // PER_ADDRESS}", 0)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", served.port, local_addr=source)
        channel = "#dock" if number < 10 else "#general"
        writer.write(request(tokens[number // PER_TOKEN], "wait_for_messages", {
            "channels": [channel], "timeout_s": 50}))
        await writer.drain()
        ready.set()
        answer = await reader.read()
        writer.close()
        if answer:
            woken[channel].append((time.monotonic(), answer))

    async def run():
        ready = [asyncio.Event() for _ in range(AGENTS)]
        waiting = [asyncio.create_task(wait(n, event)) for n, event in enumerate(ready)]
        for event in ready:
            await event.wait()
        text = ""
        while f"peer_agent_exchanges {AGENTS}" not in text:
            text = (await asyncio.to_thread(
                client.request, "GET", "/metrics", None, None, 30)).body.decode()
        memory = resident(served.process)
        start = time.monotonic()
        await asyncio.to_thread(client.call, "send_message", channel="#dock", body="to the dock")
        done, _ = await asyncio.wait(waiting[:10], timeout=20)
        assert len(done) == 10
        slowest = max(at for at, _ in woken["#dock"]) - start
        await asyncio.to_thread(client.call, "inbox")
        assert not woken["#general"], "somebody woke for nothing"
        for task in waiting[10:]:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return memory, slowest

    memory, slowest = asyncio.run(run())
    print(f"{memory >> 20} MiB with {AGENTS} waiting; the tenth woke after {slowest * 1e3:.1f} ms")
    for _, answer in woken["#dock"]:
        assert b"to the dock" in answer
    assert slowest < WAKE_SECONDS
    assert memory <= RSS_MAX
    end = time.monotonic() + 10
    while descriptors(served.process) > before + 4:
        assert time.monotonic() < end, "descriptors were left behind"
        client.request("GET", "/healthz")
