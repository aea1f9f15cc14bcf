"""A large file from one node to another, beside scp: both end as a file at the other side."""

import asyncio
import os
import shutil
import socket
import statistics
import time

from brokers import Broker
from nodes import mesh
from table import Kind

MEBIBYTES, ROUNDS = 256, 3
RATIO = 0.5
# What an OpenSSH without a configuration chooses; links of ours use the same two ciphers.
CIPHERS = ["chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com"]


async def measure(bench):
    size = bench.size(MEBIBYTES)
    source = write(bench.folder / "source", size)
    ours = statistics.median(await rates_of_ours(bench, source, size))
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not sshd:
        return bench.absent(f"a file of {size} MiB beside scp", "there is no sshd")
    server = Server(bench, sshd)
    await server.open()
    nothing = write(bench.folder / "nothing", 0)
    for number, cipher in enumerate(CIPHERS):
        setting_up = min([await server.copy(nothing, cipher) for _ in range(ROUNDS)])
        times = []
        for _ in range(ROUNDS):
            warm(bench, size)
            times.append(await server.copy(source, cipher))
        theirs = size / (statistics.median(times) - setting_up)
        bench.row(
            f"a file of {size} MiB, fetched and checked by a command", ours, theirs,
            unit="MiB/s", other=f"scp, {cipher.partition('@')[0]}, without setting up",
            kind=Kind("no", "no", "on the link"), bar=None if number else RATIO,
            is_more_better=True,
            note="ours: kept encrypted by the node, then handed to `download`, which writes it")


def write(path, mebibytes, block=os.urandom):
    with open(path, "wb") as file:
        for _ in range(mebibytes):
            file.write(block(1 << 20))
    return path


def warm(bench, size):
    """Has memory ready for what is written twice: what a virtual machine gets from its host at the
    first touch costs ten times the copy."""
    write(bench.folder / "warm", 3 * size, bytes).unlink()


async def rates_of_ours(bench, source, size):
    """MiB/s of `download`, each time of a file that only the other node has."""
    ann, bob = await mesh(bench, 2, "--max-file", str(MEBIBYTES))
    rates = []
    for number in range(ROUNDS):
        file_id = await command(ann, "upload", "#general", str(source))
        await bob.await_count(3 + number)
        target = bench.folder / f"got{number}"
        warm(bench, size)
        start = time.perf_counter()
        await command(bob, "download", file_id, str(target))
        rates.append(size / (time.perf_counter() - start))
        if target.stat().st_size != source.stat().st_size:
            raise ValueError("the file is not whole")
        target.unlink()
    return rates


async def command(node, *words):
    """What a command says that asks this node by its socket file."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PEER_AGENT_")}
    process = await asyncio.create_subprocess_exec(
        node.program, *words, "--data-dir", str(node.folder / "data"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=kept | {"HOME": str(node.folder)})
    said, problem = await process.communicate()
    if process.returncode:
        raise ValueError(f"{words[0]}: {problem.decode()}")
    return said.decode().strip()


class Server(Broker):
    """An sshd on loopback with keys of its own, that ends with the part."""

    def __init__(self, bench, program):
        super().__init__(bench, None)
        self.program = program

    async def open(self):
        for name in ("host", "user"):
            await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name)
        self.port = free_port()
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        settings = {
            "ListenAddress": f"127.0.0.1:{self.port}", "HostKey": self.folder / "host",
            "AuthorizedKeysFile": self.folder / "user.pub", "PidFile": "none",
            "StrictModes": "no", "UsePAM": "no", "Subsystem": "sftp internal-sftp",
            "PermitRootLogin": "prohibit-password"}
        path = self.folder / "settings"
        path.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        await self.start(self.program, "-D", "-e", "-f", path)
        await self._answers()

    async def _answers(self):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                return writer.close()

    async def copy(self, source, cipher):
        """Seconds of one scp into a new file, whole."""
        (self.folder / "copy").unlink(missing_ok=True)
        start = time.perf_counter()
        await run(
            "scp", "-q", "-P", str(self.port), "-i", self.folder / "user", "-c", cipher, "-F",
            "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
            "LogLevel=ERROR", source, f"127.0.0.1:{self.folder / 'copy'}")
        return time.perf_counter() - start


async def run(*words):
    process = await asyncio.create_subprocess_exec(*map(str, words))
    if await process.wait():
        raise ValueError(f"{words[0]} ended with {process.returncode}")


def free_port():
    """A port that was free a moment ago: sshd does not say which one it got."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
