"""Two stores that differ a little find out what: our ladder beside Negentropy of nostr-sdk."""

import asyncio
import time

import proxy
from nodes import TEXT
from resync import AROUND, DIALLER_HANDSHAKE, LISTENER_HANDSHAKE, QUIET_SECONDS, meet_through
from table import Kind

APART = 10
KIND = Kind("yes", "synced", "no")


async def measure(bench):
    count = bench.size(2_000, 20_000)
    ours = await own(bench, count)
    note = (f"{count:,} common messages and {APART} more on each side; until both hold all, the "
            "events included. Ours: hello, heads that changed, then the ranges; our Negentropy is "
            "for more than 300 authors or a repair, and no command starts it. Theirs: NIP-77 "
            "between a client and a relay, both with LMDB, and no session layer counted")
    try:
        theirs = await nostr(bench, count)
    except ImportError as problem:
        bench.absent("reconciliation by nostr-sdk", str(problem))
        return
    for what, index, unit in (("two stores made one, bytes both ways", 0, "B"),
                              ("the same, time", 1, "ms"),
                              ("two equal stores compared, bytes both ways", 2, "B")):
        bench.row(what, ours[index], theirs[index], unit=unit, other="Negentropy, nostr-sdk",
                  kind=KIND, note=note)


async def own(bench, count):
    """(bytes after the handshake, ms since the connection, bytes when nothing is new)."""
    ann, ben, way = await meet_through(bench, count, keeps=True)
    await way.await_quiet(way.passages[-1], QUIET_SECONDS)
    passage = await meet_again(way, ben, ann)
    await way.await_quiet(passage, QUIET_SECONDS)
    nothing_new = after_handshake(passage)
    met = len(way.passages)
    await way.cut()
    await asyncio.gather(
        ann.post_many(APART, mark="by ann: "), ben.post_many(APART, mark="by ben: "))
    await way.open()
    passage = await way.await_passage(met + 1)
    total = count + 2 * APART
    await asyncio.gather(ann.await_count(total), ben.await_count(total))
    taken = (time.perf_counter() - passage.begun) * 1_000
    await way.await_quiet(passage, QUIET_SECONDS)
    return after_handshake(passage), taken, nothing_new


async def meet_again(way, ben, ann):
    met = len(way.passages)
    await way.cut()
    await way.open()
    passage = await way.await_passage(met + 1)
    await ben.await_linked([ann])
    return passage


def after_handshake(passage):
    records = (proxy.records(passage.out)[DIALLER_HANDSHAKE:]
               + proxy.records(passage.back)[LISTENER_HANDSHAKE:])
    return sum(records) + AROUND * len(records)


async def nostr(bench, count):
    """The same of nostr-sdk: the bytes are those after the upgrade to a web socket."""
    import nostr_sdk as sdk
    sdk.uniffi_set_event_loop(asyncio.get_running_loop())
    stores = []
    for name in ("relay", "client"):
        stores.append(await sdk.NostrLmdb.open(str(bench.folder / name)))
    keys = sdk.Keys.generate()

    def events(number, mark):
        return [sdk.EventBuilder(sdk.Kind(1), mark + TEXT.format(n)).finalize(keys)
                for n in range(number)]

    common = events(count, "")
    for store in stores:
        # Together, for each alone waits for the disk.
        await asyncio.gather(*map(store.save_event, common))
    relay = sdk.LocalRelayBuilder().addr("127.0.0.1").database(stores[0]).build()
    await relay.run()
    counted = await bench.proxy(str(await relay.url()).removeprefix("ws://").rstrip("/"))
    client = sdk.ClientBuilder().database(stores[1]).build()
    await client.add_relay(sdk.RelayUrl.parse(f"ws://{counted.address}"))
    await client.connect()
    passage = await counted.await_passage(1)
    await counted.await_quiet(passage, QUIET_SECONDS)
    everything = sdk.Filter().author(keys.public_key())

    async def sync():
        before = passage.bytes_out + passage.bytes_back
        start = time.perf_counter()
        await client.sync(everything, opts=sdk.SyncOptions().direction(sdk.SyncDirection.BOTH))
        taken = (time.perf_counter() - start) * 1_000
        await counted.await_quiet(passage, QUIET_SECONDS)
        return passage.bytes_out + passage.bytes_back - before, taken

    nothing_new, _ = await sync()
    for store, mark in zip(stores, ("by the relay: ", "by the client: ")):
        for event in events(APART, mark):
            await store.save_event(event)
    size, taken = await sync()
    for store in stores:
        if await store.count(everything) != count + 2 * APART:
            raise RuntimeError("Negentropy left the stores different")
    await client.shutdown()
    relay.shutdown()
    return size, taken, nothing_new
