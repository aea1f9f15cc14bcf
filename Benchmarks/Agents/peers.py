#!/usr/bin/env python3
"""Our program beside other MCP servers over standard input and output: start, pings, memory.

usage: peers.py PROGRAM [NAME=COMMAND …]     each further server by the command that starts it

Every figure is the median of five alternating rounds; the ratio to ours is what counts, since machines
are shared. A server that does not answer is named and left out.
"""

import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS, PINGS, IN_FLIGHT = 5, 2_000, 64
HELLO = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"}}}
FIGURES = [("cold start, ms", "low"), ("ping, one in flight, /s", "high"),
           ("ping, 64 in flight, /s", "high"), ("ping, p99, µs", "low"),
           ("resident memory, MB", "low")]


class Server:
    def __init__(self, command):
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def send(self, *frames):
        self.process.stdin.write(b"".join(json.dumps(one).encode() + b"\n" for one in frames))
        self.process.stdin.flush()

    def answer(self):
        while line := self.process.stdout.readline():
            frame = json.loads(line)
            if "id" in frame and "method" not in frame:
                return frame
        raise EOFError

    def measure(self):
        self.send(HELLO)
        self.answer()
        start = (time.perf_counter() - self.begun) * 1_000
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        times = []
        for number in range(1, PINGS + 1):
            at = time.perf_counter()
            self.send(self.ping(number))
            self.answer()
            times.append(time.perf_counter() - at)
        at = time.perf_counter()
        for first in range(0, PINGS, IN_FLIGHT):
            count = min(IN_FLIGHT, PINGS - first)
            self.send(*(self.ping(PINGS + first + n + 1) for n in range(count)))
            for _ in range(count):
                self.answer()
        many = PINGS / (time.perf_counter() - at)
        times.sort()
        return [start, PINGS / sum(times), many, times[int(PINGS * 0.99)] * 1e6, self.memory()]

    @staticmethod
    def ping(number):
        return {"jsonrpc": "2.0", "id": number, "method": "ping"}

    def memory(self):
        """Of the process and what it started: some are launched by a wrapper."""
        total, waiting = 0.0, [self.process.pid]
        while waiting:
            pid = waiting.pop()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) / 1024
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return total

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        commands = {"peer-agent": [
            os.path.abspath(sys.argv[1]), "run", "--data-dir", folder, "--listen", "none",
            "--no-lan", "--no-attach", "--log-level", "error"]}
        for word in sys.argv[2:]:
            name, command = word.split("=", 1)
            commands[name] = shlex.split(command)
        run(commands, found)
        for _ in range(ROUNDS):
            run({name: commands[name] for name in found}, found)
    medians = {name: [statistics.median(column) for column in zip(*rows[1:])]
               for name, rows in found.items()}
    show(medians)


def run(commands, found):
    """One round; the first only tells who answers, and warms the files."""
    for name, command in commands.items():
        server = None
        try:
            server = Server(command)
            found.setdefault(name, []).append(server.measure())
        except (OSError, EOFError, ValueError) as problem:
            print(f"left out: {name}: {type(problem).__name__} {problem}", file=sys.stderr)
            found.pop(name, None)
        finally:
            if server:
                server.stop()


def show(medians):
    if "peer-agent" not in medians:
        sys.exit("peer-agent did not answer")
    ours = medians["peer-agent"]
    print("| Measured | " + " | ".join(medians) + " | ours ÷ best other |")
    print("|--|" + "--|" * (len(medians) + 1))
    for index, (figure, better) in enumerate(FIGURES):
        others = [row[index] for name, row in medians.items() if name != "peer-agent"]
        best = (min if better == "low" else max)(others) if others else None
        ratio = f"{ours[index] / best:.2f} ({better} is better)" if best else "–"
        values = " | ".join(f"{row[index]:,.1f}" for row in medians.values())
        print(f"| {figure} | {values} | {ratio} |")


if __name__ == "__main__":
    main()
