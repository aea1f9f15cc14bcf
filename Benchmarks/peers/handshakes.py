"""Strangers who shake hands as fast as they can: what members notice of it, and what it costs."""

import asyncio
import json
import os
import sys
from pathlib import Path

from bench import percentile
from delivery import rounds
from nodes import mesh
from table import Kind

NODES = 2
SECONDS = 8


async def measure(bench):
    nodes = await mesh(bench, NODES)
    host = nodes[0]
    port = (await host.address()).rpartition(":")[2]
    quiet = await rounds(nodes, bench.size(300), SECONDS)
    kind = Kind("yes", "synced", "end to end")
    for hosts in (1, 64):
        used, before = host.processor_seconds, await counters(host)
        flood, most = await begin(port, hosts), [0]
        watching = asyncio.create_task(watch(host, most))
        loud = await rounds(nodes, bench.size(300), SECONDS)
        told = json.loads((await flood.communicate())[0])
        watching.cancel()
        used = host.processor_seconds - used
        after = await counters(host)
        done = {name: after[name] - before.get(name, 0) for name in after
                if after[name] != before.get(name, 0)}
        note = (f"{hosts} addresses; {told['opened'] / told['seconds']:,.0f} connections/s, "
                f"{told['answered'] / told['seconds']:,.0f} of them answered; the strangers run on "
                "the same two cores")
        print(f"  {told}; most descriptors {most[0]}; counted: {done}")
        bench.row(f"delivery beside a flood of handshakes from {hosts}, p99",
                  percentile(loud, 0.99), percentile(quiet, 0.99), unit="ms",
                  other="nobody floods", kind=kind, note=note)
        bench.row("handshakes answered beside it, a second", told["answered"] / told["seconds"],
                  note=note)
        bench.row("processor time of the node for one connection",
                  used / max(told["opened"], 1) * 1_000_000, unit="µs", note=note)
        bench.row("processor time of the node beside it, of one core",
                  used / told["seconds"] * 100, unit="%", note=note)
        bench.row("descriptors of the node beside it", most[0], note=note)
        await asyncio.gather(*(node.await_linked(nodes) for node in nodes))


async def counters(node):
    return (await node.connection()).get("counters", {})


async def watch(node, most):
    while True:
        most[0] = max(most[0], len(os.listdir(f"/proc/{node.process.pid}/fd")))
        await asyncio.sleep(0.05)


async def begin(port, hosts):
    return await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__)), port, str(hosts), str(SECONDS),
        stdout=asyncio.subprocess.PIPE)


def flood(port, hosts, seconds):
    """First messages from that many addresses; the answer is not even read to its end."""
    import selectors
    import socket
    import struct
    import time
    opened = answered = 0
    chosen = selectors.DefaultSelector()
    hello = struct.pack(">H", 32) + os.urandom(32)
    places = [f"127.0.1.{1 + n}" for n in range(hosts)]

    def dial(place):
        nonlocal opened
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.setsockopt(socket.SOL_IP, 24, 1)  # The port is chosen with the connection.
        link.bind((place, 0))
        link.setblocking(False)
        link.connect_ex(("127.0.0.1", port))
        opened += 1
        chosen.register(link, selectors.EVENT_WRITE, [place, 0])

    begun = time.monotonic()
    for place in places:
        for _ in range(max(1, min(3, 48 // hosts))):
            dial(place)
    while time.monotonic() < begun + seconds:
        for key, events in chosen.select(0.1):
            link, state = key.fileobj, key.data
            try:
                if state[1] == 0:
                    link.send(hello)
                    state[1] = 1
                    chosen.modify(link, selectors.EVENT_READ, state)
                    continue
                answered += bool(link.recv(1_024))
            except OSError:
                pass
            chosen.unregister(link)
            link.close()
            dial(state[0])
    print(json.dumps({"opened": opened, "answered": answered,
                      "seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    flood(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
