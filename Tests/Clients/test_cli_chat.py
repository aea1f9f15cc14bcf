"""The chat: on a pseudo terminal, in tmux where there is one, and on plain pipes."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

import pytest

from cli import Shell, running

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
SECONDS = 20


@pytest.fixture
def lab(make_node):
    node = make_node("ann", "--server-name", "Lab")
    Shell(node)("send", "general", "earlier")
    return node


class Terminal:
    """The chat on a pseudo terminal; all that it writes is kept."""

    def __init__(self, node, *words, columns=80, environment=None):
        self.controller, device = pty.openpty()
        fcntl.ioctl(device, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = termios.tcgetattr(device)
        self.process = subprocess.Popen(
            [node.binary, "chat", *words, "--data-dir", str(node.data)],
            env=node.environment | {"TERM": "xterm"} | (environment or {}),
            stdin=device, stdout=device, stderr=subprocess.STDOUT)
        self.device = device
        self.raw = b""

    @property
    def text(self):
        return ESCAPES.sub("", self.raw.decode("utf-8", "replace"))

    def until(self, pattern, seconds=SECONDS):
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.controller], [], [], max(left, 0))
            assert ready, f"no {pattern!r} in:\n{self.text}"
            self.raw += os.read(self.controller, 65_536)

    def type(self, text):
        os.write(self.controller, text.encode() if isinstance(text, str) else text)

    def ends(self, code=0):
        assert self.process.wait(SECONDS) == code
        assert termios.tcgetattr(self.device)[3] == self.before[3], "the terminal is left raw"
        os.close(self.device)
        os.close(self.controller)


def test_a_conversation(lab):
    with running(lab):
        shell, chat = Shell(lab), Terminal(lab)
        chat.until("1 @ann earlier")
        chat.until("ann #general> ")
        chat.type("grüße 🎉\r")
        chat.until(r"2 @ann grüße 🎉")
        shell("send", "general", "from outside")
        chat.until(r"3 @ann from outside")
        chat.type("/reply 3 an answer\r")
        chat.until(r"4 ↩3 @ann an answer")
        chat.type("/react 3 👍\r")
        chat.until("applied")
        chat.type("/who\r")
        chat.until("owner")
        chat.type("/delete 9\r")
        chat.until("no message has that number")
        chat.type("/jion x\r")
        chat.until("did you mean /join")
        chat.type("/quit\r")
        chat.ends()
        shown = shell.lines("read", "general", "--json")
        assert [m["text"] for m in shown] == ["earlier", "grüße 🎉", "from outside", "an answer"]
        assert shown[3]["reply_to"] == shown[2]["id"]


def test_the_line_being_typed_stays_when_messages_arrive(lab):
    with running(lab):
        chat = Terminal(lab)
        chat.until("general> ")
        chat.type("half a sent")
        chat.until("general> half a sent")
        Shell(lab)("send", "general", "interrupts")
        chat.until(r"@ann interrupts[\s\S]*general> half a sent")
        chat.type("ence\r")
        chat.until(r"@ann half a sentence")
        chat.type("\x04")
        chat.ends()


def test_no_escape_of_a_message_reaches_the_terminal(lab):
    hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m\x07\r\x08\u202e end"
    Shell(lab)("send", "general", hostile)
    with running(lab):
        chat = Terminal(lab, environment={"NO_COLOR": "1"})
        chat.until("end")
        chat.until("general> ")
        Shell(lab)("send", "general", hostile + "2")
        chat.until("end2")
        chat.type("/quit\r")
        chat.ends()
        for escape in set(re.findall(rb"\x1b[^a-zA-Z]*[a-zA-Z]", chat.raw)):
            assert re.fullmatch(rb"\x1b\[(\?2004[hl]|K|\d*C)", escape), escape
        assert b"\x07" not in chat.raw and b"\xc2\x9b" not in chat.raw


def test_pasted_lines_are_one_message_and_a_long_line_scrolls(lab):
    with running(lab):
        chat = Terminal(lab, columns=30)
        chat.until("general> ")
        chat.type("\x1b[200~one\ntwo\x1b[201~")
        chat.until("one⏎two")
        chat.type("\r")
        chat.until(r"2 @ann one")
        chat.type("x" * 100)
        chat.until("x{10}")
        chat.type("\x03")
        chat.type("\x03")
        chat.ends()
        assert [m["text"] for m in Shell(lab).lines("read", "general", "--json")] == [
            "earlier", "one\ntwo"]
        for line in chat.text.split("\r"):
            assert len(line.split("\n")[0]) <= 110


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_terminal_back(lab, number):
    with running(lab):
        chat = Terminal(lab)
        chat.until("general> ")
        chat.process.send_signal(number)
        chat.ends()


def test_s328_a_secret_needs_consent(lab):
    with running(lab):
        chat = Terminal(lab)
        chat.until("general> ")
        chat.type("pat_" + "a" * 64 + "\r")
        chat.until("/confirm")
        assert len(Shell(lab).lines("read", "general", "--json")) == 1
        chat.type("/confirm\r")
        chat.until(r"2 @ann pat_a+")
        chat.type("/quit\r")
        chat.ends()


def test_it_ends_with_7_when_the_node_goes_away(lab):
    with running(lab) as process:
        chat = Terminal(lab)
        chat.until("general> ")
        process.kill()
        process.wait()
        chat.ends(7)


def test_without_a_node_it_is_the_node(lab):
    chat = Terminal(lab)
    chat.until("general> ")
    chat.type("alone\r")
    chat.until("2 @ann alone")
    # Others join the chat's node.
    assert Shell(lab).lines("read", "general", "--json")[1]["text"] == "alone"
    chat.type("/quit\r")
    chat.ends()


def test_plain_pipes_work_line_by_line(lab):
    done = Shell(lab)("chat", "general", input="first\n/channels\nlast without end")
    assert "\x1b" not in done.stdout
    assert re.search(r"2 @ann first\n[\s\S]*#general[\s\S]*3 @ann last without end", done.stdout)
    assert "general" not in done.stderr


def test_an_unknown_channel_is_refused_at_once(lab):
    assert "no such channel" in Shell(lab)("chat", "nowhere", code=1).stderr


@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
def test_in_tmux(lab, tmp_path):
    def tmux(*words):
        return subprocess.run(
            ["tmux", "-S", str(tmp_path / "t"), *words], check=True, capture_output=True,
            text=True, env=lab.environment | {"TERM": "screen"}, timeout=SECONDS).stdout

    def until(pattern):
        deadline = time.monotonic() + SECONDS
        while not re.search(pattern, shown := tmux("capture-pane", "-p")):
            assert time.monotonic() < deadline, shown

    with running(lab):
        # The server ends with its last command, and forgets who has said what; `cat` stays.
        tmux("new-session", "-d", "-x", "60", "-y", "12",
             f"{lab.binary} chat --data-dir {lab.data};"
             f" tmux -S {tmp_path}/t wait-for -S done; cat")
        try:
            until("general>")
            tmux("send-keys", "wide 日本 text", "Left", "Left", "X", "Enter")
            until(r"2 @ann wide 日本 teXxt\n")
            tmux("send-keys", "Up", "BSpace", "!", "Enter")
            until(r"3 @ann wide 日本 teXx!\n")
            tmux("send-keys", "/quit", "Enter")
            tmux("wait-for", "done")
        finally:
            subprocess.run(["tmux", "-S", str(tmp_path / "t"), "kill-server"], check=False,
                           capture_output=True)
