"""One sends, seven receive: ours beside brokers through which everything passes."""

import asyncio
import time

import brokers
from bench import percentile
from nodes import TEXT, mesh
from table import OWN

IN_FLIGHT = 64
SECONDS = 20


async def measure(bench):
    single, burst = bench.size(100, 400), bench.size(400)
    ours = await one("ours", Ours(bench), single, burst)
    note = (f"sent one at a time, until the last of {brokers.RECEIVERS} receivers has it; ours are "
            "eight processes that each sign or check, store and decrypt")
    burst_note = (f"{burst} messages, {IN_FLIGHT} under way, until every receiver has all; no "
                  "more, for above 500 at once nodes hold an author to 50 events/s by design")
    for make in (brokers.Nats, brokers.NatsStore, brokers.Prosody):
        if not brokers.is_there(make):
            bench.absent(f"fan-out by {make.title}", f"{make.program} is not installed")
            continue
        theirs = await one(make.title, Theirs(bench, make), single, burst)
        for what, index, told in (("p50", 0, note), ("p99", 1, note)):
            bench.row(f"send → the last of {brokers.RECEIVERS} has it, {what}", ours[index],
                      theirs[index], unit="ms", other=make.title, kind=make.kind, own=OWN,
                      note=told)
        bench.row("fan-out, deliveries", ours[2], theirs[2], unit="/s", other=make.title,
                  kind=make.kind, is_more_better=True, note=burst_note)


async def one(title, side, single, burst):
    """(p50 and p99 of single sends in ms, deliveries per second of a burst)."""
    await side.open()
    times = []
    for number in range(single):
        start = time.perf_counter()
        await side.send(f"single {number}")
        await side.arrived((number + 1) * brokers.RECEIVERS)
        times.append((time.perf_counter() - start) * 1_000)
    before = single * brokers.RECEIVERS
    numbers = iter(range(burst))

    async def work():
        for number in numbers:
            await side.send(TEXT.format(number))

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    sent = time.perf_counter() - start
    await side.arrived(before + burst * brokers.RECEIVERS)
    rate = burst * brokers.RECEIVERS / (time.perf_counter() - start)
    print(f"  {title}: all sent after {sent * 1_000:.0f} ms, {rate:,.0f} deliveries/s", flush=True)
    return percentile(times, 0.5), percentile(times, 0.99), rate


class Side:
    """Counts what has arrived."""

    def __init__(self):
        self.count, self._wanted, self._done = 0, 0, None

    def received(self, _):
        self.count += 1
        if self._done and not self._done.done() and self.count >= self._wanted:
            self._done.set_result(None)

    async def arrived(self, wanted):
        if self.count < wanted:
            self._wanted, self._done = wanted, asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self._done, SECONDS)


class Theirs(Side):
    def __init__(self, bench, make):
        super().__init__()
        self.broker = make(bench, self.received)

    async def open(self):
        await self.broker.open()

    async def send(self, text):
        await self.broker.send(text)


class Ours(Side):
    def __init__(self, bench):
        super().__init__()
        self.bench = bench

    async def open(self):
        self.sender, *receivers = await mesh(self.bench, brokers.RECEIVERS + 1)
        reading = [asyncio.create_task(self._receive(node, await node.place()))
                   for node in receivers]

        async def end():
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)

        self.bench.on_end(end)

    async def _receive(self, node, place):
        while True:
            messages, place = await node.wait(place)
            for message in messages:
                self.received(message["text"])

    async def send(self, text):
        await self.sender.post(text)
