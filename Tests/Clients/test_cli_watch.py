"""watch: every event, what it leaves out when asked to, and how it ends."""

import json
import signal

import pytest

from cli import Shell, call, running
from test_cli_messages import Watch, lab  # noqa: F401

FIELDS = {"v", "feed", "cursor", "type", "server_id", "at", "data"}


def act(node, tool, **arguments):
    """Calls a tool as an agent that joins the running node."""
    told = Shell(node).out("run", "--scope", "full", input=call(1, tool, **arguments))
    frames = [json.loads(line) for line in told.splitlines()]
    result = next(frame["result"] for frame in frames if frame.get("id") == 1)
    assert not result.get("isError"), result


@pytest.fixture
def acting(lab):  # noqa: F811
    with running(lab):
        yield lab


def end(*watches):
    for watch in watches:
        watch.process.send_signal(signal.SIGTERM)
        assert watch.process.wait(10) == 0


def cursor(shell):
    return shell("read", "general", "--json").stderr.split()[-1]


def test_every_kind_of_event_is_a_line(acting):
    shell = Shell(acting)
    shell("send", "general", "one")
    watch = Watch(acting, "--json", "--after", cursor(shell))
    message = shell.out("send", "general", "two").strip()
    first = json.loads(watch.line())
    assert set(first) == FIELDS and first["v"] == 1 and first["type"] == "MessageReceived"
    assert first["data"]["message_id"] == message and "text" not in first["data"]
    act(acting, "create_channel", name="build")
    seen = []
    while "ChannelCreated" not in seen:
        event = json.loads(watch.line())
        assert event["v"] == 1 and event["at"].endswith("Z")
        seen.append(event["type"])
    again = Watch(acting, "--json", "--after", first["cursor"], "--types", "ChannelCreated")
    assert json.loads(again.line())["data"]["name"] == "build"
    end(watch, again)


def test_only_what_was_asked_for_is_shown(acting):
    shell = Shell(acting)
    act(acting, "create_channel", name="build")
    after = cursor(shell)
    watch = Watch(
        acting, "--json", "--after", after, "--channels", "#build", "--types",
        "MessageReceived,MessageEdited")
    shell("send", "general", "elsewhere")
    wanted = shell.out("send", "build", "here").strip()
    act(acting, "edit_message", message_id=wanted, new_body="changed")
    events = [json.loads(watch.line()) for _ in range(2)]
    assert [e["type"] for e in events] == ["MessageReceived", "MessageEdited"]
    assert {e["data"]["message_id"] for e in events} == {wanted}
    assert events[1]["data"]["new_body"] == "changed"
    end(watch)


def test_lines_for_people(acting):
    shell = Shell(acting)
    watch = Watch(acting, "--after", cursor(shell), "--types", "MessageReceived")
    message = shell.out("send", "general", "\x1b[31mred").strip()
    line = watch.line()
    assert line.startswith("MessageReceived #general ") and "\x1b" not in line
    assert f"message_id={message[:16]}" in line
    end(watch)


def test_a_burst_of_anything_is_one_line(acting):
    shell = Shell(acting)
    act(acting, "create_channel", name="build")
    after = cursor(shell)
    one = shell.out("send", "general", "a").strip()
    act(acting, "react", message_id=one, emoji="👍")
    shell("send", "build", "b")
    watch = Watch(acting, "--json", "--after", after, "--settle", "300")
    event = json.loads(watch.line())
    assert event["type"] == "Settled" and event["data"]["channels"] == {"general": 2, "build": 1}
    rest = Watch(acting, "--json", "--after", event["cursor"])
    later = shell.out("send", "general", "c").strip()
    assert json.loads(rest.line())["data"]["message_id"] == later
    end(watch, rest)


def test_what_is_not_there_is_refused(acting):
    shell = Shell(acting)
    assert "MessageReceived" in shell.fails(2, "watch", "--types", "MesageReceived")
    done = shell("watch", "--channels", "#nowhere", code=1)
    assert "nowhere" in done.stderr or "channel" in done.stderr
    assert "cursor" in shell("watch", "--after", "c1_AAAA", code=1).stderr


def test_the_end_of_the_node_is_told(lab):  # noqa: F811
    with running(lab) as process:
        watch = Watch(lab, "--json", "--after", cursor(Shell(lab)))
        Shell(lab)("send", "general", "last")
        assert json.loads(watch.line())["type"] == "MessageReceived"
        process.terminate()
        assert watch.process.wait(10) == 7
        # A second signal would end it in the middle of its end.
        assert process.wait(10) == 0
