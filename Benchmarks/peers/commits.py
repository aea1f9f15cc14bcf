"""git as a log that is fetched: as many commits as we have messages, over its own protocol."""

import asyncio
import socket
import subprocess
import time

from nodes import TEXT
from table import Kind

KIND = Kind("no (hash chain)", "synced", "no")


def make(folder, count):
    """A repository with so many commits, each with one of our texts as its message."""
    repository = folder / "log.git"
    subprocess.run(["git", "init", "--quiet", "--bare", repository], check=True)
    lines = []
    for number in range(count):
        text = TEXT.format(number)
        lines.append(f"commit refs/heads/main\ncommitter ann <ann@localhost> {number + 1} +0000\n"
                     f"data {len(text)}\n{text}\n")
    subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], check=True,
                   input="".join(lines).encode())
    return repository


async def serve(bench, folder):
    """Serves the repositories of a folder on a free port; returns the address."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)

    async def accept():
        while True:
            end, _ = await asyncio.get_running_loop().sock_accept(listening)
            end.setblocking(True)
            # The daemon takes over the connection itself, as it does under inetd.
            with end:
                subprocess.Popen(
                    ["git", "daemon", "--inetd", "--export-all", f"--base-path={folder}"],
                    stdin=end, stdout=end, stderr=subprocess.DEVNULL)

    accepting = asyncio.create_task(accept())

    async def close():
        accepting.cancel()
        await asyncio.gather(accepting, return_exceptions=True)
        listening.close()

    bench.on_end(close)
    return "127.0.0.1:%d" % listening.getsockname()[1]


async def fetch(folder, address, into="copy.git"):
    """Seconds that fetching everything that is missing takes."""
    copy = folder / into
    if not copy.exists():
        subprocess.run(["git", "init", "--quiet", "--bare", copy], check=True)
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        "git", "-C", copy, "fetch", "--quiet", f"git://{address}/log.git", "main:main",
        stderr=subprocess.PIPE)
    _, told = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"git fetch: {told.decode().strip()}")
    return time.perf_counter() - start
