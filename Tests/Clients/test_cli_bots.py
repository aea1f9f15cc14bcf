"""The bots of Examples/, in Swift with AgentKit and in Python with nothing."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from cli import Shell, running
from harness import ROOT, Log

SECONDS = 30


def swift_bot(binary):
    path = Path(os.environ.get("PEER_ECHO_BOT") or Path(binary).parent / "EchoBot")
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not there: run ./dev build, or set PEER_ECHO_BOT")
    return [str(path)]


def python_bot(_):
    return [sys.executable, str(ROOT / "Examples/echo_bot.py")]


@pytest.fixture(params=[swift_bot, python_bot])
def bot(request, make_node, binary):
    """A node and a bot at it that has a token of its own."""
    node = make_node("ann", "--server-name", "Lab")
    shell = Shell(node)
    token = shell.out("token", "create", "--label", "echo", "--scope", "messaging").strip()
    with running(node):
        log = Log()
        process = subprocess.Popen(
            request.param(binary) + [str(node.data)], text=True, stdout=subprocess.PIPE,
            stderr=log.writer, env=node.environment | {"PEER_AGENT_TOKEN": token})
        log.spawned()
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        assert ready and process.stdout.readline() == "ready\n", list(log.lines)
        yield shell, process
        process.kill()
        process.wait()
        process.stdout.close()


def answer(shell, asked, after):
    """The next message after the one that asked."""
    watch = subprocess.Popen(
        [shell.node.binary, "watch", "--json", "--messages", "--after", after,
         "--data-dir", str(shell.node.data)],
        env=shell.node.environment, stdout=subprocess.PIPE, bufsize=0)
    try:
        while select.select([watch.stdout], [], [], SECONDS)[0]:
            data = json.loads(watch.stdout.readline())["data"]
            if data.get("reply_to") == asked:
                return data["text"]
        raise AssertionError("no answer came")
    finally:
        watch.kill()
        watch.wait()
        watch.stdout.close()


def test_it_answers_what_is_meant_for_it_and_nothing_else(bot):
    shell, process = bot
    start = shell("read", "general", "--json").stderr.split()[-1]
    shell("send", "general", "not for a bot")
    asked = shell.out("send", "general", "!echo hällo wörld").strip()
    assert answer(shell, asked, start) == "hällo wörld"
    asked = shell.out("send", "general", "!who").strip()
    assert answer(shell, asked, start) == "1 members: ann"
    texts = [m["text"] for m in shell.lines("read", "general", "--json")]
    assert texts == ["not for a bot", "!echo hällo wörld", "hällo wörld", "!who",
                     "1 members: ann"]
    assert process.poll() is None


def test_its_token_can_be_taken_away(bot):
    shell, process = bot
    id = shell.lines("token", "list", "--json")[0]["id"]
    shell("token", "revoke", id)
    assert process.wait(SECONDS) != 0


def test_the_python_example_is_short():
    lines = (ROOT / "Examples/echo_bot.py").read_text().splitlines()
    assert len(lines) <= 130
