#!/usr/bin/env python3
"""Breaks one rule of the product at a time and expects the simulator to notice.

A mutation is one piece of source text and what replaces it; `{on}` in it is true while the mutation
is switched on. All of them go into one copy of the source, which is built once; the environment
says which one a run has. One that no longer fits the source, or goes unnoticed, is an error.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE, NET, STATE = "Sources/PeerNode/", "Sources/PeerNet/", "Sources/PeerState/"

# name, file, text, replacement
MUTATIONS = [
    ("skip dedupe", STATE + "State/Replica.swift",
     "state.graph.contains(id) || pending.contains(id) || dropped.contains(id)",
     "(state.graph.contains(id) && !{on}) || pending.contains(id) || dropped.contains(id)"),
    ("the first branch of a fork counts", STATE + "State/ServerState+Loose.swift",
     "graph.seq(slot) >= fork else { return false }",
     "graph.seq(slot) >= fork + ({on} ? 1 : 0) else { return false }"),
    ("skip signatures", STATE + "State/Replica.swift",
     "guard envelope.isSigned(by: event.author) else { throw",
     "guard {on} || envelope.isSigned(by: event.author) else { throw"),
    ("trust the wall clock", STATE + "State/Replica+Authoring.swift",
     "lamport: state.graph.lamport(over: edges), wallMilliseconds: writer.wallMilliseconds,",
     "lamport: state.graph.lamport(over: edges) + ({on} ? writer.wallMilliseconds % 2 : 0),\n"
     "            wallMilliseconds: writer.wallMilliseconds,"),
    ("ignore the pin", STATE + "Authority/ServerState+Rests.swift",
     "guard let pin else { return true }\n        return !isUpTo(pin, slot)",
     "guard let pin else { return true }\n        return !{on} && !isUpTo(pin, slot)"),
    ("puppets outlive their maker", STATE + "Authority/ServerState+Rests.swift",
     "            result = grant.rests\n", "            result = {on} ? [proof] : grant.rests\n"),
    ("acknowledge before the commit", NODE + "Ingest/NodeCore+Commit.swift",
     "                set.batch = StoreBatch()\n                inflight.append(set)",
     "                set.batch = StoreBatch()\n"
     "                if {on} { complete(set) } else { inflight.append(set) }"),
    ("forget recovery", NODE + "Storage/Recovery.swift",
     "return !cleared.contains(server)", "return !{on} && !cleared.contains(server)"),
    ("forget the own leave", NODE + "Joining/Lowering.swift",
     "case is MemberLeft where isOwn:", "case is MemberLeft where isOwn && !{on}:"),
    ("serve strangers", NODE + "Joining/HostedServer+Doorway.swift",
     "return state.hasBeenMember(peer) ? .former : .stranger",
     "if {on} { return .member }\n"
     "        return state.hasBeenMember(peer) ? .former : .stranger"),
    ("share no keys", NODE + "Ingest/NodeCore+Keys.swift",
     "guard due <= now.monotonic else { continue }",
     "guard due <= now.monotonic, !{on} else { continue }"),
    ("removed readers keep the key", NODE + "Acts/NodeCore+Rights.swift",
     "for channel in channels where !left.contains(channel) && mayRotate(channel, in: server) {",
     "for channel in channels\n"
     "        where left.contains(channel) == {on} && mayRotate(channel, in: server) {"),
    ("feed begins again", NODE + "Storage/NodeCore+Loading.swift",
     "        feed = stored.lastFeed\n",
     "        feed = {on} ? stored.lastFeed / 2 : stored.lastFeed\n"),
    ("members may grant", STATE + "Events/Members/MemberGranted.swift",
     "if own.level < .moderator { try", "if !{on}, own.level < .moderator { try"),
    ("members may make channels", STATE + "Events/Channels/ChannelCreated.swift",
     "try server.require(.manageChannels, of: place.author, at: place.past)",
     "try server.require(\n"
     "            {on} ? .sendMessages : .manageChannels, of: place.author, at: place.past)"),
    ("drop what waits", STATE + "State/Replica.swift",
     "for entry in pending.release(stored[next].event.id) {",
     "for entry in pending.release(stored[next].event.id).prefix({on} ? 0 : .max) {"),
    ("drop the hand-over to heads", NODE + "Storage/HostedServer.swift",
     "if (committedHeads[event.author]?.seq ?? 0) < event.seq {",
     "if (committedHeads[event.author]?.seq ?? 0) < event.seq, !({on} && event.seq % 7 == 0) {"),
    ("no second memory", NODE + "Ingest/NodeCore+Commit.swift",
     "        isStopped = true\n        out.append(.reload)",
     "        isStopped = true\n        if !{on} { out.append(.reload) }"),
    ("write before refusing", NODE + "Acts/NodeCore+Messages.swift",
     "try check(post)\n        if let earlier",
     "if {on}, post.text.isEmpty { try write(Acknowledged(), in: post.server) }\n"
     "        try check(post)\n        if let earlier"),
    ("edit the words of others", STATE + "Events/Messages/MessageEdited.swift",
     "guard server.graph.peer(target.slot) == place.author else",
     "guard {on} || server.graph.peer(target.slot) == place.author else"),
    ("keep forks to oneself", NODE + "Ingest/NodeCore+Forks.swift",
     "if page.envelopes.count == 2 {", "if page.envelopes.count == 2, !{on} {"),
    ("no anti-entropy", NET + "Sync/SyncCore+Timers.swift",
     "            compareAtRandom(&turn)\n", "            if !{on} { compareAtRandom(&turn) }\n"),
    ("post again what was sent", NODE + "Acts/NodeCore+Messages.swift",
     "guard let earlier = sent[key],\n", "guard !{on}, let earlier = sent[key],\n"),
    ("trust the random source", STATE + "EntropySource.swift",
     "let place = Self.bytes(number) + Self.bytes(block)",
     "let place = Self.bytes({on} ? 0 : number) + Self.bytes(block)"),
    ("forget late messages", NODE + "Reading/NodeCore+Texts.swift",
     "                hold(item, post, source, isShown: isShown, in: server)\n",
     "                if !{on} { hold(item, post, source, isShown: isShown, in: server) }\n"),
]

SWITCH = """import Glibc

