#!/usr/bin/env python3
"""Nodes of ours on real sockets beside other software, in one run; a table at the end.

usage: compare.py PROGRAM [--parts delivery,flood] [--long | --small]

PROGRAM is a release build. Other software is installed by the first run, at the versions of
packages.txt and requirements.txt. Every part ends after a minute (ten with --long); what was not
measured is named in the table. Times count on a quiet machine only, ratios a little more widely.
"""

import argparse
import asyncio
import importlib
import os
import sys
import time
import traceback

import alone
import installing

PARTS = [
    "delivery", "backfill", "resync", "partition", "fanout", "reconcile", "flood",
    "handshakes", "copying"]
SECONDS, LONG_SECONDS, ENDING_SECONDS = 60, 600, 10


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--parts", default=",".join(PARTS), help=", ".join(PARTS))
    parser.add_argument("--long", action="store_true", help="100,000 events instead of 10,000")
    parser.add_argument("--small", action="store_true", help="a few of each, to see that it runs")
    options = parser.parse_args()
    unknown = set(options.parts.split(",")) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    options.program = os.path.abspath(options.program)
    installing.enter(__file__)
    is_alone = alone.enter()
    print("network: loopback alone" if is_alone else
          "network: the machine's own (no right to make another); only loopback is used")
    sys.exit(asyncio.run(run(options)))


async def run(options):
    """Runs the parts one after another; 1 when one of them could not be run to its end."""
    import table
    rows, failed = [], False
    for problem in installing.not_installed():
        name, _, why = problem.partition(": ")
        rows.append(table.Row(name, None, note=f"not installed: {why}"))
    for part in options.parts.split(","):
        begun = time.monotonic()
        print(f"{part}:", flush=True)
        failed |= not await run_part(part, options, rows)
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
    print("\n" + table.text(rows))
    missed = [row for row in rows if row.holds is False]
    print(f"\n{len(rows)} rows, {len(missed)} bars missed, "
          f"{sum(row.loses for row in rows)} rows in which the other one is better")
    return int(failed)


async def run_part(part, options, rows):
    from bench import Bench
    seconds = LONG_SECONDS if options.long else SECONDS
    async with Bench(options.program, options, rows) as bench:
        running = asyncio.create_task(importlib.import_module(part).measure(bench))
        await asyncio.wait([running], timeout=seconds)
        if not running.done():
            running.cancel()
            await asyncio.wait([running], timeout=ENDING_SECONDS)
            bench.absent(part, f"not over after {seconds} s")
        elif problem := running.exception():
            traceback.print_exception(problem)
            bench.absent(part, f"{type(problem).__name__}: {problem}")
        else:
            return True
        bench.show_logs()
    return False


if __name__ == "__main__":
    main()
