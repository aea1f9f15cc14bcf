"""Two clients with two tokens, 200 requests each in flight, and all of them have id 1."""

import asyncio
import json

from http_node import META, MODERN, serve  # noqa: F401

CALLS = 200
SECONDS = 60


def request(token, id, name, revision=MODERN, session=None, progress=None):
    params = {"name": "read_channel", "arguments": {"channel": name}, "_meta": dict(META)}
    if revision != MODERN:
        params["_meta"] = {}
    body = json.dumps({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    own = (
        f"MCP-Protocol-Version: {MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: read_channel\r\n"
        if revision == MODERN else
        f"MCP-Protocol-Version: {revision}\r\nMcp-Session-Id: {session}\r\n")
    return (
        f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{own}"
        f"Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
        f"Connection: close\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}").encode()


async def ask(port, source, frame, opened, go):
    """Sends everything but the last byte, then waits until all others are as far."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    writer.write(frame[:-1])
    await writer.drain()
    opened.release()
    await go.wait()
    writer.write(frame[-1:])
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), answer
    return json.loads(body)


async def collide(port, frames):
    opened, go = asyncio.Semaphore(0), asyncio.Event()
    calls = [
        asyncio.create_task(ask(port, f"127.0.0.{2 + i // 100}", frame, opened, go))
        for i, frame in enumerate(frames)]
    for _ in frames:
        await opened.acquire()
    go.set()
    return await asyncio.wait_for(asyncio.gather(*calls), SECONDS)


def prepare(serve):  # noqa: F811
    served = serve("ann", "--limit", "requests=0", "--limit", "administrative=0")
    client = served.client()
    client.call("create_server", name="harbour")
    client.call("create_channel", name="left")
    client.call("create_channel", name="right")
    return served


def test_s277_h109_modern_ids_collide_without_harm(serve):  # noqa: F811
    served = prepare(serve)
    tokens = {
        side: served.make_token("--scope", "messaging", "--channels", f"#{side}")["token"]
        for side in ("left", "right")}
    plan = [
        (side, 1 if number % 3 else "1") for number in range(CALLS) for side in tokens]
    answers = asyncio.run(collide(
        served.port, [request(tokens[side], id, f"#{side}") for side, id in plan]))
    for (side, id), answer in zip(plan, answers):
        assert json.dumps(answer["id"]) == json.dumps(id)
        assert answer["result"]["structuredContent"]["channel"] == side


def test_s277_h109_legacy_ids_collide_without_harm(serve):  # noqa: F811
    served = prepare(serve)
    revision = "2025-11-25"
    clients = {}
    for side in ("left", "right"):
        token = served.make_token("--scope", "messaging", "--channels", f"#{side}")["token"]
        clients[side] = served.client(token, revision)
        clients[side].initialize()
    plan = [(side, 1) for _ in range(CALLS) for side in clients]
    answers = asyncio.run(collide(served.port, [
        request(clients[side].token, id, f"#{side}", revision, clients[side].session)
        for side, id in plan]))
    for (side, _), answer in zip(plan, answers):
        assert answer["id"] == 1
        assert answer["result"]["structuredContent"]["channel"] == side
