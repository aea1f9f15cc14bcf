#!/usr/bin/env python3
"""Installs the Debian package on a throwaway machine: serve, stop, upgrade, purge.

usage: install.py PACKAGE.deb
"""

import json
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from machine import Impossible, Machine

DATA = "/var/lib/peer-agent"
UNITS = "/usr/lib/systemd/system"
MODERN = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {}}
USER = "peer-agent"
# What the kernel says of a process that the unit keeps small.
CONFINED = {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16, "CapBnd": "0" * 16}


def main():
    package = Path(sys.argv[1]).resolve()
    if len(sys.argv) != 2 or not package.is_file():
        sys.exit(__doc__)
    try:
        machine = Machine(depends(package))
        with machine:
            story = Story(machine, package)
            for step in STEPS:
                begun = time.monotonic()
                note = step(story)
                name = step.__name__.replace("_", " ")
                print(f"{name}: {note} ({time.monotonic() - begun:.1f} s)", flush=True)
    except Impossible as problem:
        sys.exit(f"packaging: nothing was installed: {problem}")
    except AssertionError as problem:
        sys.exit(f"packaging: {problem}")


class Story:
    """What is known from one step to the next."""

    def __init__(self, machine, package):
        self.machine = machine
        self.package = package
        self.peer_id = self.token = None
        self.number = 0

    def give(self, package):
        """Puts a package where the machine sees it."""
        shutil.copy(package, self.machine.root / "srv" / Path(package).name)
        return f"/srv/{Path(package).name}"

    def agent(self, *words, **options):
        return self.machine.out(
            "peer-agent", *words, "--data-dir", DATA, user=USER, **options)

    def state(self):
        return self.machine.show("ActiveState", "SubState", "Result", "MainPID", "NRestarts",
                                 "ExecMainStatus")

    def ready(self):
        """Waits until HTTP says so, and returns the pid."""
        self.machine.wait(
            lambda: (self.machine.request("GET", "/readyz") or [0])[0] == 200, "readiness")
        state = self.state()
        check(state["ActiveState"], "active")
        return int(state["MainPID"])

    def call(self, tool, seconds=60, **arguments):
        self.number += 1
        body = json.dumps({
            "jsonrpc": "2.0", "id": self.number, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments, "_meta": META}})
        answer = self.machine.request("POST", "/mcp", body, {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": MODERN,
            "Mcp-Method": "tools/call", "Mcp-Name": tool}, seconds)
        assert answer, f"no answer to {tool}"
        status, text = answer
        check(status, 200)
        frame = next(line.removeprefix("data: ") for line in reversed(text.splitlines())
                     if line.removeprefix("data: ").startswith("{"))
        return json.loads(frame)["result"]["structuredContent"]

    def said(self):
        page = self.call("read_channel", channel="#general")
        return [one["text"] for one in page["messages"]]


def check(found, wanted):
    assert found == wanted, f"{found!r} where {wanted!r} was expected"


def depends(package):
    """What the package asks for, by name."""
    field = subprocess.run(["dpkg-deb", "--field", package, "Depends"], check=True,
                           capture_output=True, text=True).stdout
    return [one.split()[0] for one in field.split(",")]


def rebuilt(package, version, folder):
    """The same package under another version."""
    tree = Path(folder) / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    lines = [f"Version: {version}" if line.startswith("Version:") else line
             for line in control.read_text().splitlines()]
    control.write_text("\n".join(lines) + "\n")
    made = Path(folder) / f"peer-agent_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, made], check=True,
                   stdout=subprocess.DEVNULL)
    return made


def installed_and_not_started(story):
    machine = story.machine
    machine.run("dpkg", "--install", story.give(story.package))
    status = machine.out("dpkg-query", "--show", "--showformat=${Status} ${Version}", USER)
    assert status.startswith("install ok installed "), status
    entry = machine.out("getent", "passwd", USER).split(":")
    check(entry[5:], [DATA, "/usr/sbin/nologin"])
    assert int(entry[2]) < 1000, "a user of the system"
    said = machine.run("systemd-analyze", "verify", "--man=no", f"{UNITS}/peer-agent.service")
    assert "peer-agent" not in said.stdout + said.stderr, said.stderr
    check(machine.run("systemctl", "is-enabled", USER, check=False).stdout.strip(), "disabled")
    check(story.state()["ActiveState"], "inactive")
    return status.split()[-1]


