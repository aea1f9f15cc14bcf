"""Runs commands of the binary on a node's data directory, and nodes that only have a socket."""

import contextlib
import json
import subprocess

from http_node import META

SECONDS = 60


class Shell:
    """The owner of a node at a command line."""

    def __init__(self, node):
        self.node = node

    def __call__(self, *words, code=0, input=None, data=None, environment=None):
        done = subprocess.run(
            [self.node.binary, *words, "--data-dir", str(data or self.node.data)],
            env=self.node.environment | (environment or {}), cwd=self.node.home, text=True,
            input=input or "", capture_output=True, timeout=SECONDS)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done

    def out(self, *words, **options):
        return self(*words, **options).stdout

    def lines(self, *words, **options):
        """The output of a command with --json: one object a line."""
        return [json.loads(line) for line in self.out(*words, **options).splitlines()]

    def fails(self, code, *words, **options):
        """What a refused command says; it prints no result."""
        done = self(*words, code=code, **options)
        assert done.stdout == "", done.stdout
        return done.stderr


@contextlib.contextmanager
def running(node, *options):
    """The node with nothing but its socket file, ended in order."""
    process = node.spawn("--transport", "none", *options)
    node.logs[-1].wait_for("listening on")
    deadline_log = node.logs[-1]
    _until_socket(node, deadline_log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            assert process.wait(10) == 0


def _until_socket(node, log):
    """The socket file is there as soon as a command reaches the node."""
    for _ in range(100):
        shown = subprocess.run(
            [node.binary, "status", "--json", "--data-dir", str(node.data)],
            env=node.environment, capture_output=True, text=True, timeout=SECONDS)
        if shown.returncode == 0 and json.loads(shown.stdout).get("node"):
            return
    raise AssertionError(f"no socket file; it said:\n" + "\n".join(log.lines))


def request(id, method, params=None):
    frame = {
        "jsonrpc": "2.0", "id": id, "method": method, "params": (params or {}) | {"_meta": META},
    }
    return json.dumps(frame) + "\n"


def call(id, tool, **arguments):
    return request(id, "tools/call", {"name": tool, "arguments": arguments})
