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
    ("skip dedupe", STATE + "State/Replica.swift",
     "state.graph.contains(id) || pending.contains(id) || dropped.contains(id)",
     "pending.contains(id) || dropped.contains(id)"),
    ("the first branch of a fork counts", STATE + "State/ServerState+Loose.swift",
     "graph.seq(slot) >= fork else { return false }",
     "graph.seq(slot) > fork else { return false }"),
    ("skip signatures", STATE + "State/Replica.swift",
     "guard envelope.isSigned(by: event.author) else { throw",
     "guard envelope.isSigned(by: event.author) || event.seq > 0 else { throw"),
    ("trust the wall clock", STATE + "State/Replica+Authoring.swift",
     "lamport: state.graph.lamport(over: edges), wallMilliseconds: writer.wallMilliseconds,",
     "lamport: state.graph.lamport(over: edges) + writer.wallMilliseconds % 2,\n"
     "            wallMilliseconds: writer.wallMilliseconds,"),
    ("ignore the pin", STATE + "Authority/ServerState+Rests.swift",
     "guard let pin else { return true }\n        return !isUpTo(pin, slot)",
     "return pin == nil"),
    ("puppets outlive their maker", STATE + "Authority/ServerState+Rests.swift",
     "            result = grant.rests\n", "            result = [proof]\n"),
    ("acknowledge before the commit", NODE + "Ingest/NodeCore+Commit.swift",
     "                set.batch = StoreBatch()\n                inflight.append(set)",
     "                set.batch = StoreBatch()\n                complete(set)"),
    ("forget recovery", NODE + "Storage/Recovery.swift",
     "return !cleared.contains(server)", "return cleared.contains(server) && false"),
    ("serve strangers", NODE + "Joining/HostedServer+Doorway.swift",
     "return state.hasBeenMember(peer) ? .former : .stranger", "return .member"),
    ("share no keys", NODE + "Ingest/NodeCore+Keys.swift",
     "guard due <= now.monotonic else { continue }",
     "guard due <= now.monotonic, member == me else { continue }"),
    ("removed readers keep the key", NODE + "Acts/NodeCore+Rights.swift",
     "for channel in channels where !left.contains(channel) && mayRotate(channel, in: server) {",
     "for channel in channels where left.contains(channel) && mayRotate(channel, in: server) {"),
    ("feed begins again", NODE + "Storage/NodeCore+Loading.swift",
     "        feed = stored.lastFeed\n", "        feed = stored.lastFeed / 2\n"),
    ("members may grant", STATE + "Events/Members/MemberGranted.swift",
     "if own.level < .moderator { try", "if own.level < .member { try"),
    ("members may make channels", STATE + "Events/Channels/ChannelCreated.swift",
     "try server.require(.manageChannels, of: place.author, at: place.past)",
     "try server.require(.sendMessages, of: place.author, at: place.past)"),
    ("drop what waits", STATE + "State/Replica.swift",
     "for entry in pending.release(stored[next].event.id) {",
     "for entry in pending.release(stored[next].event.id).prefix(0) {"),
    ("drop the hand-over to heads", NODE + "Storage/HostedServer.swift",
     "if (committedHeads[event.author]?.seq ?? 0) < event.seq {",
     "if (committedHeads[event.author]?.seq ?? 0) < event.seq, event.seq % 7 != 0 {"),
    ("no second memory", NODE + "Ingest/NodeCore+Commit.swift",
     "        isStopped = true\n        out.append(.reload)", "        isStopped = true"),
    ("write before refusing", NODE + "Acts/NodeCore+Messages.swift",
     "try check(post)\n        if let earlier",
     "if post.text.isEmpty { try write(Acknowledged(), in: post.server) }\n"
     "        try check(post)\n        if let earlier"),
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
                        "--seconds", str(options.seconds), "--twice", "0", "--brief"], copy,
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
    parser.add_argument(
        "--only", default="", help="mutations whose name holds one of these, by commas")
    parser.add_argument("--list", action="store_true", help="only says whether each still fits")
    parser.add_argument("--keep", action="store_true", help="goes on in the copy that is there")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    if options.list:
        misfits = [name for name, file, old, _ in MUTATIONS
                   if not (ROOT / file).exists() or (ROOT / file).read_text().count(old) != 1]
        for name in misfits:
            print(f"{name}: fits no place or several")
        print(f"{len(MUTATIONS)} mutations, {len(misfits)} do not fit")
        return 1 if misfits else 0
    copy = Path(options.copy)
    if options.keep and copy.exists():
        return judge(copy, options)
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns(".build*", ".git", ".venv*", ".tools")
    shutil.copytree(ROOT, copy, ignore=ignored)
    return judge(copy, options)


def judge(copy, options):
    failed = 0
    for mutation in MUTATIONS:
        if not any(word in mutation[0] for word in options.only.split(",")):
            continue
        is_fine, text = attempt(copy, options.swift.split(), mutation, options)
        failed += not is_fine
        print(f"{mutation[0]}: {text}", flush=True)
    print(f"{failed} mutations went wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
