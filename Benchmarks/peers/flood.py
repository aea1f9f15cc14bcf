"""A member who floods: what honest members notice of it, and whether anything grows."""

import asyncio
import os
import time

from bench import percentile
from delivery import rounds
from nodes import Refused, mesh
from table import Kind

HONEST = 3
RATIO = 2
SECONDS = 12
IN_FLIGHT = 240
# What may wait at most, by the names under which a node tells it; of PROTOCOL 12 and Limits.
BOUNDS = {"checksWaiting": 20_000, "commitsWaiting": 20_000, "eventsPending": 20_000,
          "messagesWithoutKey": 10_000, "relayQueuedBytes": 4 << 20}


async def measure(bench):
    nodes = await mesh(bench, HONEST + 1)
    flooder, honest = nodes[-1], nodes[:-1]
    await honest[0].call("create_channel", name="work")
    await asyncio.gather(*(node.await_channel("#work") for node in honest))
    quiet = await rounds(honest, bench.size(200), seconds=15, channel="#work")
    before = max(node.megabytes for node in honest)
    # It would have a machine of its own.
    os.setpriority(os.PRIO_PROCESS, flooder.process.pid, 10)
    watch = Watch(honest)
    flooding = asyncio.create_task(flood(flooder, SECONDS))
    watching = asyncio.create_task(watch.run())
    try:
        await asyncio.sleep(1)
        loud = await rounds(honest, bench.size(200), seconds=SECONDS - 2, channel="#work")
    finally:
        posted = await flooding
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    report(bench, quiet, loud, posted / SECONDS, watch, before)


def report(bench, quiet, loud, rate, watch, before):
    note = (f"{HONEST} honest nodes and one that posts {rate:,.0f} events/s for {SECONDS} s, as "
            "fast as its node signs and stores them; all on the same cores")
    bench.row("delivery among honest nodes beside a flooder, p99", percentile(loud, 0.99),
              percentile(quiet, 0.99), unit="ms", other="the same without him", bar=RATIO,
              kind=Kind("yes", "synced", "end to end"), note=note)
    bench.row("the same, p50", percentile(loud, 0.5), percentile(quiet, 0.5), unit="ms",
              other="the same without him", kind=Kind("yes", "synced", "end to end"), note=note)
    print(f"  most that waited: {watch.most}; dropped and refused: {watch.counted}")
    for name, bound in BOUNDS.items():
        if watch.most.get(name, 0) > bound:
            raise Refused(f"{name} was {watch.most[name]}, above {bound}")
    full = max(watch.most.get(name, 0) / bound for name, bound in BOUNDS.items())
    bench.row("fullest queue beside a flooder", full * 100, unit="% of its bound", bar=100,
              note=note)
    bench.row("memory of an honest node beside a flooder, growth", watch.megabytes - before,
              unit="MB", note=note)


async def flood(node, seconds):
    """Posts without any pause; returns how many it posted."""
    end, posted = time.monotonic() + seconds, 0

    async def work():
        nonlocal posted
        while time.monotonic() < end:
            await node.post(f"noise {posted} {'x' * 60}")
            posted += 1

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return posted


class Watch:
    """Looks at the nodes again and again, and keeps the largest numbers."""

    def __init__(self, nodes):
        self.nodes, self.most, self.counted, self.megabytes = nodes, {}, {}, 0

    async def run(self):
        while True:
            for node in self.nodes:
                told = await node.connection()
                self.megabytes = max(self.megabytes, node.megabytes)
                for name, value in told.get("queues", {}).items():
                    self.most[name] = max(self.most.get(name, 0), value)
                for name, value in told.get("counters", {}).items():
                    self.counted[name] = max(self.counted.get(name, 0), value)
            await asyncio.sleep(0.25)