def set_up_as_the_manual_says(story):
    story.agent("init", "--name", "Build bot", "--server-name", "Lab")
    story.peer_id = story.agent("run", "--print-peer-id")
    check(len(story.peer_id), 64)
    folder = story.machine.root / DATA.lstrip("/")
    check(stat.S_IMODE(folder.stat().st_mode), 0o700)
    for file in folder.iterdir():
        check((file.name, stat.S_IMODE(file.stat().st_mode) & 0o077), (file.name, 0))
    return f"peer {story.peer_id[:16]}…"


def served_by_a_confined_process(story):
    machine = story.machine
    machine.run("systemctl", "enable", "--now", USER)
    pid = story.ready()
    status = dict(
        line.split(":\t", 1) for line in machine.out("cat", f"/proc/{pid}/status").splitlines()
        if ":\t" in line)
    for key, value in CONFINED.items():
        check((key, status[key].strip()), (key, value))
    uid = machine.out("id", "-u", USER)
    check(set(status["Uid"].split()), {uid})
    check(machine.run("systemctl", "is-enabled", USER).stdout.strip(), "enabled")
    story.token = (machine.root / DATA.lstrip("/") / "token").read_text().strip()
    story.call("send_message", channel="#general", body="from the service")
    # Its owner's commands find it by its socket.
    story.agent("send", "#general", "from the terminal")
    check(story.said(), ["from the service", "from the terminal"])
    log = machine.out("journalctl", "--unit", USER, "--no-pager", "--output", "cat")
    assert "serving MCP at http://127.0.0.1:9100/mcp" in log, log
    assert story.token not in log
    told = machine.out("systemd-analyze", "security", USER, "--no-pager").splitlines()[-1]
    return told.removeprefix("→ ").strip()


def settings_from_the_two_files(story):
    machine = story.machine
    settings = machine.root / "etc/default/peer-agent"
    settings.write_text(settings.read_text() + 'PEER_AGENT_LOG_FORMAT=json\n')
    config = machine.root / DATA.lstrip("/") / "config.json"
    config.write_text('{ "log": { "level": "debug" }, "mcp": { "scope": "admin" } }')
    machine.run("systemctl", "restart", USER)
    story.ready()
    names = {one["name"] for one in tools(story)}
    assert "create_role" in names, "config.json was read"
    log = machine.out("journalctl", "--unit", USER, "--no-pager", "--output", "cat")
    assert '"level":"info"' in log, "the environment was read"
    return "both were read"


def tools(story):
    story.number += 1
    body = json.dumps({"jsonrpc": "2.0", "id": story.number, "method": "tools/list",
                       "params": {"_meta": META}})
    status, text = story.machine.request("POST", "/mcp", body, {
        "Authorization": f"Bearer {story.token}", "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": MODERN,
        "Mcp-Method": "tools/list"})
    check(status, 200)
    return json.loads(text)["result"]["tools"]


def stopped_in_order_while_somebody_waits(story):
    answers = []
    waiting = threading.Thread(
        target=lambda: answers.append(story.call("wait_for_messages", timeout_s=50)))
    waiting.start()
    story.machine.wait(lambda: waits(story), "request under way")
    begun = time.monotonic()
    story.machine.run("systemctl", "stop", USER)
    took = time.monotonic() - begun
    waiting.join(20)
    assert answers and "cursor" in answers[0], f"the wait was not answered: {answers}"
    state = story.state()
    check((state["ActiveState"], state["Result"], state["ExecMainStatus"]),
          ("inactive", "success", "0"))
    assert took < 6, f"stopping took {took:.1f} s"
    story.machine.run("systemctl", "start", USER)
    story.ready()
    return f"0, with its answer, after {took:.1f} s"


