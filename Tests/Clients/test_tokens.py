"""S-294 and S-295: the file of a token, what the list of tokens says, and the end of one."""

import json
import queue
import sqlite3
import stat
import threading
import time

import pytest

from cli import Shell
from harness import Node
from hostile import until
from http_node import MODERN, HTTPNode, serve  # noqa: F401
from schema import require_schemas
from shim import shim  # noqa: F401
from test_events import Listening

LEGACY = "2025-11-25"
# Whether a token has ended is looked at every ten seconds.
LOOKED_AT = 10
SLACK = 3


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_s294_the_file_of_a_token_is_private_before_its_first_byte(
        make_node, serve, shim, tmp_path):  # noqa: F811
    """The write of the token is held: its file is there, empty, and only its owner may read it."""
    held, node = tmp_path / "held", make_node("ann")
    held.touch()
    node.more = shim(HELD=held)
    started = []
    thread = threading.Thread(target=lambda: started.append(serve(None, node=node)))
    thread.start()
    new, final = node.data / "token.new", node.data / "token"
    until(new.exists)
    assert (mode(new), new.read_bytes()) == (0o600, b"")
    assert not final.exists(), "a file that has its name holds a whole token"
    held.unlink()
    thread.join(20)
    [served] = started
    assert mode(final) == 0o600 and not new.exists()
    assert final.read_text() == served.token + "\n"


def test_s294_the_list_says_scope_end_and_last_use(serve, make_node):  # noqa: F811
    node = make_node("ann")
    shell = Shell(node)
    made = [json.loads(shell.out("token", "create", "--json", *words)) for words in [
        ("--label", "desk", "--scope", "read-only", "--expires", "30d"),
        ("--label", "bot", "--scope", "admin", "--expires", "never"),
        ("--label", "usual"),
    ]]
    served = serve(None, node=node)
    served.client(made[0]["token"]).call("inbox")
    assert served.stop() == 0
    lines = {line["label"]: line for line in shell.lines("token", "list", "--json")}
    desk, bot, usual = lines["desk"], lines["bot"], lines["usual"]
    assert [(one["id"], one["scope"]) for one in (desk, bot, usual)] == [
        (made[0]["id"], "read-only"), (made[1]["id"], "admin"), (made[2]["id"], "messaging")]

    def days(row):
        ends, begins = (time.mktime(time.strptime(row[key], "%Y-%m-%dT%H:%M:%SZ"))
                        for key in ("expires_at", "created_at"))
        return (ends - begins) / 86_400
    assert (days(desk), days(usual)) == (30, 90) and "expires_at" not in bot
    assert desk["last_used_at"] >= desk["created_at"]
    assert "last_used_at" not in bot and "last_used_at" not in usual
    shown = shell.out("token", "list")
    for line in lines.values():
        [row] = [row for row in shown.splitlines() if line["id"] in row]
        assert line["scope"] in row and line["label"] in row
        assert line.get("expires_at", "no end") in row
    for one in made:
        assert one["token"] not in shown and one["token"] not in json.dumps(lines)


def test_s294_the_list_for_people_says_the_last_use_as_well(serve, make_node):  # noqa: F811
    node = make_node("ann")
    shell = Shell(node)
    made = json.loads(shell.out("token", "create", "--json"))
    served = serve(None, node=node)
    served.client(made["token"]).call("inbox")
    assert served.stop() == 0
    [used] = [line for line in shell.lines("token", "list", "--json")
              if line["id"] == made["id"]]
    assert used["last_used_at"] in shell.out("token", "list")


def background(work):
    told = queue.Queue()
    threading.Thread(target=lambda: told.put(work()), daemon=True).start()
    return told


