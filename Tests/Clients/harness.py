"""Starts nodes in temporary directories, reads what they log, and always stops them."""

import collections
import functools
import os
import re
import subprocess
import threading
import time
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("PEER_SHARED") or ROOT.parent / "shared")
START_SECONDS = 20
STOP_SECONDS = 5
LOG_LINES_KEPT = 2_000
# Set by the recipes where the shared data is there, and by whoever promises that it is.
IS_SHARED_EXPECTED = os.environ.get("PEER_SHARED_EXPECTED", "") not in ("", "0")


def need_shared(path):
    """Ends the test where shared data is absent: as a failure where it was to be there."""
    if path.exists():
        return
    said = f"shared data is absent: {path}; set PEER_SHARED to its folder"
    if IS_SHARED_EXPECTED:
        pytest.fail(said, pytrace=False)
    pytest.skip(said)


def within(seconds):
    """Runs an async test to its end, or fails it when `seconds` have passed."""

    def decorate(test):
        @functools.wraps(test)
        def run(*arguments, **keywords):
            async def bounded():
                with anyio.fail_after(seconds):
                    await test(*arguments, **keywords)

            anyio.run(bounded)

        return run

    return decorate


class Log:
    """The standard error of one process, line by line, while it runs.

    `writer` is handed to whatever spawns the process; `spawned` closes our copy of it, so that
    the end of the process is also the end of the log.
    """

    def __init__(self):
        reader, writer = os.pipe()
        self.writer = os.fdopen(writer, "w")
        self._lines = collections.deque(maxlen=LOG_LINES_KEPT)
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(reader,), daemon=True)
        self._thread.start()

    def _read(self, descriptor):
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                with self._changed:
                    self._lines.append(line.rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def lines(self):
        """What was said so far; the process may go on meanwhile."""
        with self._changed:
            return list(self._lines)

    def spawned(self):
        if not self.writer.closed:
            self.writer.close()

    def wait_for(self, pattern, seconds=START_SECONDS):
        """The match of the first line, past or coming, in which `pattern` is found."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self._lines:
                    if match := re.search(pattern, line):
                        return match
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    why = "the process ended" if self._ended else f"{seconds} s passed"
                    shown = "\n".join(self._lines) or "(nothing)"
                    raise AssertionError(f"no log line with {pattern!r}: {why}; it said:\n{shown}")
                self._changed.wait(left)


class Node:
    """One peer: its data directory, its command lines and the logs of its processes."""

    def __init__(self, binary, folder, name):
        self.binary = str(binary)
        self.name = name
        self.home = folder / name
        self.data = self.home / "data"
        self.home.mkdir()
        self.more = {}  # What its processes find in their environment, besides.
        self.logs = []
        self.processes = []

    @property
    def environment(self):
        """Ours without settings of a real node; its home is a temporary one."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PEER_AGENT_")}
        return kept | {"HOME": str(self.home), "NO_COLOR": "1"} | self.more

    def command(self, *arguments, check=True, seconds=START_SECONDS):
        """Runs one command of the binary to its end."""
        done = subprocess.run(
            [self.binary, *arguments], env=self.environment, cwd=self.home, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
        if check:
            assert done.returncode == 0, (
                f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def init(self, *options):
        self.command("init", "--data-dir", str(self.data), "--name", self.name, *options)
        return self

    @functools.cached_property
    def peer_id(self):
        printed = self.command("run", "--print-peer-id", "--data-dir", str(self.data)).stdout
        match = re.search(r"\b[0-9a-f]{64}\b", printed)
        assert match, f"no peer id in {printed!r}"
        return match[0]

    def run_arguments(self, *options):
        return [
            "run", "--data-dir", str(self.data), "--name", self.name, "--listen", "127.0.0.1:0",
            "--scope", "full", "--log-level", "info", *options,
        ]

    def new_log(self):
        self.logs.append(Log())
        return self.logs[-1]

    async def address(self):
        """Where the newest process of this node accepts peers."""
        log = self.logs[-1]
        match = await anyio.to_thread.run_sync(log.wait_for, r"listening on (127\.0\.0\.1:\d+)")
        return match[1]

    def spawn(self, *options):
        """Starts `run` with pipes for the caller to speak on."""
        log = self.new_log()
        process = subprocess.Popen(
            [self.binary, *self.run_arguments(*options)], env=self.environment, cwd=self.home,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log.writer)
        log.spawned()
        self.processes.append(process)
        return process

    def stop(self):
        """Ends every process that `spawn` started, kindly first."""
        for process in self.processes:
            if process.stdin and not process.stdin.closed:
                try:
                    process.stdin.close()
                except BrokenPipeError:
                    pass
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for log in self.logs:
            log.spawned()

    def show(self):
        for number, log in enumerate(self.logs, 1):
            print(f"--- {self.name}, process {number}, standard error")
            print("\n".join(log.lines) or "(nothing)")
