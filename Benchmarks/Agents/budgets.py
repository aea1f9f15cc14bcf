"""Bytes that our answers may take, and what streams leave behind: limits without a peer."""

import asyncio
import json
import os

import servers
from loads import META, MODERN

STREAMS, AT_ONCE = 10_000, 8
# How often in a row a stream may be refused because others have not ended yet.
REFUSALS = 50
CHANNEL = "#general"


def ask(pipes, method, **parameters):
    """(the whole frame in bytes, the result)."""
    pipes.write(servers.frame(method, 7, _meta=META, **parameters))
    line = pipes.answers(1)
    frame = json.loads(line)
    if "result" not in frame or frame["result"].get("isError"):
        raise ValueError(f"{method}: {line[:400]}")
    return len(line) + 1, frame["result"]


def call(pipes, tool, **arguments):
    return ask(pipes, "tools/call", name=tool, arguments=arguments)


def measure(kind, home):
    """(what, bytes or number, at most) for the default list of tools and one channel."""
    pipes = kind.start(home)
    try:
        greeting = ask(pipes, "server/discover")[1]
        tools = ask(pipes, "tools/list")[1]["tools"]
        page, read = call(pipes, "read_channel", channel=CHANNEL, limit=50)
        text = len(read["content"][0]["text"].encode())
        _, empty = call(pipes, "wait_for_messages", timeout_s=0)
        _, sent = call(pipes, "send_message", channel=CHANNEL, body="budget")
        _, inbox = call(pipes, "inbox")
        return [
            ("tools/list, default, B", size(tools), 12_000),
            ("tools/list, default, tools", len(tools), 18),
            ("read_channel, 50 messages, text, B", text, 8_000),
            ("read_channel, 50 messages, frame, B", page, 20_000),
            ("empty wait_for_messages, result, B", size(bare(empty)), 200),
            ("send_message, facts, B", size(sent["structuredContent"]), 400),
            ("inbox, one channel, facts, B", size(inbox["structuredContent"]), 320),
            ("instructions, B", len(greeting.get("instructions", "").encode()), 600),
        ]
    finally:
        pipes.stop()


def bare(result):
    """Without what every result carries besides."""
    return {key: value for key, value in result.items() if key not in ("_meta", "resultType")}


def size(value):
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def streams(kind, home, token, count=STREAMS):
    """Opens and drops streams; (descriptors, megabytes) more than after the first hundred."""
    process, port = kind.serve(home)
    try:
        key = token()
        asyncio.run(open_and_drop(port, key, 100))
        before = len(os.listdir(f"/proc/{process.pid}/fd")), servers.megabytes(process)
        asyncio.run(open_and_drop(port, key, count))
        after = settled(process, before[0])
        return [(f"descriptors after {count:,} streams, % more", grown(before[0], after[0]), 5),
                (f"memory after {count:,} streams, % more", grown(before[1], after[1]), 5)]
    finally:
        servers.stop(process)


def settled(process, wanted):
    """What is held once the last closed connections have been noticed."""
    for _ in range(100):
        held = len(os.listdir(f"/proc/{process.pid}/fd"))
        if held <= wanted:
            break
        asyncio.run(asyncio.sleep(0.05))
    return held, servers.megabytes(process)


def grown(before, after):
    return max(0.0, (after / before - 1) * 100)


async def open_and_drop(port, key, count):
    body = servers.frame("subscriptions/listen", 1, _meta=META, notifications={
        "resourceSubscriptions": ["peer://inbox"]})
    head = (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
            f"MCP-Protocol-Version: {MODERN}\r\nMcp-Method: subscriptions/listen\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    numbers = iter(range(count))

    async def begin():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + body)
        begun = await reader.readuntil(b"\r\n\r\n")
        more = b"" if b"text/event-stream" in begun else await reader.read(400)
        writer.transport.abort()
        return begun, more

    async def work():
        for _ in numbers:
            begun, more = await begin()
            # The end of streams that were dropped a moment ago may not have been noticed.
            for _ in range(REFUSALS):
                if b" 429 " not in begun:
                    break
                await asyncio.sleep(0.02)
                begun, more = await begin()
            if b"text/event-stream" not in begun:
                raise ValueError(f"no stream: {begun.decode()}{more.decode()}")

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
