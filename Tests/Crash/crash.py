#!/usr/bin/env python3
"""Kills a writing node at random moments, and looks for anything it had acknowledged.

Ann writes as fast as her pipe takes it, with several calls under way; she is killed with SIGKILL,
started again, and asked. Bob, a peer who is never killed, sees whether she ever writes two events
under one number. In the end both must hold the same state, and no author two events of one number.
Only the standard library is used, so that any Python 3.10 runs it.

S-232 asks for 200 rounds: `./dev crash --kills 200 --seconds 600`; `--long` takes 5,000.
"""

import argparse
import json
import os
import queue
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
ANSWER_SECONDS = 30
UNDER_WAY = 6
# Pages show ids shortened.
SHOWN_DIGITS = 16


class Finding(Exception):
    """A promise that was broken."""


class Process:
    """One life of a node: its pipes, the answers that came and the log it wrote."""

    def __init__(self, binary, home, name):
        self.log = open(home / f"{name}.log", "ab")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PEER_AGENT_")}
        self.process = subprocess.Popen(
            [binary, "run", "--data-dir", str(home / name), "--name", name, "--listen",
             "127.0.0.1:0", "--scope", "full", "--log-level", "info", "--limit", "posting=0"],
            env=environment | {"HOME": str(home)}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.log)
        self.next_id = 0
        self.waiting = {}
        self.lock = threading.Lock()
        self.arrived = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            try:
                frame = json.loads(line)
            except ValueError:
                continue  # The last line of a killed process may be cut.
            if "id" in frame and "method" not in frame:
                self.arrived.put((frame["id"], frame))
        self.arrived.put((None, None))

    def ask(self, tool, **arguments):
        """Sends a call; its answer comes from `answer`."""
        self.next_id += 1
        params = {"name": tool, "arguments": arguments, "_meta": META}
        frame = {"jsonrpc": "2.0", "id": self.next_id, "method": "tools/call", "params": params}
        self.process.stdin.write((json.dumps(frame) + "\n").encode())
        self.process.stdin.flush()
        return self.next_id

    def answer(self, seconds=ANSWER_SECONDS):
        """The next answer as (id, facts); None when the process has ended."""
        number, frame = self.arrived.get(timeout=seconds)
        if number is None:
            return None
        if "result" not in frame:
            raise Finding(f"a call was answered with {frame.get('error')}")
        result = frame["result"]
        facts = result.get("structuredContent") or {}
        return number, facts | {"is_error": bool(result.get("isError"))}

    def call(self, tool, **arguments):
        wanted = self.ask(tool, **arguments)
        while True:
            answered = self.answer()
            if answered is None:
                raise Finding(f"the node ended during {tool}")
            if answered[0] == wanted:
                return answered[1]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=20)
        self.log.close()
        if code != 0:
            raise Finding(f"an orderly stop ended with {code}")


