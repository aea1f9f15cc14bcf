"""Two nodes that know the same meet again: what passes between them, byte by byte."""

import asyncio
import time

import commits
import alone
import proxy
from nodes import Refused, join
from table import Kind

HELLO_BYTES = 110
# A record: two bytes of length before it, a byte of flags and a tag of 16 within it.
AROUND, WITHIN = 2, 17
DIALLER_HANDSHAKE, LISTENER_HANDSHAKE = 2, 1
QUIET_SECONDS = 2


async def meet_through(bench, count, keeps=False):
    """A server on ann with `count` messages, and ben, who reaches her through a proxy alone."""
    if not alone.has_away():
        raise Refused("it needs a network of its own, which this system does not allow")
    ann, ben = await asyncio.gather(bench.node("ann"), bench.node("ben"))
    await ann.call("create_server", name="harbour")
    await join(ann, ben)
    if count:
        await ann.post_many(count)
        await ben.await_count(count, every=0.02)
    await ben.stop()
    await ann.stop()
    # Where he met her nobody listens any more, and he listens nowhere.
    ann = await bench.node("ann", listen="127.0.0.3:0")
    way = await bench.proxy(await ann.address(), keeps=keeps, source=alone.AWAY)
    ben = await bench.node("ben", "--peer", way.address, listen="none")
    await ben.await_linked([ann])
    await ben.await_count(count, every=0.02)
    return ann, ben, way


async def measure(bench):
    count = bench.size(1_000)
    ann, ben, way = await meet_through(bench, count, keeps=True)
    await way.await_quiet(way.passages[-1], QUIET_SECONDS)
    met = len(way.passages)
    await way.cut()
    await way.open()
    passage = await way.await_passage(met + 1)
    await ben.await_linked([ann])
    await way.await_quiet(passage, QUIET_SECONDS)
    out = proxy.records(passage.out)[DIALLER_HANDSHAKE:]
    back = proxy.records(passage.back)[LISTENER_HANDSHAKE:]
    print(f"  records after the handshake: {out} →, ← {back}")
    hello = max(length - WITHIN for length in (out[0], back[0]))
    note = (f"two nodes with the same {count:,} messages meet again: their first frames; then "
            "everything after the handshake, both ways, until nothing more comes")
    bench.row("no-change resync, the larger Hello", hello, unit="B", bar=HELLO_BYTES, note=note)
    ours = sum(out + back) + AROUND * len(out + back)
    await beside_git(bench, ours, count, note)


async def beside_git(bench, ours, count, note):
    folder = bench.folder / "git"
    folder.mkdir()
    commits.make(folder, count)
    counted = await bench.proxy(await commits.serve(bench, folder))
    await commits.fetch(folder, counted.address)
    start = time.perf_counter()
    await commits.fetch(folder, counted.address)
    print(f"  git fetch of nothing new: {time.perf_counter() - start:.3f} s")
    again = counted.passages[-1]
    theirs = again.bytes_out + again.bytes_back
    bench.row("no-change resync, all bytes", ours, theirs, unit="B",
              other="git fetch, nothing new", kind=Kind("no", "–", "no"), note=note)
