"""A fresh node fetches a history, beside what checking its signatures alone takes, and git."""

import asyncio
import os
import statistics
import time

import commits
import verifying
from nodes import join
from table import Kind

FEW, FEW_SECONDS = 1_000, 0.1
VERIFY_RATIO = 1.3
ROUNDS = 3


async def measure(bench):
    host = await bench.node("ann")
    await host.call("create_server", name="harbour")
    few, many = bench.size(FEW), bench.size(10_000, 100_000)
    await host.post_many(few, in_flight=128)
    times = [await fetch(bench, host, f"few{n}", few) for n in range(ROUNDS)]
    note = f"median of {ROUNDS}: from accepting the invite until every message can be read"
    bench.row(f"{few:,} messages for a fresh node", statistics.median(times), unit="s",
              bar=FEW_SECONDS, note=note)

    start = time.perf_counter()
    await host.post_many(many - few, in_flight=128, mark="more ")
    rate = (many - few) / (time.perf_counter() - start)
    bench.row("durable sends, 128 under way", rate, unit="/s", note="one node, through its agent")
    await against_verifying(bench, host, many)


async def against_verifying(bench, host, many):
    cores = os.cpu_count() or 1
    raws, all_raws, times = [], [], []
    for number in range(1 if bench.options.long else ROUNDS):
        raws.append(await asyncio.to_thread(verifying.seconds, many, 1))
        all_raws.append(await asyncio.to_thread(verifying.seconds, many, cores))
        times.append(await fetch(bench, host, f"many{number}", many))
    ours = statistics.median(times)
    nothing = Kind("checked", "no", "no")
    note = ("fetch over TCP, decode, check, store synced, fold, decrypt, show: against checking "
            "alone")
    bench.row(f"{many:,} messages for a fresh node", ours, statistics.median(raws), unit="s",
              other="Ed25519 checks, one core", kind=nothing, bar=VERIFY_RATIO, note=note)
    bench.row("the same", ours, statistics.median(all_raws), unit="s",
              other=f"the checks on {cores} cores", kind=nothing, note=note)
    folder = bench.folder / "git"
    folder.mkdir()
    commits.make(folder, many)
    address = await commits.serve(bench, folder)
    theirs = [await commits.fetch(folder, address, f"copy{n}.git") for n in range(len(times))]
    bench.row("the same", ours, statistics.median(theirs), unit="s",
              other="git fetch of as many commits", kind=commits.KIND,
              note="commits without files, their messages are our texts; git daemon on loopback")


async def fetch(bench, host, name, count):
    """Seconds from accepting the invite until so many messages can be read."""
    guest = await bench.node(name)
    start = time.perf_counter()
    joining = asyncio.create_task(join(host, guest))
    await guest.await_count(count)
    taken = time.perf_counter() - start
    await joining
    await guest.stop()
    return taken