class Ended:
    """All that a token had open when it ended, and what became of it and of another's wait."""

    def __init__(self, binary, folder):
        self.node = Node(binary, folder, "ann").init("--server-name", "harbour")
        self.made = json.loads(Shell(self.node).out("token", "create", "--json", "--scope", "full"))
        end = time.time() + 2.5
        database = sqlite3.connect(self.node.data / "agent.db")
        database.execute("UPDATE tokens SET expires_ms = ? WHERE id = ?",
                         (int(end * 1_000), self.made["id"]))
        database.commit()
        database.close()
        self.served = HTTPNode(self.node)
        try:
            self.run(self.made["token"], end)
        finally:
            self.code = self.served.stop()
            node = self.served.node
            told = node.command("audit", "--json", "--data-dir", str(node.data)).stdout
            self.told = [json.loads(line) for line in told.splitlines()]
            self.node.stop()

    def run(self, token, end):
        served, wait = self.served, {
            "name": "wait_for_messages", "arguments": {"timeout_s": 50}}
        client, session = served.client(token), served.client(token, LEGACY)
        other, second = served.client(), served.client(
            served.make_token("--scope", "messaging")["token"])
        session.initialize()
        notices = session.listen(seconds=30)
        _, stream = Listening(served.port, token, MODERN).open(types=["MessageReceived"])
        self.frame = client.frame("tools/call", wait)
        waiting = background(lambda: client.post(self.frame, seconds=60).frames()[-1])
        call = session.frame("tools/call", wait)
        calling = background(lambda: session.post(call, seconds=60).frames())
        kept = background(lambda: other.call("wait_for_messages", timeout_s=20))
        assert time.time() < end, "it began too late"
        until(lambda: time.time() > end)
        self.expired = client.post(client.frame("tools/list"))
        self.unknown = served.client("pat_" + "0" * 64).post(client.frame("tools/list"))
        left = end + LOOKED_AT + SLACK - time.time()
        self.waited = waiting.get(timeout=left)
        self.called = calling.get(timeout=left)
        while "result" not in (last := stream.get(timeout=left)):
            pass
        self.listened = last["result"]
        self.noticed = list(notices.frames())
        second.call("send_message", channel="#general", body="heard")
        self.kept = kept.get(timeout=10)["content"][0]["text"]
        self.records = other.call("audit_log", limit=200)["structuredContent"]["records"]


@pytest.fixture(scope="module")
def ended(binary, tmp_path_factory):
    require_schemas()
    made = Ended(binary, tmp_path_factory.mktemp("ended"))
    yield made
    made.node.show()


@pytest.mark.alone
def test_s271_s295_a_token_that_ends_takes_along_what_it_has_open(ended):
    # New requests are refused at once, in as many bytes as for a token that never was.
    error = ended.expired.json["error"]
    assert (ended.expired.status, error["code"], error["data"]["reason"]) == (401, 4001, "expired")
    assert ended.unknown.status == 401 and len(ended.unknown.body) == len(ended.expired.body)
    assert 'error="invalid_token"' in ended.expired.headers["www-authenticate"]
    # What was under way ends: a call, a wait, both kinds of streams.
    assert (ended.waited["error"]["code"], ended.waited["id"]) == (4001, ended.frame["id"])
    assert not [frame for frame in ended.called if "result" in frame], ended.called
    assert ended.listened["resultType"] == "complete"
    assert not [frame for frame in ended.noticed if "result" in frame]
    # Another token goes on waiting, and hears.
    assert "heard" in ended.kept
    # One record for each address and minute, with all reasons.
    refused = [one for one in ended.told if one.get("event") == "access_refused"]
    assert {word for one in refused for word in one["reason"].split()} == {"expired", "invalid"}
    assert sum(one["count"] for one in refused) == 2
    assert not [one for one in ended.records if one.get("method") == "tools/list"]
    assert ended.made["token"] not in json.dumps(ended.records) and ended.code == 0


@pytest.mark.alone
def test_s295_what_ended_with_its_token_is_told_so(ended):
    assert ended.waited["error"]["data"]["reason"] == "expired"
