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
SECONDS = 10
IN_FLIGHT = 240
# What may wait at most, by the names under which a node tells it; of PROTOCOL 12 and Limits.
BOUNDS = {"checksWaiting": 20_000, "commitsWaiting": 20_000, "eventsPending": 20_000,
          "messagesWithoutKey": 10_000, "relayQueuedBytes": 4 << 20}


async def measure(bench):
    nodes = await mesh(bench, HONEST + 1)
    flooder, honest = nodes[-1], nodes[:-1]
    here = (await honest[0].call("create_channel", name="work"))["server_id"] + "/"
    await asyncio.gather(*(node.await_channel(here + "work") for node in honest))
    elsewhere = (await flooder.call("create_server", name="elsewhere"))["server_id"] + "/"
    # He would have a machine of his own.
    os.setpriority(os.PRIO_PROCESS, flooder.process.pid, 10)
    quiet = await rounds(honest, bench.size(200), SECONDS, here + "work")
    aside = await Flood(flooder, elsewhere + "general").beside(honest, bench, here)
    before = max(node.megabytes for node in honest)
    watch = Watch(honest)
    watching = asyncio.create_task(watch.run())
    flood = Flood(flooder, here + "general")
    try:
        loud = await flood.beside(honest, bench, here)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    report(bench, quiet, aside, loud, flood, watch, before)


def report(bench, quiet, aside, loud, flood, watch, before):
    kind = Kind("yes", "synced", "end to end")
    note = (f"{HONEST} honest nodes and one that posts {flood.rate:,.0f} events/s, as fast as his "
            "node signs and stores them; all on the same cores, so beside it stands the same "
            "flood in a server of his own, where only the cores are shared")
    bench.row("delivery among honest nodes beside a flooder, p99", percentile(loud, 0.99),
              percentile(aside, 0.99), unit="ms", other="he floods elsewhere", bar=RATIO,
              kind=kind, note=note)
    for part, title in ((0.99, "p99"), (0.5, "p50")):
        bench.row(f"the same, {title}", percentile(loud, part), percentile(quiet, part),
                  unit="ms", other="nobody floods", kind=kind, note=note)
    bench.row("processor time of an honest node for one event of the flood", flood.each * 1_000,
              unit="ms", note=note)
    print(f"  most that waited: {watch.most}; counted: {watch.counted}")
    for name, bound in BOUNDS.items():
        if watch.most.get(name, 0) > bound:
            raise Refused(f"{name} was {watch.most[name]}, above {bound}")
    full = max(watch.most.get(name, 0) / bound for name, bound in BOUNDS.items())
    bench.row("fullest queue beside a flooder", full * 100, unit="% of its bound", bar=100,
              note=note)
    bench.row("memory of an honest node beside a flooder, growth", watch.megabytes - before,
              unit="MB", note=note)


class Flood:
    """Posts without any pause for a while."""

    def __init__(self, node, channel):
        self.node, self.channel = node, channel
        self.posted, self.rate, self.each = 0, 0, 0

    async def beside(self, honest, bench, here):
        """Delivery times among honest nodes while it lasts."""
        used = sum(node.processor_seconds for node in honest)
        start = time.monotonic()
        flooding = asyncio.create_task(self._run(start + SECONDS))
        try:
            await asyncio.sleep(1)
            times = await rounds(honest, bench.size(200), SECONDS - 2, here + "work")
        finally:
            await flooding
        self.rate = self.posted / (time.monotonic() - start)
        used = sum(node.processor_seconds for node in honest) - used
        self.each = used / len(honest) / max(self.posted, 1)
        return times

    async def _run(self, end):
        async def work():
            while time.monotonic() < end:
                await self.node.post(f"noise {self.posted} {'x' * 60}", self.channel)
                self.posted += 1

        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


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
