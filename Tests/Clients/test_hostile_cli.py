"""HOSTILE, section 3: what the command line is given and run under (H-125 to H-128, S-327)."""

import json
import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from cli import Shell, running
from harness import Node
from raw import RawClient
from schema import MODERN, require_schemas
from shim import shim  # noqa: F401

SECONDS = 30
MEMORY = 80 << 20


def run(node, *words, environment=None, bare=False, **options):
    """One command with streams and limits of its own."""
    own = {"PATH": os.environ["PATH"]} if bare else dict(node.environment)
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        [node.binary, *words], env=own | (environment or {}), cwd=node.home,
        timeout=SECONDS, **({"capture_output": True} | options))


def at(node):
    return ["--data-dir", str(node.data)]


@pytest.fixture
def harbour(make_node):
    return make_node("ann", "--server-name", "harbour")


# H-125

LONG = "x" * 100_000


@pytest.mark.parametrize(("words", "named"), [
    (["run", "--frob"], '"--frob"'),
    (["run", "--na\nme", "x"], '"--na'),
    (["run", "--name"], "--name"),
    (["run", "--name", "a", "--name", "b"], "--name"),
    (["run", "--name=a", "--name", "b"], "--name"),
    (["status", "--json", "--json"], "--json"),
    (["run", "--plain=x"], "--plain"),
    (["run", "--json=x"], "--json"),
    (["token", "create", "--scope", "full", "--scope", "admin"], "--scope"),
    (["token", "create", "--scope", "root"], "--scope"),
    (["send", "general"], "the message"),
    (["send"], "a channel"),
    (["read", "general", "more"], '"more"'),
    (["read", "general", "--limit", "1e3"], "--limit"),
    (["read", "general", "--limit", "-1"], "--limit"),
    (["read", "general", "--limit", "99999999999999999999"], "--limit"),
    (["read", "general", "--limit", "1\n"], "--limit"),
    (["fr\nob"], "fr"),
    ([LONG], "xxx"),
    (["run", "--" + LONG], "--xxx"),
    (["run", "--name", LONG], "--name"),
    (["run", "--scope", LONG], "--scope"),
    (["run", "--listen", LONG, LONG], "xxx"),
    (["run", "--transport", "carrier\x1bpigeon"], "--transport"),
    (["run", "--limit", "posting"], "--limit"),
    (["run", "--limit", "postings=1"], "--limit"),
    (["run", "--", "x"], "x"),
    (["-x"], "-x"),
    (["run", ""], '""'),
    ([""], '""'),
])
def test_h125_wrong_usage_names_the_argument(node, words, named):
    before = sorted(node.data.iterdir())
    refused = run(node, *words, *at(node))
    said = refused.stderr.decode()
    assert refused.returncode == 2, (refused.returncode, said[:500])
    assert named in said and refused.stdout == b"", said[:500]
    # One line that a terminal may show, however long and odd the word was.
    assert said.count("\n") == 1 and len(said) < 1_000, said[:500]
    assert all(char.isprintable() or char == "\n" for char in said)
    assert sorted(node.data.iterdir()) == before


def test_h125_bytes_that_are_no_text_and_more_than_fits(node):
    refused = run(node, b"run", b"--na\xff\xfeme")
    assert refused.returncode == 2 and len(refused.stderr) < 1_000
    # What the system refuses never becomes a process: a NUL, a word of 200 KB.
    with pytest.raises(ValueError):
        run(node, "run", "--name", "a\0b")
    with pytest.raises(OSError):
        run(node, "run", "--name", "x" * 200_000)
    many = run(node, "run", *["--peer=127.0.0.1:1"] * 20_000, "--frob")
    assert many.returncode == 2 and b"--frob" in many.stderr
    # The same through the environment, which has the same bounds.
    for value in ["x" * 100_000, "a\nb", "\x1b[2J"]:
        refused = run(node, "run", *at(node), environment={"PEER_AGENT_SCOPE": value})
        assert refused.returncode in (2, 3) and len(refused.stderr) < 1_000, refused
        assert b"scope" in refused.stderr.lower() and b"\x1b" not in refused.stderr


# H-126 and S-327

