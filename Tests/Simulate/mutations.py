#!/usr/bin/env python3
"""Breaks one rule of the product at a time, in a copy, and expects the simulator to fail.

A mutation is one piece of source text and what replaces it. One that no longer fits the source,
does not compile, or goes unnoticed is an error. Each costs a build, so this is for long runs.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE, NET, STATE = "Sources/PeerNode/", "Sources/PeerNet/", "Sources/PeerState/"

# name, file, text, replacement
MUTATIONS = [
    ("skip dedupe", NODE + "NodeCore+Ingest.swift",
     "case .failure(.duplicate), nil: continue",
     "case .failure(.duplicate), nil:\n"
     "                do { envelopes.append(try Envelope(decoding: bytes)) } catch { continue }"),
    ("accept a fork", STATE + "State/Replica.swift",
     "if state.graph.event(of: event.author, seq: event.seq) != nil {",
     "if state.graph.event(of: event.author, seq: event.seq) == event.id {"),
    ("skip signatures", STATE + "State/Replica.swift",
     "guard envelope.isSigned(by: event.author) else {",
     "guard envelope.isSigned(by: event.author) || event.seq > 0 else {"),
    ("acknowledge before the commit", NODE + "NodeCore+Commit.swift",
     "                set.batch = StoreBatch()\n                inflight.append(set)",
     "                set.batch = StoreBatch()\n                complete(set)"),
    ("forget recovery", NODE + "Recovery.swift",
     "return !cleared.contains(server)", "return cleared.contains(server) && false"),
    ("serve strangers", NODE + "NodeCore+Sync.swift",
     "return slot.state.standing(of: peer) == nil ? .stranger : .member",
     "return slot.state.standing(of: peer) == nil ? .member : .member"),
    ("share no keys", NODE + "NodeCore+Keys.swift",
     "guard due <= now.monotonic else { continue }",
     "guard due <= now.monotonic, member == me else { continue }"),
    ("feed begins again", NODE + "NodeCore+Loading.swift",
     "feed = stored.feed.map(\\.position).max() ?? 0",
     "feed = stored.feed.map(\\.position).min() ?? 0"),
    ("members may grant", STATE + "Events/Members/MemberGranted.swift",
     "own.level >= .moderator", "own.level >= .member"),
    ("members may make channels", STATE + "Events/Channels/ChannelCreated.swift",
     "try server.require(.manageChannels, of: event.author, at: past)",
     "try server.require(.sendMessages, of: event.author, at: past)"),
    ("drop what waits", STATE + "State/Replica.swift",
     "for entry in pending.release(stored[next].event.id) {",
     "for entry in pending.release(stored[next].event.id).prefix(0) {"),
    ("drop the hand-over to heads", NODE + "HostedServer.swift",
     "if (committedHeads[event.author]?.seq ?? 0) < event.seq {",
     "if (committedHeads[event.author]?.seq ?? 0) < event.seq, event.seq % 7 != 0 {"),
    ("no second memory", NODE + "NodeCore+Commit.swift",
     "        isStopped = true\n        out.append(.reload)", "        isStopped = true"),
    ("write before refusing", NODE + "NodeCore+Messages.swift",
     "try check(post)\n        if let earlier",
     "if post.text.isEmpty { try write(Acknowledged(), in: post.server) }\n"
     "        try check(post)\n        if let earlier"),
    ("show in order of arrival", NODE + "Views/Timeline.swift",
     "let place = index(of: entry.position)", "let place = entries.count"),
]


def run(arguments, folder, **more):
    return subprocess.run(
        arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def attempt(copy, swift, mutation, options):
    """What became of one mutation, and whether that is as it should be."""
    name, file, old, new = mutation
    path = copy / file
    source = path.read_text()
    if source.count(old) != 1:
        return False, f"fits {source.count(old)} places of {file}"
    path.write_text(source.replace(old, new))
    try:
        built = run([*swift, "build", "-c", "release", "--product", "PeerSim",
                     "--scratch-path", options.scratch], copy)
        if built.returncode != 0:
            errors = re.findall(r"error: .*", built.stdout)
            return False, f"does not compile: {errors[:1]}"
        try:
            done = run([f"{options.scratch}/release/PeerSim", "--seeds", str(options.seeds),
                        "--seconds", str(options.seconds), "--twice", "0"], copy,
                       timeout=options.seconds + 240)
        except subprocess.TimeoutExpired:
            return True, "caught: a seed never ends"
        found = re.search(r"^seed (\S+) fails: (.*)$", done.stdout, re.M)
        if done.returncode == 0:
            return False, "NOT NOTICED"
        return True, f"caught by {found[1]}: {found[2]}" if found else f"ended {done.returncode}"
    finally:
        path.write_text(source)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", default=str(ROOT / ".build-mutations/build"))
    parser.add_argument("--copy", default=str(ROOT / ".build-mutations/tree"))
    parser.add_argument("--swift", default="swift", help="how to call the compiler")
    parser.add_argument("--only", default="", help="mutations whose name holds this")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    copy = Path(options.copy)
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns(".build*", ".git", ".venv*", ".tools")
    shutil.copytree(ROOT, copy, ignore=ignored)
    failed = 0
    for mutation in MUTATIONS:
        if options.only not in mutation[0]:
            continue
        is_fine, text = attempt(copy, options.swift.split(), mutation, options)
        failed += not is_fine
        print(f"{mutation[0]}: {text}", flush=True)
    print(f"{failed} mutations went wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