class Loop:
    """Ann's lives and all that she acknowledged in them."""

    def __init__(self, binary, home, seed):
        self.binary, self.home = binary, home
        self.random = random.Random(seed)
        self.acked = {}
        self.asked = set()
        self.written = 0
        for name in ("ann", "bob"):
            subprocess.run(
                [binary, "init", "--data-dir", str(home / name), "--name", name], check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=os.environ | {"HOME": str(home)})
        self.bob = Process(binary, home, "bob")
        self.ann = Process(binary, home, "ann")
        self.meet()

    def peer_id(self, name):
        printed = subprocess.run(
            [self.binary, "run", "--print-peer-id", "--data-dir", str(self.home / name)],
            check=True, capture_output=True, text=True).stdout
        return re.search(r"\b[0-9a-f]{64}\b", printed)[0]

    def meet(self):
        made = self.ann.call("create_server", name="harbour")
        self.channel = made["server_id"] + "/general"
        invite = self.ann.call(
            "generate_invite", recipient_peer_id=self.peer_id("bob"), server=made["server_id"],
            confirm=True)
        joined = self.bob.call("accept_invite", code=invite["invite_code"], confirm=True)
        if joined["outcome"] not in ("applied", "queued"):
            raise Finding(f"bob cannot join: {joined}")

    def write_until_killed(self, how):
        """Keeps calls under way; SIGKILL falls at a moment that `how` chooses."""
        texts = {}
        if how == "time":
            delay = self.random.uniform(0.0, 0.4)
            threading.Timer(delay, self.ann.process.send_signal, (signal.SIGKILL,)).start()
            stop_after = None
        else:
            stop_after = self.random.randrange(1, 40)
        acked = 0
        try:
            while True:
                while len(texts) < UNDER_WAY:
                    self.written += 1
                    text = f"message {self.written} " + "x" * self.random.randrange(400)
                    self.asked.add(text)
                    texts[self.ann.ask("send_message", channel=self.channel, body=text)] = text
                answered = self.ann.answer()
                if answered is None:
                    break
                number, facts = answered
                text = texts.pop(number)
                if facts.get("outcome") in ("applied", "queued"):
                    self.acked[facts["message_id"]] = text
                    acked += 1
                else:
                    raise Finding(f"a write was refused: {facts}")
                if acked == stop_after:
                    break
        except (BrokenPipeError, OSError):
            pass
        self.ann.kill()
        self.drain(texts)
        return acked

    def drain(self, texts):
        """Answers that were in the pipe when the node died count as well."""
        while True:
            try:
                answered = self.ann.answer(5)
            except queue.Empty:
                return
            if answered is None:
                return
            number, facts = answered
            if number in texts and facts.get("outcome") in ("applied", "queued"):
                self.acked[facts["message_id"]] = texts[number]

    def restart(self):
        self.ann = Process(self.binary, self.home, "ann")

    def rows(self, name):
        """Events in the database of a node that is not running, after a check of its pages."""
        # A copy, so that recovering its log stays the work of the next life.
        copy = self.home / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in (self.home / name).glob("node.db*"):
            shutil.copy(file, copy)
        database = sqlite3.connect(copy / "node.db")
        try:
            finding = database.execute("PRAGMA integrity_check").fetchone()[0]
            if finding != "ok":
                raise Finding(f"the database of {name} is damaged: {finding}")
            return database.execute(
                "SELECT author, seq, lower(hex(id)) FROM events ORDER BY author, seq").fetchall()
        finally:
            database.close()

    def check_chains(self, rows, name):
        """Every chain is whole and has one branch: two events of one number are a fork."""
        last = {}
        for author, seq, _ in rows:
            if seq != last.get(author, 0) + 1:
                raise Finding(
                    f"{name}: author {author} has seq {seq} after {last.get(author, 0)}")
            last[author] = seq

    def shown(self, process):
        """Texts of the channel by id, all pages."""
        found = {}
        before = None
        for _ in range(2_000):
            more = {"before": before} if before else {}
            page = process.call("read_channel", channel=self.channel, limit=100, **more)
            messages = page["messages"]
            for message in messages:
                found[message["id"][:SHOWN_DIGITS]] = message["text"]
            if not page.get("prev_cursor"):
                return found
            before = page["prev_cursor"]
        raise Finding("the pages of a channel do not end")

    def check_texts(self, name, found):
        for full, text in self.acked.items():
            event = full[:SHOWN_DIGITS]
            if found.get(event) != text:
                shown = "something else" if event in found else "nothing"
                raise Finding(
                    f"{name} shows {shown} as {event}, acknowledged for {text[:24]!r}, "
                    f"among {len(found)} messages")
        texts = list(found.values())
        doubled = [text for text in set(texts) if texts.count(text) > 1]
        if doubled:
            raise Finding(f"{name} shows {doubled[0][:30]!r} twice")
        strange = [text for text in texts if text not in self.asked]
        if strange:
            raise Finding(f"{name} shows {strange[0][:30]!r}, which nobody wrote")

    def check_stored(self):
        """Between two lives of Ann: the database opens and holds what she acknowledged."""
        rows = self.rows("ann")
        self.check_chains(rows, "ann")
        stored = {row[2] for row in rows}
        missing = [event for event in self.acked if event not in stored]
        if missing:
            raise Finding(f"{len(missing)} acknowledged events are gone, such as {missing[0]}")

    def check_states(self):
        """Both fold what they hold to the same state."""
        deadline = time.monotonic() + 60
        while True:
            states = [one.call("verify_state", timeout_s=5) for one in (self.ann, self.bob)]
            if all(state.get("verdict") == "agree" for state in states):
                break
            if any(state.get("verdict") == "differ" for state in states):
                raise Finding(f"the states differ: {states}")
            if time.monotonic() > deadline:
                raise Finding(f"the states never agreed: {states}")
        hashes = {state["state_hash"] for state in states}
        if len(hashes) != 1:
            raise Finding(f"both agree on {hashes}")

    def finish(self):
        """Bob must have everything, under the same numbers."""
        self.check_texts("ann", self.shown(self.ann))
        deadline = time.monotonic() + 60
        while True:
            cursor = self.bob.call("wait_for_messages", timeout_s=0)["cursor"]
            found = self.shown(self.bob)
            if all(event[:SHOWN_DIGITS] in found for event in self.acked):
                break
            if time.monotonic() > deadline:
                missing = sum(event[:SHOWN_DIGITS] not in found for event in self.acked)
                raise Finding(f"bob still lacks {missing} acknowledged messages")
            self.bob.call("wait_for_messages", after=cursor, timeout_s=2)
        self.check_texts("bob", found)
        self.check_states()
        self.ann.stop()
        self.bob.stop()
        ann, bob = self.rows("ann"), self.rows("bob")
        for name, rows in (("ann", ann), ("bob", bob)):
            self.check_chains(rows, name)
        if {row[2] for row in ann} != {row[2] for row in bob}:
            raise Finding("ann and bob hold different events")
        return len(ann)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=2**31, help="at most; as many as fit else")
    parser.add_argument("--seconds", type=float, default=35, help="no kill begins later")
    parser.add_argument("--seed", type=lambda text: int(text, 0), default=time.time_ns() % 2**32)
    parser.add_argument("--long", action="store_true", help="5,000 kills")
    options = parser.parse_args()
    if options.long:
        options.kills, options.seconds = 5_000, 6 * 3_600
    binary = os.environ.get("PEER_AGENT_BIN", str(ROOT / ".build/release/peer-agent"))
    home = Path(tempfile.mkdtemp(prefix="peer-crash-"))
    print(f"seed {options.seed:#x}")
    began = time.monotonic()
    done = 0
    loop = None
    try:
        loop = Loop(binary, home, options.seed)
        while done < options.kills and time.monotonic() - began < options.seconds:
            loop.write_until_killed("time" if done % 2 == 0 else "answer")
            loop.check_stored()
            loop.restart()
            done += 1
        events = loop.finish()
    except Finding as finding:
        print(f"FINDING after {done} kills: {finding}\nkept for you: {home}", file=sys.stderr)
        for process in (loop.ann, loop.bob) if loop else ():
            if process.process.poll() is None:
                process.kill()
        return 1
    shutil.rmtree(home)
    print(
        f"{done} kills in {time.monotonic() - began:.1f} s: {len(loop.acked)} acknowledged of "
        f"{loop.written} sent, {events} events, nothing lost, doubled or reused")
    if done == 0:
        print("not one kill fitted into the time", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
