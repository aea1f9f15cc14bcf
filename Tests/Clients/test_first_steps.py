"""What a newcomer gets wrong is answered with what to do next."""

import contextlib
import os
import pty
import subprocess

import pytest

from cli import Shell, running
from http_node import serve  # noqa: F401


def refusal(client, tool, **arguments):
    result = client.call(tool, **arguments)
    assert result["isError"], result
    error = result["structuredContent"]["error"]
    assert result["content"][0]["text"] == error["message"]
    return error["code"], error["message"]


def test_who_is_in_no_server_is_told_how_to_come_into_one(serve):  # noqa: F811
    client = serve("ann").client()
    for channel in ("#general", "general"):
        code, said = refusal(client, "send_message", channel=channel, body="x")
        assert code == "unknown_channel"
        assert "in no server yet" in said and "accept_invite" in said, said
    code, said = refusal(client, "create_channel", name="dock")
    assert code == "unknown_server" and "accept_invite" in said, said
    code, said = refusal(client, "create_channel", name="dock", server="harbour")
    assert code == "unknown_server" and "accept_invite" in said, said


def test_what_is_not_there_is_answered_with_what_is(serve):  # noqa: F811
    served = serve("ann", "--limit", "administrative=0")
    owner = served.client()
    for name in ("harbour", "haven"):
        owner.call("create_server", name=name)
    owner.call("create_channel", name="dock", server="harbour")
    owner.call("create_channel", name="secret", server="harbour")
    owner.call("switch_server", id="harbour")
    code, said = refusal(owner, "read_channel", channel="#Dock")
    assert code == "unknown_channel" and "#dock, #secret" in said, said
    code, said = refusal(owner, "read_channel", channel="haven/#dock")
    assert code == "unknown_channel" and "#general" in said and "#dock" not in said, said
    # Those that a token may not see are not among them.
    token = served.make_token("--scope", "messaging", "--deny", "#secret")["token"]
    code, said = refusal(served.client(token), "read_channel", channel="harbour/#secret")
    assert code == "unknown_channel" and "#dock" in said, said
    assert "#secret" not in said.split("there are", 1)[1], said
    for tool, arguments in (("switch_server", {"id": "harbor"}),
                            ("create_channel", {"name": "x", "server": "harbor"})):
        code, said = refusal(owner, tool, **arguments)
        assert code == "unknown_server" and '"harbour" ' in said and '"haven" ' in said, said
    code, said = refusal(owner, "wait_for_messages", **{"from": ["@ANN"]}, timeout_s=0)
    assert code == "unknown_peer" and "there are: @ann." in said, said
    code, said = refusal(owner, "wait_for_messages", **{"from": ["@nobody"]}, timeout_s=0)
    assert code == "unknown_peer" and "@ann" in said, said
    code, said = refusal(owner, "list_events", types=["MessageRecieved"])
    assert code == "invalid_argument" and "MessageReceived" in said, said
    # However many there are, a refusal stays short.
    for number in range(20):
        owner.call("create_channel", name="n" * 90 + str(number), server="harbour")
    _, said = refusal(owner, "read_channel", channel="harbour/#nowhere")
    assert "more." in said and len(said) < 1_500, said


def test_a_request_without_an_envelope_is_told_what_belongs_in_it(serve):  # noqa: F811
    client = serve("ann").client()
    frame = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    said = client.post(frame, {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"})
    message = said.json["error"]["message"]
    assert '"_meta"' in message, message
    for key in ("protocolVersion", "clientCapabilities"):
        assert f'"io.modelcontextprotocol/{key}"' in message, message
    assert b"/mcp" in client.request("GET", "/").body


@pytest.mark.parametrize("words, wanted", [
    (["run", "--toolsets", "chat"], ["--toolsets", "messaging, reading"]),
    (["run", "--tools", "send_mesage"], ["--tools", "send_message"]),
    (["status", "--server", "x"], ["--server", "--data-dir", "--json"]),
], ids=lambda value: " ".join(value))
def test_a_word_that_is_not_known_is_answered_with_those_that_are(make_node, words, wanted):
    said = Shell(make_node("ann")).fails(2, *words)
    for word in wanted:
        assert word in said, said


def test_a_list_of_nothing_says_what_makes_it_longer(make_node):
    shell = Shell(make_node("ann"))
    done = shell("servers")
    assert done.stdout == "" and "peer-agent join" in done.stderr
    assert shell("servers", "--json").stderr == ""


@pytest.mark.parametrize("words", [
    ["channels"], ["members"], ["send", "general", "x"], ["read", "general"], ["verify"],
    ["export"], ["invite", "--link"], ["chat"],
], ids=lambda words: words[0])
@pytest.mark.parametrize("runs", [False, True], ids=["alone", "running"])
def test_commands_of_who_is_in_no_server_name_the_way_into_one(make_node, words, runs):
    node = make_node("ann")
    with running(node) if runs else contextlib.nullcontext():
        said = Shell(node).fails(2, *words)
    assert "peer-agent join" in said and "(unknownServer)" in said, said


def test_an_address_in_use_names_the_flag_that_chooses_another(serve):  # noqa: F811
    held = serve("ann")
    other = Shell(serve("bob").node)
    said = other.fails(7, "run", "--transport", "http", "--bind", f"127.0.0.1:{held.port}",
                       data=other.node.home / "another")
    assert "address already in use" in said and "--bind" in said, said


def test_who_starts_a_node_at_a_terminal_is_told_who_is_expected_there(make_node):
    node = make_node("ann", "--server-name", "Lab")
    end, terminal = pty.openpty()
    process = subprocess.Popen(
        [node.binary, "run", "--data-dir", str(node.data), "--listen", "none"], stdin=terminal,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=node.environment, text=True)
    os.close(terminal)
    try:
        said = next(line for line in process.stderr if "MCP client" in line)
        assert "peer-agent chat" in said and "--transport http" in said, said
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=20)
        os.close(end)
    assert out == "" and process.returncode == 0
