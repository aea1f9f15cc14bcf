"""What every part gets: a folder, nodes, proxies, and a place for its rows."""

import sys
import tempfile
import time
from pathlib import Path

import nodes
import proxy
from table import Row


class Bench:
    """The things of one part; all of them are gone when it ends, however it ends."""

    def __init__(self, program, options, rows):
        self.program, self.options, self.rows = program, options, rows
        self._closing = []

    async def __aenter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="peers-")
        self.folder = Path(self._folder.name)
        return self

    async def __aexit__(self, *_):
        while self._closing:
            try:
                await self._closing.pop()()
            except Exception as problem:  # The others have to end all the same.
                print(f"  at the end: {type(problem).__name__}: {problem}", file=sys.stderr)
        self._folder.cleanup()

    def size(self, normal, long=None):
        """How many of something: fewer with --small, more with --long."""
        if self.options.small:
            return max(normal // 20, 4)
        return long or normal if self.options.long else normal

    def on_end(self, close):
        """Calls an async function at the end, the last one first."""
        self._closing.append(close)

    async def node(self, name, *flags, listen="127.0.0.1:0"):
        """Starts a node; the same name starts the same peer again."""
        node = await nodes.Node.start(
            self.program, self.folder / name, *flags, listen=listen)
        self.on_end(node.stop)
        return node

    async def proxy(self, address, **more):
        host, _, port = address.rpartition(":")
        made = proxy.Proxy(host, int(port), **more)
        await made.open()
        self.on_end(made.cut)
        return made

    def show_logs(self):
        """The ends of what nodes and servers wrote."""
        for log in sorted(self.folder.glob("*/log")):
            lines = log.read_text(errors="replace").splitlines()[-12:]
            print(f"--- {log.parent.name}:", *lines, sep="\n", file=sys.stderr)

    def row(self, what, ours, theirs=None, **more):
        row = Row(what, ours, theirs, **more)
        self.rows.append(row)
        print("  " + " | ".join(cell for cell in row.cells() if cell), flush=True)
        return row

    def absent(self, what, why):
        """A row for what could not be measured, by name."""
        self.rows.append(Row(what, None, note=why))
        print(f"  {what}: not measured: {why}", flush=True)


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def milliseconds(since):
    return (time.perf_counter() - since) * 1_000
