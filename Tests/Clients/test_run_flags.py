"""Flags of run: the token, the key file, what is kept, the current server, reading again."""

import json
import re
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli import Shell
from harness import Node
from http_node import WireClient
from schema import MODERN

TOKEN = "pat_" + "5a" * 32
HTTP = ["--transport", "http", "--bind", "127.0.0.1:0", "--listen", "none", "--no-lan"]
KEPT = {"lock", "node.sock", "token"}


class Run:
    """One process that serves HTTP, with exactly these flags."""

    def __init__(self, node, *options, environment=None, data=None):
        self.node = node
        log = node.new_log()
        self.log = log
        self.process = subprocess.Popen(
            [node.binary, "run", "--data-dir", str(data or node.data), *HTTP, *options],
            env=node.environment | (environment or {}), cwd=node.home, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log.writer)
        log.spawned()
        node.processes.append(self.process)
        line = self.process.stdout.readline()
        assert line, "\n".join(log.lines)
        self.ready = json.loads(line)

    def client(self, token=None):
        if token is None:
            token = Path(self.ready["token_file"]).read_text().strip()
        return WireClient(urlsplit(self.ready["url"]).port, token, MODERN)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(10) == 0, "\n".join(self.log.lines)


@pytest.fixture
def run(binary, tmp_path):
    """Starts processes on directories that need not be set up; all must end in order."""
    started = []

    def start(name, *options, node=None, **keywords):
        started.append(Run(node or Node(binary, tmp_path, name), *options, **keywords))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()


def refused(node, *options, code=2, environment=None):
    done = subprocess.run(
        [node.binary, "run", "--data-dir", str(node.data), *options], cwd=node.home, text=True,
        env=node.environment | (environment or {}), capture_output=True, input="", timeout=60)
    assert done.returncode == code, done
    assert done.stdout == ""
    return done.stderr


def test_a_token_is_taken_as_it_is_given(run):
    one = run("ann", "--token", TOKEN, "--scope", "messaging")
    assert one.ready["token_file"] is None
    assert one.client(TOKEN).result("tools/list")["tools"]
    wrong = one.client("pat_" + "00" * 32)
    assert wrong.post(wrong.frame("tools/list")).status == 401
    assert not (one.node.data / "token").exists()
    one.log.wait_for("warning.*--token-file")
    assert TOKEN not in "\n".join(one.log.lines)
    one.stop()
    # The same from the environment, where others cannot see it.
    again = run("ann", node=one.node, environment={"PEER_AGENT_TOKEN": TOKEN})
    assert again.client(TOKEN).result("tools/list")["tools"]
    assert not any("warning" in line for line in again.log.lines)


def test_a_token_that_is_none_is_refused_without_repeating_it(binary, tmp_path):
    node = Node(binary, tmp_path, "ann")
    said = refused(node, *HTTP, "--token", "pat_secret")
    assert "--token" in said and "pat_secret" not in said
    said = refused(node, *HTTP, environment={"PEER_AGENT_TOKEN": "secret"})
    assert "PEER_AGENT_TOKEN" in said and "secret" not in said
    said = refused(node, *HTTP, "--token", TOKEN, "--token-file", "t")
    assert "exclude each other" in said and TOKEN not in said


def test_a_revoked_token_does_not_work_again_by_being_given(run):
    one = run("ann", "--token", TOKEN)
    shell = Shell(one.node)
    rows = shell.lines("token", "list", "--json")
    shell("token", "revoke", rows[0]["id"])
    one.stop()
    assert "revoked" in refused(one.node, *HTTP, "--token", TOKEN, code=8)


def test_the_key_is_where_it_is_said_to_be(run, tmp_path):
    key = tmp_path / "keys"
    key.mkdir(0o700)
    key /= "ann.key"
    one = run("ann", "--identity", str(key))
    assert key.stat().st_mode & 0o777 == 0o600 and key.stat().st_size == 32
    assert not (one.node.data / "identity").exists()
    peer = one.ready["peer_id"]
    one.stop()
    printed = one.node.command(
        "run", "--print-peer-id", "--identity", str(key), "--data-dir", str(one.node.data))
    assert printed.stdout.strip() == peer
    assert run("ann", "--identity", str(key), node=one.node).ready["peer_id"] == peer


def test_the_configuration_names_a_key_in_the_data_directory(make_node, run):
    node = make_node("ann", "--server-name", "Lab")
    (node.data / "identity").rename(node.data / "other.key")
    (node.data / "config.json").write_text('{"identity": "other.key"}')
    shell = Shell(node)
    status = json.loads(shell.out("status", "--json"))
    assert shell.out("doctor") and status["servers"][0]["name"] == "Lab"
    assert shell.out("send", "general", "hello")
    one = run("ann", node=node)
    assert one.ready["peer_id"] == status["peer_id"]
    assert not (node.data / "identity").exists()


def test_a_key_is_made_where_it_is_wanted(binary, tmp_path):
    node = Node(binary, tmp_path, "ann")
    made = node.command(
        "run", "--generate-identity", "--identity", "k", "--data-dir", str(node.data))
    assert (node.home / "k").stat().st_size == 32
    peer = made.stdout.strip()
    assert re.fullmatch("[0-9a-f]{64}", peer)
    again = node.command(
        "run", "--generate-identity", "--identity", "k", "--data-dir", str(node.data),
        check=False)
    assert again.returncode != 0 and again.stdout == ""


