"""A second `run` on one data directory joins the node that is there (MCP 16.3)."""

import contextlib
import json
import signal
import subprocess
import threading

import pytest

from cli import Shell, call, request, running


@pytest.fixture
def lab(make_node):
    return make_node("ann", "--server-name", "Lab")


def attach(lab, *options, environment=None):
    return subprocess.Popen(
        [lab.binary, "run", "--data-dir", str(lab.data), *options],
        env=lab.environment | (environment or {}), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ask(process, line):
    process.stdin.write(line)
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def names(process):
    listed = ask(process, request(1, "tools/list"))
    return {tool["name"] for tool in listed["result"]["tools"]}


def test_s238_each_attached_client_has_its_own_scope_and_answers(lab):
    with running(lab):
        reader, full = attach(lab, "--scope", "read-only"), attach(lab, "--scope", "full")
        assert "send_message" not in names(reader)
        assert {"send_message", "create_server"} <= names(full)
        # The same ids on both: answers go to who asked.
        sent = ask(full, call(7, "send_message", channel="general", body="from full"))
        assert sent["id"] == 7 and not sent["result"].get("isError")
        read = ask(reader, call(7, "read_channel", channel="general"))
        assert "from full" in read["result"]["content"][0]["text"]
        refused = ask(reader, call(8, "send_message", channel="general", body="x"))
        assert "error" in refused
        for process in (reader, full):
            process.stdin.close()
            assert process.wait(10) == 0
            assert process.stdout.read() == ""


def test_channels_that_are_denied_do_not_exist_for_an_attached_client(lab):
    with running(lab):
        client = attach(lab, "--deny", "#general")
        answer = ask(client, call(1, "read_channel", channel="general"))
        assert answer["result"]["structuredContent"]["error"]["code"] == "unknown_channel"
        client.stdin.close()
        assert client.wait(10) == 0


def test_resources_that_are_not_named_do_not_exist_for_an_attached_client(lab):
    scope = ("--scope", "custom", "--tools", "inbox")
    with running(lab):
        some = attach(lab, *scope, "--resources", "peer://inbox")
        none, token = attach(lab, *scope), Shell(lab).out(
            "token", "create", *scope, "--label", "t", "--resources", "peer://inbox").strip()
        held = attach(lab, "--scope", "full", environment={"PEER_AGENT_TOKEN": token})
        for process, uris in ((some, ["peer://inbox"]), (none, []), (held, ["peer://inbox"])):
            listed = ask(process, request(1, "resources/list"))["result"]["resources"]
            assert [one["uri"] for one in listed] == uris
            inbox = ask(process, request(2, "resources/read", {"uri": "peer://inbox"}))
            assert ("result" in inbox) == bool(uris), inbox
            assert "error" in ask(process, request(3, "resources/read", {"uri": "peer://servers"}))
            process.stdin.close()
            assert process.wait(10) == 0


def test_answers_that_are_under_way_are_finished_at_the_end_of_input(lab):
    with running(lab):
        lines = [call(n, "read_channel", channel="general") for n in range(200)]
        done = subprocess.run(
            [lab.binary, "run", "--data-dir", str(lab.data)], env=lab.environment,
            input="".join(lines), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0
        assert sorted(json.loads(line)["id"] for line in done.stdout.splitlines()) == list(
            range(200))


def test_a_large_answer_reaches_a_reader_that_is_slow_to_begin(lab):
    shell = Shell(lab)
    for number in range(4):
        shell("send", "general", f"{number}" * 16_000)
    with running(lab):
        client = attach(lab)
        count = 60
        writer = threading.Thread(target=lambda: [
            client.stdin.write(call(n, "read_channel", channel="general", format="detailed"))
            for n in range(count)] and client.stdin.close())
        writer.start()
        writer.join(5)
        lines = client.stdout.read().splitlines()
        writer.join(10)
        assert len(lines) == count and client.wait(10) == 0


def test_it_ends_with_7_when_the_node_goes_away(lab):
    with running(lab) as process:
        client = attach(lab)
        names(client)
        process.kill()
        process.wait()
        assert client.wait(10) == 7
        assert "nodeGone" in client.stderr.read()


def test_a_signal_ends_it_in_order(lab):
    with running(lab):
        client = attach(lab)
        names(client)
        client.send_signal(signal.SIGTERM)
        assert client.wait(10) == 0


def test_s238_no_attach_and_http_end_with_5_and_name_the_process(lab):
    with running(lab) as process:
        shell = Shell(lab)
        for words in (["run", "--no-attach"], ["run", "--transport", "http", "--bind",
                                                "127.0.0.1:0"]):
            assert str(process.pid) in shell.fails(5, *words)


def test_a_wrong_token_is_refused_and_a_right_one_counts(lab):
    shell = Shell(lab)
    token = shell.out("token", "create", "--scope", "read-only", "--label", "r").strip()
    with running(lab):
        bad = attach(lab, environment={"PEER_AGENT_TOKEN": "pat_" + "0" * 64})
        assert bad.wait(10) == 8
        good = attach(lab, "--scope", "full", environment={"PEER_AGENT_TOKEN": token})
        assert "send_message" not in names(good)
        good.stdin.close()
        assert good.wait(10) == 0


@pytest.mark.parametrize("is_attached", [True, False])
def test_a_token_says_what_standard_input_may_do(lab, tmp_path, is_attached):
    shell = Shell(lab)
    token = shell.out("token", "create", "--scope", "read-only", "--label", "r").strip()
    file = tmp_path / "token"
    file.write_text(token)
    file.chmod(0o600)

    def tools(*flags, environment=None):
        client = attach(lab, "--scope", "full", *flags, environment=environment)
        found = names(client)
        client.stdin.close()
        assert client.wait(10) == 0
        return found

    def refused(code, *flags, environment=None):
        client = attach(lab, *flags, environment=environment)
        assert client.wait(20) == code and client.stdout.read() == ""

    with running(lab) if is_attached else contextlib.nullcontext():
        assert "send_message" in tools()
        for found in (tools("--token-file", str(file)),
                      tools(environment={"PEER_AGENT_TOKEN": token})):
            assert "read_channel" in found and "send_message" not in found
        refused(8, environment={"PEER_AGENT_TOKEN": "pat_" + "0" * 64})
        refused(2, environment={"PEER_AGENT_TOKEN": "garbage"})
        refused(2, "--token-file", str(tmp_path / "none"))
        file.chmod(0o644)
        refused(4, "--token-file", str(file))


def test_a_token_that_is_revoked_ends_standard_input(lab):
    shell = Shell(lab)
    token = shell.out("token", "create", "--scope", "messaging", "--label", "r").strip()
    client = attach(lab, environment={"PEER_AGENT_TOKEN": token})
    assert "send_message" in names(client)
    rows = {row["label"]: row["id"] for row in shell.lines("token", "list", "--json")}
    shell("token", "revoke", rows["r"])
    assert client.wait(10) == 0


def test_two_that_start_at_once_both_work(lab):
    both = [attach(lab, "--listen", "127.0.0.1:0") for _ in range(3)]
    try:
        for process in both:
            assert "send_message" in names(process)
    finally:
        for process in both:
            process.stdin.close()
        for process in both:
            # One is the node; the others end with their input or with the node.
            assert process.wait(15) in (0, 7)


def test_an_attached_client_is_pushed_to_where_it_says_so(lab):
    hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"}}}) + "\n"
    with running(lab):
        for options, wanted in [(["--push", "claude-channel"], True), ([], False)]:
            process = attach(lab, *options)
            capabilities = ask(process, hello)["result"]["capabilities"]
            assert ("claude/channel" in capabilities["experimental"]) == wanted
            process.stdin.close()
            assert process.wait(10) == 0