def waits(story):
    """Whether a request is under way, by the node's own numbers."""
    status, text = story.machine.request("GET", "/metrics", None, {
        "Authorization": f"Bearer {story.token}"})
    check(status, 200)
    return "peer_agent_exchanges 1" in text.splitlines()


def started_again_after_a_kill(story):
    before = story.ready()
    said = story.said()
    story.machine.run("systemctl", "kill", "--signal=KILL", USER)
    story.machine.wait(lambda: int(story.state()["MainPID"]) not in (0, before), "new process")
    assert story.ready() != before
    check(story.said(), said)
    return "the same messages"


def left_alone_when_a_person_must_act(story):
    config = story.machine.root / DATA.lstrip("/") / "config.json"
    good = config.read_text()
    story.machine.run("systemctl", "reset-failed", USER)
    config.write_text('{ "nam": "x" }')
    story.machine.run("systemctl", "restart", USER, check=False)
    story.machine.wait(lambda: story.state()["ActiveState"] == "failed", "failure")
    # Between two attempts it would be activating; and it comes here after many, too.
    state = story.state()
    check((state["ActiveState"], state["NRestarts"]), ("failed", "0"))
    log = story.machine.out("journalctl", "--unit", USER, "--no-pager", "--output", "cat")
    assert "did you mean name?" in log, log
    config.write_text(good)
    story.machine.run("systemctl", "reset-failed", USER)
    story.machine.run("systemctl", "start", USER)
    story.ready()
    return "a wrong configuration is not tried again"


def upgraded_with_everything_kept(story):
    machine, before = story.machine, story.ready()
    said = story.said()
    with tempfile.TemporaryDirectory() as folder:
        newer = story.give(rebuilt(story.package, "99.0", folder))
    machine.run("dpkg", "--install", newer)
    after = story.ready()
    assert after != before, "the new program runs"
    check(story.said(), said)
    check(story.agent("run", "--print-peer-id"), story.peer_id)
    check(machine.run("systemctl", "is-enabled", USER).stdout.strip(), "enabled")
    settings = (machine.root / "etc/default/peer-agent").read_text()
    assert "PEER_AGENT_LOG_FORMAT=json" in settings
    return "running, with its messages, key and settings"


def removed_and_stopped(story):
    machine = story.machine
    machine.run("dpkg", "--remove", USER)
    assert not (machine.root / "usr/bin/peer-agent").exists()
    check(machine.run("systemctl", "is-active", USER, check=False).stdout.strip(), "inactive")
    running = machine.run("sh", "-c", "cat /proc/[0-9]*/comm", check=False).stdout.split()
    assert "systemd" in running and USER not in running, running
    wants = machine.root / "etc/systemd/system/multi-user.target.wants/peer-agent.service"
    assert not wants.is_symlink() and not wants.exists(), "still enabled"
    assert (machine.root / "etc/default/peer-agent").exists()
    assert (machine.root / DATA.lstrip("/") / "node.db").exists()
    return "settings and data stay"


def purged_but_for_the_data(story):
    machine = story.machine
    said = machine.run("dpkg", "--purge", USER)
    assert DATA in said.stdout + said.stderr, "it says where the keys are"
    assert not (machine.root / "etc/default/peer-agent").exists()
    left = machine.run("dpkg-query", "--show", USER, check=False)
    assert left.returncode or "not-installed" in left.stdout, left.stdout
    assert (machine.root / DATA.lstrip("/") / "identity").exists()
    machine.run("dpkg", "--install", f"/srv/{story.package.name}")
    check(story.agent("run", "--print-peer-id"), story.peer_id)
    machine.run("systemctl", "start", USER)
    story.ready()
    assert "from the service" in story.said()
    return "installed again it is the same peer"


STEPS = [
    installed_and_not_started, set_up_as_the_manual_says, served_by_a_confined_process,
    settings_from_the_two_files, stopped_in_order_while_somebody_waits,
    started_again_after_a_kill, left_alone_when_a_person_must_act, upgraded_with_everything_kept,
    removed_and_stopped, purged_but_for_the_data,
]

if __name__ == "__main__":
    main()
