"""send, read, watch and the lists, with a node that runs and without one."""

import json
import re
import signal
import subprocess

import pytest

from cli import Shell, running

ID = r"[0-9a-f]{64}"


@pytest.fixture
def lab(make_node):
    return make_node("ann", "--server-name", "Lab")


@pytest.fixture(params=["alone", "running"])
def shell(request, lab):
    if request.param == "alone":
        yield Shell(lab)
    else:
        with running(lab):
            yield Shell(lab)


def test_send_prints_the_id_and_read_shows_the_text(shell):
    first = shell.out("send", "#general", "hello").strip()
    assert re.fullmatch(ID, first)
    second = shell.out("send", "general", input="two\nlines\n").strip()
    answer = shell.lines("send", "general", "yes", "--reply-to", second, "--json")[0]
    assert answer["outcome"] in ("applied", "queued")
    shown = shell.lines("read", "#general", "--json")
    assert [m["text"] for m in shown] == ["hello", "two\nlines", "yes"]
    assert [m["id"] for m in shown] == [first, second, answer["message_id"]]
    assert shown[2]["reply_to"] == second
    text = shell.out("read", "#general", "--limit", "2")
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d @ann \[[0-9a-f]{16}\] two\n    lines\n", text)
    assert shell.lines("read", "general", "--after", second, "--json")[0]["text"] == "yes"
    assert [m["text"] for m in shell.lines("read", "general", "--before", second, "--json")] == [
        "hello"]


def test_read_pages_through_more_than_one_answer(shell):
    for number in range(5):
        shell("send", "general", str(number), "--client-msg-id", f"m{number}")
    assert len(shell.lines("read", "general", "--json", "--limit", "3")) == 3
    assert [m["text"] for m in shell.lines("read", "general", "--json")] == list("01234")


def test_the_same_client_message_id_is_sent_once(shell):
    once = shell.out("send", "general", "once", "--client-msg-id", "x")
    assert shell.out("send", "general", "once", "--client-msg-id", "x") == once
    assert len(shell.lines("read", "general", "--json")) == 1


def test_lists(shell, lab):
    assert shell.lines("servers", "--json")[0]["name"] == "Lab"
    channel = shell.lines("channels", "--json")[0]
    assert channel["name"] == "general"
    member = shell.lines("members", "--json")[0]
    assert member["peer_id"] == lab.peer_id
    assert lab.peer_id in shell.out("members")
    server = shell.lines("servers", "--json")[0]["id"]
    for one in (server, server[:16].upper(), "Lab"):
        assert shell.lines("channels", "--server", one, "--json") == [channel]


@pytest.mark.parametrize("words", [
    ["channels"], ["members"], ["invite", "--link"], ["verify"], ["export"],
    ["export", "--format", "events"]], ids=" ".join)
def test_a_server_that_is_not_there_is_told_with_those_there_are(shell, words):
    server = shell.lines("servers", "--json")[0]["id"]
    for unknown in ("Lob", "0" * 16, "0" * 64):
        said = shell.fails(2, *words, "--server", unknown)
        assert f'--server is "{unknown}"' in said and "(unknownServer)" in said, said
        assert server[:16] in said, said
    assert "Lab" in shell.fails(2, *words, "--server", "Lob")


def test_a_server_where_there_is_none_yet_says_how_to_come_into_one(make_node):
    bare = Shell(make_node("bob"))
    for words in (["channels"], ["export", "--format", "events"]):
        said = bare.fails(2, *words, "--server", "Lab")
        assert "peer-agent join" in said and "(unknownServer)" in said, said


def test_refusals_have_their_exit_codes(shell):
    assert "channel" in shell.fails(1, "send", "nowhere", "x")
    secret = "pat_" + "a" * 64
    refused = shell.fails(8, "send", "general", secret)
    assert "--confirm" in refused and secret not in refused
    shell("send", "general", secret, "--confirm")
    assert "empty" in shell.fails(2, "send", "general")
    assert "needs a channel" in shell.fails(2, "send")
    assert "one of" in shell.fails(2, "read", "general", "--after", "a", "--before", "b")
    assert "--limit" in shell.fails(2, "read", "general", "--limit", "0")


def test_nobody_to_reach_is_a_timeout_and_the_message_is_kept(lab):
    shell = Shell(lab)
    done = shell("send", "general", "kept", "--wait-for-peer", "0", code=9)
    assert re.fullmatch(ID, done.stdout.strip()) and "kept" in done.stderr
    assert shell.lines("read", "general", "--json")[0]["text"] == "kept"


def test_a_command_without_a_node_says_how_to_make_one(make_node, tmp_path):
    shell = Shell(make_node("ann"))
    nowhere = tmp_path / "nowhere"
    for words in (["send", "general", "x"], ["read", "general"], ["servers"], ["watch"],
                  ["chat"], ["backup", "b"], ["export", "--format", "events"]):
        assert "peer-agent init" in shell.fails(4, *words, data=nowhere)
    assert not nowhere.exists()


class Watch:
    def __init__(self, node, *options):
        self.process = subprocess.Popen(
            [node.binary, "watch", "--data-dir", str(node.data), *options],
            env=node.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def line(self):
        return self.process.stdout.readline().rstrip("\n")


def test_s306_watch_tells_each_message_with_its_cursor(lab):
    shell = Shell(lab)
    shell("send", "general", "before")
    start = shell("read", "general", "--json").stderr.split()[-1]
    with running(lab):
        watch = Watch(lab, "--json", "--messages", "--after", start)
        first = shell.out("send", "general", "one").strip()
        shell("send", "general", "two \x1b[31m")
        events = [json.loads(watch.line()) for _ in range(2)]
        assert [e["data"]["message_id"] for e in events][0] == first
        assert [e["type"] for e in events] == ["MessageReceived"] * 2
        assert events[0]["feed"] + 1 == events[1]["feed"]
        again = Watch(lab, "--after", events[0]["cursor"], "--messages")
        assert "\x1b" not in again.line()
        for one in (watch, again):
            one.process.send_signal(signal.SIGTERM)
            assert one.process.wait(10) == 0


def test_s306_watch_ends_when_nobody_reads(lab):
    with running(lab):
        watch = Watch(lab, "--json")
        watch.process.stdout.close()
        assert watch.process.wait(10) == 0


def test_s306_watch_settles_bursts(lab):
    shell = Shell(lab)
    with running(lab):
        start = shell("read", "general", "--json").stderr.split()[-1]
        for text in ("a", "b", "c"):
            shell("send", "general", text)
        watch = Watch(lab, "--json", "--after", start, "--settle", "50")
        event = json.loads(watch.line())
        assert event["type"] == "Settled"
        assert event["data"]["channels"] == {"general": 3}
        watch.process.send_signal(signal.SIGINT)
        assert watch.process.wait(10) == 0