COMMANDS = [["status"], ["status", "--json"], ["read", "general"], ["members"], ["channels"],
            ["token", "list"], ["doctor"], ["check-config"], ["help"], ["--version"]]


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2), (0,), (1, 2)])
def test_h126_s327_closed_streams_are_no_death(harbour, closed):
    def close():
        for descriptor in closed:
            os.close(descriptor)

    before = sorted(one.name for one in harbour.data.iterdir())
    for words in [*COMMANDS, ["send", "general", "hello"], ["read", "nowhere"]]:
        own = [] if words[0] in ("help", "--version") else at(harbour)
        done = run(harbour, *words, *own, preexec_fn=close)
        assert done.returncode >= 0, (words, done.returncode)
        assert done.returncode in (0, 1, 2, 7, 8), (words, done)
    # Nothing that was meant for a stream went into a file that took its place.
    names = {one.name for one in harbour.data.iterdir()} - set(before)
    assert names <= {"agent.db", "node.db", "node.db-wal", "node.db-shm", "agent.db-wal",
                     "agent.db-shm", "lock", "local-keys"}, names
    assert run(harbour, "doctor", *at(harbour)).returncode == 0


def test_h126_s327_a_full_or_gone_output_is_an_error_and_no_death(harbour):
    run(harbour, "send", "general", "something to read", *at(harbour))
    for words in COMMANDS:
        own = [] if words[0] in ("help", "--version") else at(harbour)
        with open("/dev/full", "wb") as full:
            done = run(harbour, *words, *own, stdout=full, stderr=subprocess.PIPE,
                       capture_output=False)
        empty = words == ["token", "list"]
        assert empty or (done.returncode == 1 and b"output" in done.stderr), (words, done)
        reader, writer = os.pipe()
        os.close(reader)
        done = run(harbour, *words, *own, stdout=writer, stderr=subprocess.PIPE,
                   capture_output=False)
        os.close(writer)
        assert done.returncode in (0, 1), (words, done)