def test_what_passes_leaves_nothing_behind(run):
    one = run("ann", "--ephemeral", "--scope", "full")
    client = one.client()
    client.call("create_server", name="harbour")
    client.call("send_message", channel="#general", body="gone tomorrow")
    shell = Shell(one.node)
    assert shell.lines("read", "general", "--json")[0]["text"] == "gone tomorrow"
    status = json.loads(shell.out("status", "--json"))
    assert status["peer_id"] == one.ready["peer_id"] and status["running"]
    assert {path.name for path in one.node.data.iterdir()} <= KEPT
    one.stop()
    assert {path.name for path in one.node.data.iterdir()} <= KEPT
    again = run("ann", "--ephemeral", node=one.node)
    assert again.ready["peer_id"] != one.ready["peer_id"]
    assert again.client().result("resources/read", {"uri": "peer://servers"})[
        "contents"][0]["text"].count("harbour") == 0


def test_what_passes_touches_nothing_that_is_kept(make_node, run):
    node = make_node("ann", "--server-name", "Lab")
    shell = Shell(node)
    shell("send", "general", "kept")
    before = {p.name: p.read_bytes() for p in node.data.iterdir() if p.name == "node.db"}
    one = run("ann", "--ephemeral", node=node)
    assert one.ready["peer_id"] != node.peer_id
    one.stop()
    assert {p.name: p.read_bytes() for p in node.data.iterdir() if p.name == "node.db"} == before
    assert shell.lines("read", "general", "--json")[0]["text"] == "kept"


def test_an_old_key_without_memory_is_the_same_peer(run, tmp_path):
    """What it signed elsewhere is not here, so it may found servers, which nothing can fork."""
    key = str(tmp_path / "k")
    one = run("ann", "--ephemeral", "--identity", key, "--scope", "full")
    one.client().call("create_server", name="harbour")
    one.stop()
    again = run("ann", "--ephemeral", "--identity", key, "--scope", "full", node=one.node)
    assert again.ready["peer_id"] == one.ready["peer_id"]
    client = again.client()
    assert json.loads(client.result("resources/read", {"uri": "peer://servers"})[
        "contents"][0]["text"])["servers"] == []
    assert "isError" not in client.call("create_server", name="harbour")


def test_what_excludes_each_other_is_refused(binary, tmp_path):
    node = Node(binary, tmp_path, "ann")
    assert "exclude" in refused(node, "--persist", "--ephemeral")
    assert "--server" in refused(node, "--server", "Lab")
    assert "--identity needs" in refused(node, "--identity")


def test_who_has_chosen_no_server_gets_the_one_that_was_named(make_node, run):
    node = make_node("ann", "--server-name", "Lab")
    one = run("ann", "--scope", "full", node=node)
    lab = json.loads(one.client().result("resources/read", {"uri": "peer://servers"})[
        "contents"][0]["text"])["servers"][0]["id"]
    one.client().call("create_server", name="harbour")

    def current(run):
        made = Shell(node).lines("token", "create", "--json", "--scope", "messaging")[0]
        read = run.client(made["token"]).result("resources/read", {"uri": "peer://servers"})
        rows = json.loads(read["contents"][0]["text"])["servers"]
        return next((row["name"] for row in rows if row.get("current")), None)

    one.stop()
    named = run("ann", "--server", lab[:16], node=node)
    assert current(named) == "Lab"
    named.stop()
    unknown = run("ann", "--server", "0" * 16, node=node)
    said = unknown.node.logs[-1].wait_for("no server of this node is").string
    assert '"Lab"' in said and lab[:16] in said, said
    unknown.stop()
    last = run("ann", "--scope", "full", node=node)
    client = last.client()
    for name, id in (("Lab", lab), ("harbour", None)):
        rows = json.loads(client.result("resources/read", {"uri": "peer://servers"})[
            "contents"][0]["text"])["servers"]
        id = id or next(row["id"] for row in rows if row["name"] == name)
        client.call("switch_server", id=id)
        assert current(last) == name
    last.stop()
    assert current(run("ann", node=node)) == "harbour"


def test_a_hang_up_during_the_start_is_obeyed_after_it(make_node):
    # Watched only once all was served, the signal ended a node that had just said it is ready.
    node = make_node("ann", "--server-name", "Lab")
    process = node.spawn()
    log = node.logs[-1]
    log.wait_for(r"peer [0-9a-f]{64}, data in")
    process.send_signal(signal.SIGHUP)
    log.wait_for("was read again")
    assert process.poll() is None


def test_a_hang_up_reads_the_configuration_again(make_node, run):
    node = make_node("ann", "--server-name", "Lab")
    config = node.data / "config.json"
    config.write_text('{"mcp": {"scope": "read-only"}}')
    one = run("ann", node=node)

    def names():
        return {tool["name"] for tool in one.client().result("tools/list")["tools"]}

    def again(text, answer):
        config.write_text(text)
        seen = len([line for line in one.log.lines if answer in line])
        one.process.send_signal(signal.SIGHUP)
        while len([line for line in one.log.lines if answer in line]) == seen:
            one.log.wait_for(answer)
            assert one.process.poll() is None

    assert "send_message" not in names()
    again('{"mcp": {"scope": "messaging"}}', "was read again")
    assert "send_message" in names()
    again('{"mcp": {"scope": 5}}', "stays as it was")
    assert "send_message" in names()
    again('{"mcp": {"scope": "messaging"}, "limits": {"posting": {"per_min": 1, "burst": 1}}}',
          "was read again")
    client = one.client()
    results = [
        client.call("send_message", channel="#general", body=f"{n}") for n in range(3)]
    codes = [r["structuredContent"].get("error", {}).get("code") for r in results]
    assert codes == [None, "rate_limited", "rate_limited"]
    assert one.process.poll() is None
