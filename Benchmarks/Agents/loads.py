"""The loads that every server gets alike, over standard streams and over HTTP."""

import http.client
import json
import re
import subprocess
import time

import servers

MODERN = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"}}
PINGS, LISTS, IN_FLIGHT, LISTS_IN_FLIGHT = 1_000, 256, 64, 16
CONNECTIONS, HTTP_SECONDS = 16, 2
# Every server may do in peace what it does when nobody asks, before its memory is looked at.
SETTLED = 1


def stdio(kind, home):
    """Figures of one start: milliseconds, per second, microseconds, megabytes."""
    begun = time.perf_counter()
    pipes = kind.start(home)
    try:
        pipes.greet(kind.revision)
        figures = {"cold start, ms": (time.perf_counter() - begun) * 1_000}
        times = one_by_one(pipes, "ping", {})
        figures["ping, one in flight, /s"] = len(times) / sum(times)
        figures["ping, p50, µs"] = times[len(times) // 2] * 1e6
        figures["ping, p99, µs"] = times[int(len(times) * 0.99)] * 1e6
        figures["ping, 64 in flight, /s"] = together(pipes, "ping", PINGS, IN_FLIGHT)
        if kind.is_modern and "result" in pipes.ask("server/discover", 9, _meta=META):
            times = one_by_one(pipes, "server/discover", {"_meta": META})
            figures["discover, one in flight, /s"] = len(times) / sum(times)
        figures["tools/list, /s"] = together(pipes, "tools/list", LISTS, LISTS_IN_FLIGHT)
        time.sleep(SETTLED)
        figures["resident memory, MB"] = servers.megabytes(pipes.process)
        return figures
    finally:
        pipes.stop()


def one_by_one(pipes, method, parameters):
    times = []
    for number in range(PINGS):
        request = servers.frame(method, number + 1, **parameters)
        start = time.perf_counter()
        pipes.write(request)
        pipes.answers(1)
        times.append(time.perf_counter() - start)
    return sorted(times)


def together(pipes, method, count, in_flight):
    batches = [b"".join(servers.frame(method, first + n + 1) for n in range(in_flight))
               for first in range(0, count, in_flight)]
    start = time.perf_counter()
    for batch in batches:
        pipes.write(batch)
        pipes.answers(in_flight)
    return len(batches) * in_flight / (time.perf_counter() - start)


def over_http(kind, home, token):
    """Pings of 16 connections, and a tool that reads where there is one."""
    process, port = kind.serve(home)
    try:
        headers = {"Content-Type": "application/json",
                   "Accept": "application/json, text/event-stream"}
        if token:
            headers["Authorization"] = f"Bearer {token()}"
        legacy = headers | session(kind, port, headers)
        figures = {}
        rate, p99 = wrk(kind, port, home, legacy, servers.frame("ping", 1))
        figures["HTTP ping, 16 connections, /s"], figures["HTTP ping, p99, ms"] = rate, p99
        if kind.language == servers.OURS:
            read = headers | {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call",
                              "Mcp-Name": "read_channel"}
            body = servers.frame("tools/call", 1, name="read_channel", _meta=META,
                                 arguments={"channel": "#general", "limit": 1})
        elif kind.language == servers.PYTHON:
            read = legacy
            body = servers.frame("tools/call", 1, name="read", arguments={"limit": 1})
        else:
            return figures
        figures["HTTP tool that reads, /s"], _ = wrk(kind, port, home, read, body)
        return figures
    finally:
        servers.stop(process)


def session(kind, port, headers):
    """Headers that a session needs after its greeting; none where there are no sessions."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", kind.path, servers.frame(
        "initialize", 0, **servers.hello(kind.revision)), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise ValueError(f"HTTP {answer.status} to initialize")
    more = {"MCP-Protocol-Version": kind.revision}
    if given := answer.getheader("Mcp-Session-Id"):
        more["Mcp-Session-Id"] = given
    connection.request("POST", kind.path, json.dumps(
        {"jsonrpc": "2.0", "method": "notifications/initialized"}).encode(), headers | more)
    connection.getresponse().read()
    connection.close()
    return more


def wrk(kind, port, home, headers, body):
    """(requests per second, p99 in ms); refusals are a failure, not a fast answer."""
    script = home / "load.lua"
    lines = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}"
             for name, value in headers.items()]
    script.write_text("\n".join(
        ['wrk.method = "POST"', f"wrk.body = {json.dumps(body.decode().strip())}", *lines]))
    told = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{HTTP_SECONDS}s", "--latency", "-s", str(script),
         f"http://127.0.0.1:{port}{kind.path}"], capture_output=True, text=True, check=True,
        timeout=30).stdout
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", told):
        raise ValueError(f"{refused[1]} requests were refused")
    if "Requests/sec" not in told or not re.search(r"[1-9]\d* requests in", told):
        raise ValueError("no request was answered")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()
    return rate, float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
