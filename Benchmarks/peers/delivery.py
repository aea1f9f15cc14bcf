"""Eight processes in a full mesh: how soon a message is with everybody's waiting agent."""

import asyncio
import time

from bench import percentile
from nodes import Refused, mesh

NODES = 8
P99_MS = 25


async def measure(bench):
    nodes = await mesh(bench, NODES)
    used = sum(node.processor_seconds for node in nodes)
    times = await rounds(nodes, bench.size(200, 1_000))
    used = sum(node.processor_seconds for node in nodes) - used
    note = f"{NODES} processes, full mesh, {len(times)} deliveries; each sends in turn"
    bench.row("send → seen by each other's waiting agent, p50", percentile(times, 0.5),
              unit="ms", note=note)
    bench.row("the same, p99", percentile(times, 0.99), unit="ms", bar=P99_MS, note=note)
    sent = len(times) / (NODES - 1)
    bench.row("processor time of all eight for one message", used / sent * 1_000, unit="ms",
              note=note)
    if not await nodes[0].agrees_with(nodes):
        raise Refused("the nodes do not agree about the state")


async def rounds(nodes, count, seconds=40, channel="#general"):
    """Milliseconds from a send to each other node's wait, one message at a time."""
    times = []
    places = {node: await node.place() for node in nodes}
    end = time.monotonic() + seconds
    for number in range(count):
        if time.monotonic() > end:
            print(f"  {number} rounds only: {seconds} s are over")
            break
        sender = nodes[number % len(nodes)]
        text = f"round {number} from {sender.folder.name} {time.monotonic_ns()}"
        waiting = [asyncio.create_task(seen(node, places, text, channel))
                   for node in nodes if node is not sender]
        # The waits are with their nodes before anything is there to be seen.
        await asyncio.sleep(0.01)
        start = time.perf_counter()
        await sender.post(text, channel)
        for ended in await asyncio.gather(*waiting):
            times.append((ended - start) * 1_000)
    return times


async def seen(node, places, text, channel):
    """Waits until that text is here, and tells when."""
    while True:
        messages, places[node] = await node.wait(places[node], channel)
        if any(message["text"] == text for message in messages):
            return time.perf_counter()
        if not messages:
            raise Refused(f"{node.folder.name} waited in vain for {text}")
