#!/usr/bin/env python3
"""Sums the summary of `llvm-cov export` by module, and names the files that are reached least."""

import json
import sys
from collections import defaultdict
from pathlib import Path

LEAST = 10
MINIMUM = 20  # regions that a file must have to be named


def main():
    root = Path(__file__).resolve().parents[2] / "Sources"
    modules, files = defaultdict(lambda: [0, 0]), []
    for one in json.load(sys.stdin)["data"][0]["files"]:
        path = Path(one["filename"])
        if root not in path.parents:
            continue
        path, regions = path.relative_to(root), one["summary"]["regions"]
        modules[path.parts[0]][0] += regions["covered"]
        modules[path.parts[0]][1] += regions["count"]
        files.append((regions["covered"], regions["count"], path))
    if not modules:
        sys.exit("coverage: the profile names no file of Sources")
    print("\n| Module | Regions | Reached | Share |\n|--|--|--|--|")
    for name, (covered, count) in sorted(modules.items()):
        print(f"| {name} | {count} | {covered} | {share(covered, count)} |")
    everything = [sum(column) for column in zip(*modules.values())]
    print(f"| all | {everything[1]} | {everything[0]} | {share(*everything)} |\n")
    print(f"Least reached, of files with {MINIMUM} regions or more:")
    large = [one for one in files if one[1] >= MINIMUM]
    for covered, count, path in sorted(large, key=lambda one: one[0] / one[1])[:LEAST]:
        print(f"  {share(covered, count):>5}  {path}")


def share(covered, count):
    return f"{100 * covered / count:.0f} %" if count else "–"


if __name__ == "__main__":
    main()
