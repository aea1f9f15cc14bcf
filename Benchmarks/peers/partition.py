"""A link is cut, both sides go on writing, it heals: how soon they are one again."""

import asyncio
import time

from nodes import Refused
from resync import meet_through

CUT_SECONDS = 2


async def measure(bench):
    each = bench.size(500, 5_000)
    ann, ben, way = await meet_through(bench, 0)
    await ben.post("once both ways")
    await ann.await_count(1)
    met = len(way.passages)
    await way.cut()
    await asyncio.gather(unlinked(ann), unlinked(ben))
    await asyncio.gather(
        ann.post_many(each, mark="by ann: "), ben.post_many(each, mark="by ben: "))
    await asyncio.sleep(CUT_SECONDS)
    counts = [await node.count() for node in (ann, ben)]
    if counts != [1 + each, 1 + each]:
        raise Refused(f"the cut leaks: {counts}")
    healed = time.perf_counter()
    await way.open()
    passage = await way.await_passage(met + 1)
    total = 1 + 2 * each
    await asyncio.gather(ann.await_count(total), ben.await_count(total))
    taken = time.perf_counter() - passage.begun
    note = (f"{each:,} messages written on each side of the cut; from the new connection on; it "
            f"came {passage.begun - healed:.1f} s after the way was open again, by the backoff")
    bench.row("cut and healed → both sides show everything", taken, unit="s", note=note)
    start = time.perf_counter()
    if not (await ann.agrees_with([ben]) and await ben.agrees_with([ann])):
        raise Refused("the states differ after the link healed")
    bench.row("equal state after it, told by both", time.perf_counter() - start, unit="s",
              note="verify_state on both sides: same hash over the same events")
    if await texts(ann) != await texts(ben):
        raise Refused("the sides show the same messages in different order")


async def unlinked(node):
    while await node.linked():
        await asyncio.sleep(0.02)


async def texts(node):
    """The newest messages in the order in which they are shown."""
    page = await node.call("read_channel", channel="#general", limit=100)
    return [message["text"] for message in page["messages"]]