/// Which rule is broken in this process; none when the environment does not say.
package enum Mutant {
    package static let number: Int = getenv("PEER_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0
}
"""


def misfits():
    for name, file, old, _ in MUTATIONS:
        path = ROOT / file
        if not path.exists() or path.read_text().count(old) != 1:
            yield name


def prepare(copy):
    """Copies the source and breaks every rule in it, each behind its number."""
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns(".build*", ".git", ".venv*", ".tools")
    shutil.copytree(ROOT, copy, ignore=ignored)
    for number, (_, file, old, new) in enumerate(MUTATIONS, 1):
        path = copy / file
        source = path.read_text()
        path.write_text(source.replace(old, new.replace("{on}", f"(Mutant.number == {number})")))
    (copy / STATE / "Mutant.swift").write_text(SWITCH)


def build(copy, options):
    built = subprocess.run(
        [*options.swift.split(), "build", "-c", "release", "--product", "PeerSim",
         "--scratch-path", options.scratch], cwd=copy, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if built.returncode != 0:
        sys.exit("\n".join(re.findall(r".*error: .*", built.stdout)) or built.stdout)


def simulate(number, arguments, timeout, options):
    """Text, end and processor seconds of one run; no text when it had to be ended."""
    before = os.times()
    process = subprocess.Popen(
        [*options.runner.split(), f"{options.scratch}/release/PeerSim", *arguments], text=True,
        env={**os.environ, "PEER_MUTANT": str(number)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        text = process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        text = None
    after = os.times()
    seconds = after.children_user + after.children_system \
        - before.children_user - before.children_system
    return text, process.returncode, seconds


def attempt(number, options):
    """Seed and invariant that caught a mutation, else `None`, and what it cost."""
    spent = 0.0
    for seed in range(options.first, options.first + options.seeds):
        text, code, seconds = simulate(
            number, ["--seed", str(seed)], options.seed_seconds, options)
        spent += seconds
        if code == 0:
            continue
        if text is None:
            found = "a run that never ends"
        elif code < 0:
            found = f"a trap ({signal.Signals(-code).name})"
        else:
            found = (re.findall(r"^VIOLATION (.*)$", text, re.M) or [f"end {code}"])[0]
        if number and seed not in options.clean:
            # What fails without the mutation too says nothing of it.
            _, plain, more = simulate(0, ["--seed", str(seed)], options.seed_seconds, options)
            spent += more
            if plain != 0:
                continue
            options.clean.add(seed)
        return seed, found, spent
    return None, None, spent


def table(rows, options):
    lines = [
        "# Mutations", "",
        "Each row is one rule of the product, broken on purpose; the simulator has to notice. Made by",
        f"`Tests/Simulate/mutations.py` with seeds from {hex(options.first)}, at most "
        f"{options.seeds} for each, one after the other",
        "until the first violation.", "",
        "| Broken rule | Where | Caught by seed | What was noticed | Processor s |",
        "|--|--|--|--|--|",
    ]
    for (name, file, _, _), (seed, found, spent) in rows:
        where = file.removeprefix("Sources/").removesuffix(".swift")
        caught = hex(seed) if seed is not None else "**not caught**"
        found = re.sub(r"\b[0-9a-f]{16}\b", "…", found or "–").replace("|", "/")
        lines.append(f"| {name} | {where} | {caught} | {found} | {spent:.0f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", default=str(ROOT / ".build-mutations/build"))
    parser.add_argument("--copy", default=str(ROOT / ".build-mutations/tree"))
    parser.add_argument("--swift", default="swift", help="how to call the compiler")
    parser.add_argument("--runner", default="", help="what runs the simulator, such as nice")
    parser.add_argument(
        "--only", default="", help="mutations whose name holds one of these, by commas")
    parser.add_argument("--list", action="store_true", help="only says whether each still fits")
    parser.add_argument("--built", action="store_true", help="runs what was built before")
    parser.add_argument("--first", type=lambda text: int(text, 0), default=1)
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--seed-seconds", type=int, default=300)
    parser.add_argument("--write", help="a file for the table")
    options = parser.parse_args()
    options.clean = set()
    bad = list(misfits())
    for name in bad:
        print(f"{name}: fits no place or several")
    if options.list or bad:
        print(f"{len(MUTATIONS)} mutations, {len(bad)} do not fit")
        return 1 if bad else 0
    if not options.built:
        copy = Path(options.copy)
        prepare(copy)
        build(copy, options)
    rows = []
    for number, mutation in enumerate(MUTATIONS, 1):
        if not any(word in mutation[0] for word in options.only.split(",")):
            continue
        result = attempt(number, options)
        rows.append((mutation, result))
        seed, found, spent = result
        caught = f"caught by {hex(seed)}: {found}" if seed is not None else "NOT NOTICED"
        print(f"{mutation[0]}: {caught} ({spent:.0f} s)", flush=True)
        if options.write:
            Path(options.write).write_text(table(rows, options))
    missed = sum(seed is None for _, (seed, _, _) in rows)
    print(f"{len(rows)} mutations, {missed} went unnoticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
