"""One large file between two processes, with one kill of each side.

Takes a minute or more: only run when PEER_LONG is set. PEER_FILE_MIB chooses the size (256).
"""

import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from raw import MODERN, RawClient

SIZE = int(os.environ.get("PEER_FILE_MIB", "256")) << 20
MEMORY_KB = 100_000

pytestmark = pytest.mark.skipif(not os.environ.get("PEER_LONG"), reason="PEER_LONG is not set")


class Running:
    """A node without an agent, which commands reach by its socket file."""

    def __init__(self, node, *options):
        self.node = node
        self.process = node.spawn("--transport", "none", "--max-file", "256", *options)
        self.address = node.logs[-1].wait_for(r"listening on (127\.0\.0\.1:\d+)")[1]
        # A command that only a running node answers ends the wait.
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            listed = node.command("token", "list", "--data-dir", str(node.data), check=False)
            if listed.returncode == 0:
                break

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        (self.node.data / "node.sock").unlink(missing_ok=True)

    def peak_kb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if "VmHWM" in line))


def begin(node, *arguments):
    return subprocess.Popen(
        [node.binary, *arguments, "--data-dir", str(node.data)], env=node.environment,
        cwd=node.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_progress(command, percent):
    for line in command.stderr:
        if f"({percent} %)" in line:
            return
    raise AssertionError(f"ended before {percent} %")


def finish(command):
    out, err = command.communicate(timeout=600)
    assert command.returncode == 0, err
    return out.strip()


def meet(ann, bob):
    """Makes a server and lets the other in, by agents that stop afterwards."""
    host, guest = RawClient(ann.spawn(), MODERN), None
    try:
        host.start()
        address = ann.logs[-1].wait_for(r"listening on (127\.0\.0\.1:\d+)")[1]
        guest = RawClient(bob.spawn("--peer", address), MODERN)
        guest.start()
        server = host.call("create_server", name="harbour")["structuredContent"]["server_id"]
        made = host.call(
            "generate_invite", recipient_peer_id=bob.peer_id, server=server, confirm=True)
        code = made["structuredContent"]["invite_code"]
        assert not guest.call("accept_invite", code=code, confirm=True).get("isError")
    finally:
        for client in (host, guest):
            if client:
                client.close()
    return server


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_large_file_arrives_whole_although_each_side_is_killed_once(make_node):
    ann, bob = make_node("ann"), make_node("bob")
    general = f"{meet(ann, bob)}/general"
    source = ann.home / "large.bin"
    with open(source, "wb") as file:
        for _ in range(SIZE >> 20):
            file.write(os.urandom(1 << 20))
    host = Running(ann)
    guest = Running(bob, "--peer", host.address)
    peaks = {}

    began = time.monotonic()
    upload = begin(ann, "upload", general, str(source))
    wait_for_progress(upload, 40)
    peaks["sender, killed"] = host.peak_kb()
    host.kill()
    host = Running(ann)
    file_id = finish(upload)
    print(f"handed over in {time.monotonic() - began:.1f} s")

    target = bob.home / "got.bin"
    began = time.monotonic()
    while True:
        assert time.monotonic() < began + 60, "the message did not arrive"
        download = begin(bob, "download", file_id, str(target))
        line = download.stderr.readline()
        if "%" in line:
            break
        assert "unknown_file" in line, line  # The message is on its way.
        download.wait()
    wait_for_progress(download, 30)
    peaks["receiver, killed"] = guest.peak_kb()
    guest.kill()
    guest = Running(bob, "--peer", host.address)
    assert finish(download) == str(target)
    print(f"fetched in {time.monotonic() - began:.1f} s")
    peaks["sender"] = host.peak_kb()
    peaks["receiver"] = guest.peak_kb()
    print(json.dumps(peaks))
    assert digest(target) == digest(source)
    assert not [name for name in os.listdir(bob.home) if name.endswith(".part")]
    assert max(peaks.values()) < MEMORY_KB, peaks