def test_h126_s327_an_agent_with_a_closed_output_is_no_death(harbour):
    process = subprocess.Popen(
        [harbour.binary, *harbour.run_arguments()], env=harbour.environment, cwd=harbour.home,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=lambda: os.close(1))
    _, said = process.communicate(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n', timeout=SECONDS)
    assert process.returncode in (0, 1), said


LOCALES = [
    {"LANG": "C", "LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "de_DE.ISO-8859-1"},
    {"LC_ALL": "no_SUCH.locale"}, {"LC_ALL": "ja_JP.SJIS", "LANG": "x" * 10_000},
]


@pytest.mark.parametrize("locale", LOCALES)
def test_h126_s327_locales_change_no_byte(harbour, locale):
    text = "ça va ? 🦊 ключ"
    sent = run(harbour, "send", "general", text, *at(harbour), environment=locale)
    assert sent.returncode == 0, sent
    shown = run(harbour, "read", "general", *at(harbour), environment=locale)
    assert shown.returncode == 0 and text.encode() in shown.stdout
    told = run(harbour, "read", "general", "--json", *at(harbour), environment=locale)
    lines = [json.loads(line) for line in told.stdout.decode("utf-8").splitlines()]
    assert lines[-1]["text"] == text
    refused = run(harbour, "read", "нет", *at(harbour), environment=locale)
    assert refused.returncode > 0
    refused.stderr.decode("utf-8")
    latin = run(harbour, b"send", b"general", b"caf\xe9", *at(harbour), environment=locale)
    assert latin.returncode in (0, 2), latin
    process = harbour.spawn()
    client = RawClient(process, MODERN)
    client.start()
    client.call("send_message", channel="#general", body=text)
    assert client.close() == 0


def test_h126_s327_no_home_directory(harbour, tmp_path):
    missing = {"HOME": str(tmp_path / "nobody"), "NO_COLOR": "1"}
    # Named outright, nothing of a home is needed.
    for environment in [{}, {"HOME": ""}, missing]:
        for words in COMMANDS[:-2]:
            done = run(harbour, *words, *at(harbour), environment=environment, bare=True)
            assert done.returncode == 0, (words, done)
    # Without it a command that reads says what to do, and makes nothing anywhere.
    for environment in [missing, {"HOME": "relative"}]:
        for words in [["status"], ["read", "general"], ["token", "list"]]:
            done = run(harbour, *words, environment=environment, bare=True)
            said = done.stderr.decode()
            assert done.returncode in (2, 3, 4), (words, environment, done)
            assert "--data-dir" in said or "peer-agent init" in said, said
    assert not (tmp_path / "nobody").exists()
    assert not (harbour.home / "relative").exists() and not (harbour.home / ".peer-agent").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody whom nobody knows")
def test_h126_s327_a_user_whom_the_system_does_not_know(node, tmp_path):
    """No HOME and no entry in the user database: there is no place to guess."""
    folder = tmp_path / "bin"
    folder.mkdir()
    binary = shutil.copy(node.binary, folder / "peer-agent")
    for above in [folder, *folder.parents]:
        # Others may pass, as they may in any place where programs are.
        if above != Path("/tmp") and Path("/tmp") in above.parents:
            above.chmod(0o755)

    def become():
        os.setgroups([])
        os.setgid(54_321)
        os.setuid(54_321)

    for words in [["run"], ["init"], ["status"], ["read", "general"]]:
        done = subprocess.run(
            [binary, *words], env={"PATH": os.environ["PATH"]}, cwd="/", preexec_fn=become,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
        assert done.returncode in (2, 3), (words, done)
        assert b"--data-dir" in done.stderr, done


@pytest.mark.parametrize("most", [3, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32])
def test_h126_few_descriptors_are_an_error_and_no_death(harbour, most):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    for words in [["status"], ["read", "general"], ["doctor"], ["send", "general", "x"]]:
        done = run(harbour, *words, *at(harbour), preexec_fn=limit)
        assert done.returncode >= 0, (words, done)
        # Below what the loader needs no program of this kind starts at all.
        assert done.returncode in (0, 1, 3, 4, 5, 6, 7, 127), (words, done)
        assert done.returncode == 0 or done.stderr, (words, done)
    process = subprocess.Popen(
        [harbour.binary, *harbour.run_arguments()], env=harbour.environment, cwd=harbour.home,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode >= 0, said
    assert process.returncode == 0 or said
    # Whatever it was, the directory is as it was.
    assert run(harbour, "doctor", *at(harbour)).returncode == 0


@pytest.mark.parametrize("clock", [-1, 0, -2_208_988_800, -10**11, 2**31, 2**33, 253_402_300_800])
def test_h126_s327_clocks_that_are_far_off(harbour, shim, clock):  # noqa: F811
    environment = shim(CLOCK=clock)
    for words in [["status"], ["send", "general", "hello"], ["read", "general"], ["doctor"],
                  ["token", "create", "--scope", "full"], ["token", "list"]]:
        done = run(harbour, *words, *at(harbour), environment=environment)
        assert done.returncode >= 0, (words, done)
        assert done.returncode == 0 or done.stderr, (words, done)
    process = subprocess.Popen(
        [harbour.binary, *harbour.run_arguments()], env=harbour.environment | environment,
        cwd=harbour.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    client = RawClient(process, MODERN)
    client.start()
    sent = client.call("send_message", channel="#general", body="at this time")
    assert sent["structuredContent"].get("outcome") == "applied" or sent["isError"]
    page = client.call("read_channel", channel="#general")["structuredContent"]
    assert page["messages"][-1]["text"] in ("hello", "at this time")
    assert client.close() == 0
    # Back in time, everything is readable and can go on.
    assert run(harbour, "send", "general", "now again", *at(harbour)).returncode == 0
    assert b"now again" in run(harbour, "read", "general", *at(harbour)).stdout


def test_s327_without_ipv6(harbour, shim):  # noqa: F811
    environment = shim(NO_IPV6=1)
    for listen in ["[::]:0", "[::1]:0"]:
        refused = run(harbour, "run", "--listen", listen, "--transport", "none", *at(harbour),
                      environment=environment)
        assert refused.returncode == 7 and listen.split("]")[0] in refused.stderr.decode()
        assert refused.stderr.count(b"\n") <= 3
    for bind in ["[::1]:0"]:
        refused = run(harbour, "run", "--listen", "127.0.0.1:0", "--transport", "http",
                      "--bind", bind, *at(harbour), environment=environment)
        assert refused.returncode == 7 and b"::1" in refused.stderr
    process = subprocess.Popen(
        [harbour.binary, *harbour.run_arguments()], env=harbour.environment | environment,
        cwd=harbour.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    client = RawClient(process, MODERN)
    client.start()
    assert client.call("inbox")["structuredContent"]["unread"] == 0
    assert client.close() == 0


def test_s327_an_address_in_use_is_named(harbour, make_node):
    with running(harbour):
        address = harbour.logs[-1].wait_for(r"listening on (127\.0\.0\.1:\d+)")[1]
        other = make_node("bob")
        for words in [["--listen", address, "--transport", "none"],
                      ["--listen", "127.0.0.1:0", "--transport", "http", "--bind", address]]:
            refused = run(other, "run", *words, *at(other))
            said = refused.stderr.decode()
            assert refused.returncode == 7 and address in said and "in use" in said, said
            assert not (other.data / "node.sock").exists()
        again = run(harbour, "run", "--transport", "none", "--listen", "127.0.0.1:0", *at(harbour))
        assert again.returncode == 5 and b"in use" in again.stderr


# H-127

def interrupted(node, environment, *words):
    process = subprocess.Popen(
        [node.binary, *words], env=node.environment | environment, cwd=node.home,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        # Its input stays open: nothing but the signal ends it.
        return process.wait(5), process.stderr.read().decode()
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    finally:
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


@pytest.mark.parametrize("signals", [1, 2])
def test_h127_an_interrupt_at_any_write_of_the_first_start(
        binary, tmp_path, shim, signals):  # noqa: F811
    """The first start makes every table by its migrations; each write of them is interrupted."""
    ends = set()
    for place in range(1, 36):
        node = Node(binary, tmp_path, f"n{place}")
        code, said = interrupted(
            node, shim(SIGNAL_AT=place, SIGNALS=signals), *node.run_arguments())
        assert code == 0 or (signals == 2 and code == 130), (place, code, said)
        ends.add(code)
        # Nothing is half done: it starts, speaks, and is well.
        client = RawClient(node.spawn(), MODERN)
        client.start()
        client.call("create_server", name="harbour")
        assert client.close() == 0
        assert run(node, "doctor", *at(node)).returncode == 0
        node.stop()
    assert 130 in ends or signals == 1


def test_h127_an_interrupt_while_a_command_writes(harbour, shim):  # noqa: F811
    require_schemas()
    sent = 0
    for place in range(1, 100, 6):
        code, _ = interrupted(
            harbour, shim(SIGNAL_AT=place), "send", "general", f"number {place}", *at(harbour))
        # A command ends like any other program, or had nothing left to interrupt.
        assert code in (0, 130, -signal.SIGINT), (place, code)
        shown = Shell(harbour).lines("read", "general", "--json")
        there = f"number {place}" in [one["text"] for one in shown]
        assert there or code != 0, "it said that it had sent it"
        sent += there
        assert run(harbour, "doctor", *at(harbour)).returncode == 0
    assert sent > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_h127_an_interrupt_at_the_prompt(harbour, number):
    """`chat` is where the program asks people for words."""
    with running(harbour):
        chat = subprocess.Popen(
            [harbour.binary, "chat", "general", "--plain", *at(harbour)],
            env=harbour.environment, cwd=harbour.home, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        chat.stdin.write(b"hello from the prompt\n")
        chat.stdin.flush()
        seen = b""
        while b"hello from the prompt" not in seen:
            part = chat.stdout.readline()
            assert part, chat.stderr.read()
            seen += part
        chat.stdin.write(b"half a li")
        chat.stdin.flush()
        chat.send_signal(number)
        assert chat.wait(5) in (0, 130)
        for stream in (chat.stdin, chat.stdout, chat.stderr):
            stream.close()
        texts = [one["text"] for one in Shell(harbour).lines("read", "general", "--json")]
        assert texts == ["hello from the prompt"], "half a line was sent"


# H-128

@pytest.mark.parametrize(("text", "words"), [
    ('{\n "name": "a",\n "name": "b" }', [":3:", "name", "twice"]),
    ('{\n "mcp": {\n  "scope": "full",\n  "scope": "admin" } }', [":4:", "mcp.scope", "twice"]),
    ('{\n "nam": "x" }', [":2:", "nam", "name"]),
    ('{\n\n "mcp": { "scope": "root" } }', [":3:", "mcp.scope", "read-only", "messaging"]),
    ('{ "mcp": { "scope": 5 } }', [":1:", "mcp.scope", "read-only"]),
    ('{ "limits": { "posting": "fast" } }', [":1:", "limits.posting", "per_min"]),
    ('{ "name": ["x"] }', [":1:", "name"]),
    ('{ "name": "' + "x" * 100_000 + '" }', [":1:", "name", "64"]),
])
def test_h128_file_line_entry_and_accepted_values(node, text, words):
    file = node.data / "config.json"
    file.write_text(text)
    for command in (["check-config"], ["run", "--transport", "none"]):
        said = Shell(node).fails(3, *command)
        for word in [str(file), *words]:
            assert word in said, said
        assert said.count("\n") == 1 and len(said) < 2_000


def test_h128_a_hundred_megabytes_are_not_read(node):
    file = node.data / "config.json"
    with open(file, "wb") as made:
        made.write(b'{ "name": "')
        made.truncate(100 << 20)
    process = subprocess.Popen(
        [node.binary, "check-config", *at(node)], env=node.environment, cwd=node.home,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 3 and str(file) in said and "1 MiB" in said
    # Its peak would hold that of the process it was forked from; pages it touched are its own.
    touched = usage.ru_minflt * resource.getpagesize()
    assert touched < MEMORY, f"{touched} bytes were touched"
    process.stdout.close()
    process.stderr.close()
