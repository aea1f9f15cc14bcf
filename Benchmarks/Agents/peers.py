#!/usr/bin/env python3
"""Our program beside other MCP servers: start, requests, memory, and the gates that they set.

usage: peers.py PROGRAM [--rounds 5] [--small]

PROGRAM is a release build; its store holds 10,000 messages. The others (two in Go, one in Rust, two
in Python) are installed by the first run at the versions of Benchmarks/peers/requirements.txt.
Figures are medians of alternating rounds; the ratio is what counts, since machines are shared. A
server that cannot be measured is named.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "peers"))

import alone
import installing
import servers

MESSAGES = 10_000
COMPILED = (servers.GO, servers.RUST)
# (figure, whose best is compared, ours ÷ theirs, whether more is better, goal beyond the gate)
GATES = [
    ("cold start, ms", COMPILED, 1.2, False, False),
    ("cold start, ms", (servers.GO,), 1.0, False, True),
    ("ping, one in flight, /s", (servers.GO,), 1.0, True, False),
    ("ping, one in flight, /s", (servers.GO,), 1.2, True, True),
    ("ping, one in flight, /s", (servers.PYTHON,), 10, True, True),
    ("ping, p99, µs", (servers.GO,), 1.0, False, True),
    ("discover, one in flight, /s", (servers.GO,), 1.0, True, False),
    ("ping, 64 in flight, /s", (*COMPILED, servers.PYTHON), 1.0, True, False),
    ("tools/list, /s", (servers.RUST,), 1.5, True, False),
    ("HTTP ping, 16 connections, /s", (servers.GO,), 1.0, True, False),
    ("HTTP ping, 16 connections, /s", (servers.GO,), 1.2, True, True),
    ("HTTP ping, 16 connections, /s", (servers.PYTHON,), 4, True, False),
    ("HTTP tool that reads, /s", (servers.PYTHON,), 4, True, False),
    ("resident memory, MB", (servers.GO,), 1.0, False, False),
]
# Guides for a machine with two cores: (figure, bound, whether more is better).
GUIDES = [
    ("cold start, ms", 30, False), ("ping, one in flight, /s", 15_000, True),
    ("ping, p50, µs", 60, False), ("ping, p99, µs", 150, False),
    ("ping, 64 in flight, /s", 40_000, True), ("tools/list, /s", 8_000, True),
    ("HTTP ping, 16 connections, /s", 10_000, True), ("HTTP ping, p99, ms", 6, False),
    ("HTTP tool that reads, /s", 6_000, True), ("resident memory, MB", 30, False),
    ("send_message, one in flight, p50, ms", 2, False),
    ("send_message, 64 in flight, /s", 5_000, True),
    ("send → waiting agent of another node, p50, ms", 3, False),
    ("send → waiting agent of another node, p99, ms", 15, False),
]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.set_defaults(long=False)
    parser.add_argument("--small", action="store_true", help="one round, to see that it runs")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    installing.enter(__file__)
    if not alone.enter():
        print("no right to make a network: the others run on the machine's own")
    with tempfile.TemporaryDirectory(prefix="mcp-peers-") as folder:
        sys.exit(run(options, Path(folder)))


def run(options, home):
    import budgets
    import loads
    rounds = options.rounds
    if options.small:
        rounds, loads.PINGS, loads.LISTS, loads.HTTP_SECONDS = 1, 128, 32, 1
    own = servers.ours(options.program, home / "store/data")
    sends = asyncio.run(fill(options, home))
    found, missing = servers.others()
    kinds = [own, *found]
    results = {kind.name: {} for kind in kinds}
    print(f"{rounds} rounds of {', '.join(results)}", flush=True)
    for number in range(rounds + 1):
        # The first only warms the files, and tells who answers.
        for kind in list(kinds):
            print(f"  {kind.name}", file=sys.stderr, flush=True)
            try:
                figures = measure(kind, home)
            except (OSError, ValueError, EOFError, subprocess.SubprocessError) as problem:
                missing.append(f"{kind.name} ({kind.language}): {type(problem).__name__} {problem}")
                kinds.remove(kind)
                results.pop(kind.name)
                continue
            for name, value in figures.items() if number else []:
                results[kind.name].setdefault(name, []).append(value)
    for name in [*missing, *installing.not_installed()]:
        print(f"NOT MEASURED: {name}")
    if own.name not in results:
        print((home / "log").read_text(errors="replace")[-2_000:], file=sys.stderr)
        return 1
    medians = {name: {figure: statistics.median(values) for figure, values in figures.items()}
               for name, figures in results.items()}
    medians[own.name] |= sends
    show(medians)
    gates(medians, {kind.name: kind.language for kind in kinds})
    limits = budgets.measure(own, home)
    limits += budgets.streams(
        own, home, lambda: token(home), 500 if options.small else budgets.STREAMS)
    print("\n| bytes and leftovers | ours | at most | |\n|--|--|--|--|")
    for what, value, most in limits:
        print(f"| {what} | {value:,.0f} | {most:,} | {'holds' if value <= most else 'MISSED'} |")
    print("\n1,000 waiting agents: `just bench-agents`.")
    return 0


def measure(kind, home):
    import loads
    figures = loads.stdio(kind, home)
    if kind.http:
        own = (lambda: token(home)) if kind.language == servers.OURS else None
        figures |= loads.over_http(kind, home, own)
    return figures


def token(home):
    return (home / "store/data/token").read_text().strip()


async def fill(options, home):
    """Posts the messages of the store, and times what only we do."""
    import delivery
    import nodes
    from bench import Bench, percentile
    count = 300 if options.small else MESSAGES
    node = await nodes.Node.start(options.program, home / "store")
    try:
        await node.call("create_server", name="harbour")
        start = asyncio.get_running_loop().time()
        await node.post_many(count - 200, in_flight=64)
        rate = (count - 200) / (asyncio.get_running_loop().time() - start)
        times = []
        for number in range(200):
            start = asyncio.get_running_loop().time()
            await node.post(nodes.TEXT.format(number))
            times.append((asyncio.get_running_loop().time() - start) * 1_000)
    finally:
        await node.stop()
    async with Bench(options.program, options, []) as bench:
        wakes = await delivery.rounds(await nodes.mesh(bench, 2), bench.size(200), seconds=20)
    return {"send_message, one in flight, p50, ms": percentile(times, 0.5),
            "send_message, 64 in flight, /s": rate,
            "send → waiting agent of another node, p50, ms": percentile(wakes, 0.5),
            "send → waiting agent of another node, p99, ms": percentile(wakes, 0.99)}


def show(medians):
    names = list(medians)
    figures = list(dict.fromkeys(figure for row in medians.values() for figure in row))
    print("\n| measured | " + " | ".join(names) + " |\n|--|" + "--|" * len(names))
    for figure in figures:
        values = [medians[name].get(figure) for name in names]
        told = ["–" if value is None else f"{value:,.1f}" for value in values]
        print(f"| {figure} | " + " | ".join(told) + " |")


def gates(medians, languages):
    ours = medians["peer-agent"]
    print("\n| gate or goal | ours ÷ best | wanted | |\n|--|--|--|--|")
    for figure, against, factor, is_more_better, is_goal in GATES:
        others = {name: row[figure] for name, row in medians.items()
                  if languages[name] in against and figure in row}
        what = f"{'goal' if is_goal else 'gate'}: {figure}, best of {', '.join(against)}"
        wanted = f"{'≥' if is_more_better else '≤'} {factor:g} ×"
        if not others or figure not in ours:
            print(f"| {what} | – | {wanted} | NOT MEASURED |")
            continue
        best = (max if is_more_better else min)(others, key=others.get)
        ratio = ours[figure] / others[best]
        holds = ratio >= factor if is_more_better else ratio <= factor
        print(f"| {what} | {ratio:.2f} ({best}) | {wanted} | {'holds' if holds else 'MISSED'} |")
    print("\n| guide for two cores | ours | wanted | |\n|--|--|--|--|")
    for figure, bound, is_more_better in GUIDES:
        value = ours.get(figure)
        wanted = f"{'≥' if is_more_better else '≤'} {bound:,}"
        if value is None:
            print(f"| {figure} | – | {wanted} | NOT MEASURED |")
            continue
        holds = value >= bound if is_more_better else value <= bound
        print(f"| {figure} | {value:,.1f} | {wanted} | {'holds' if holds else 'MISSED'} |")


if __name__ == "__main__":
    main()
