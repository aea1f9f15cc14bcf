#!/usr/bin/env python3
"""A thousand agents that wait on one node: memory, and how soon the right ones wake.

usage: waiting.py PROGRAM [--agents 1000] [--rounds 50]

PROGRAM is a release build. Prints one line a figure with its bar, and ends with 1 when one is missed.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PER_TOKEN = 16  # wait.waiters per principal
PER_ADDRESS = 200  # below http.connections per address
CONCERNED = 10  # agents that each message is for
RSS_IDLE_MB, RSS_MB, P99_MS = 30, 45, 20
MODERN = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {}}


def request(token, tool, arguments):
    body = json.dumps({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments, "_meta": META}})
    return (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nMCP-Protocol-Version: {MODERN}\r\n"
            f"Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


class Connection:
    """One keep-alive connection, which reads one answer at a time."""

    @classmethod
    async def open(cls, port, number=0):
        self = cls()
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(f"127.0.0.{2 + number // PER_ADDRESS}", 0))
        return self

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length:" in head:
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            return json.loads(await self.reader.readexactly(length))
        data = b""
        while True:  # A stream: chunks until the empty one.
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            chunk = await self.reader.readexactly(size + 2)
            if size == 0:
                break
            data += chunk[:-2]
        events = [line[6:] for line in data.splitlines() if line.startswith(b"data: {")]
        return json.loads(events[-1])

    async def call(self, token, tool, **arguments):
        await self.send(request(token, tool, arguments))
        return (await self.answer())["result"]["structuredContent"]


def megabytes(process):
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the node is gone")


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def processor_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Report:
    def __init__(self):
        self.missed = False

    def line(self, name, value, unit, bar=None):
        isMissed = bar is not None and value > bar
        self.missed |= isMissed
        told = f"  bar {bar:g} {unit}" if bar is not None else ""
        print(f"{name:<44} {value:10.2f} {unit}{told}{'  MISSED' if isMissed else ''}", flush=True)


async def measure(process, port, token, tokens, agents, rounds, report):
    owner = await Connection.open(port)
    await owner.call(token, "create_server", name="harbour")
    await owner.call(token, "create_channel", name="dock")
    report.line("resident memory, idle", megabytes(process), "MB", RSS_IDLE_MB)
    before = descriptors(process)
    waiting = await asyncio.gather(*(Connection.open(port, n) for n in range(agents)))

    def ask(number):
        channel = "#dock" if number < CONCERNED else "#general"
        return request(tokens[number // PER_TOKEN], "wait_for_messages", {
            "channels": [channel], "timeout_s": 50})

    begun = time.monotonic()
    for number, one in enumerate(waiting):
        await one.send(ask(number))
    metrics = await Connection.open(port)
    while await waiters(metrics, token) < agents:
        await asyncio.sleep(0.05)
    report.line(f"{agents} waits begun", (time.monotonic() - begun) * 1_000, "ms")
    # They count from their arrival; the last of them are still being prepared.
    await asyncio.sleep(1)
    report.line(f"resident memory, {agents} waiting", megabytes(process), "MB", RSS_MB)

    others = [asyncio.create_task(one.answer()) for one in waiting[CONCERNED:]]
    times, woken = [], 0
    for number in range(rounds):
        if time.monotonic() - begun > 35:
            print(f"{number} rounds only: the waits end after 50 s")
            break
        start = time.monotonic()
        await owner.send(request(token, "send_message", {"channel": "#dock", "body": "ship"}))

        async def wake(one):
            content = (await one.answer())["result"]["structuredContent"]
            times.append((time.monotonic() - start) * 1_000)
            return len(content["messages"])

        found = await asyncio.gather(owner.answer(), *map(wake, waiting[:CONCERNED]))
        woken += sum(found[1:])
        for n, one in enumerate(waiting[:CONCERNED]):
            await one.send(ask(n))
        while await waiters(metrics, token) < agents:
            await asyncio.sleep(0.005)
    times.sort()
    report.line("send until one of ten has woken, p50", times[len(times) // 2], "ms")
    report.line("the same, p99", times[int(len(times) * 0.99)], "ms", P99_MS)
    report.line("agents woken that it did not concern", sum(t.done() for t in others), "", 0)
    report.line("agents not woken that it did", len(times) - woken, "", 0)
    idle = processor_seconds(process)
    await asyncio.sleep(2)
    report.line("processor time, idle", (processor_seconds(process) - idle) * 50, "%", 5)
    for task in others:
        task.cancel()
    for one in waiting:
        one.writer.close()
    end = time.monotonic() + 20
    while descriptors(process) > before + 4 and time.monotonic() < end:
        await asyncio.sleep(0.1)
    report.line("descriptors left behind", max(0, descriptors(process) - before - 4), "", 0)


async def waiters(connection, token):
    await connection.send(
        f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    head = (await connection.reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    text = (await connection.reader.readexactly(length)).decode()
    return next(int(line.split()[1]) for line in text.splitlines()
                if line.startswith("peer_agent_exchanges "))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--agents", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        run = [options.program, "run", "--data-dir", folder, "--transport", "http",
               "--bind", "127.0.0.1:0", "--listen", "none", "--no-lan", "--log-level", "error",
               "--scope", "full", "--limit", "requests=0", "--limit", "posting=0"]
        process = subprocess.Popen(run, stdout=subprocess.PIPE, text=True)
        try:
            ready = json.loads(process.stdout.readline())
            port = int(ready["url"].rsplit(":", 1)[1].split("/")[0])
            token = Path(ready["token_file"]).read_text().strip()
            tokens = [make_token(options.program, folder)
                      for _ in range(options.agents // PER_TOKEN + 1)]
            asyncio.run(measure(
                process, port, token, tokens, options.agents, options.rounds, report))
        finally:
            process.terminate()
            process.wait(10)
    sys.exit(report.missed)


def make_token(program, folder):
    made = subprocess.run(
        [program, "token", "create", "--data-dir", folder], capture_output=True, text=True,
        check=True)
    return made.stdout.strip()


if __name__ == "__main__":
    main()
