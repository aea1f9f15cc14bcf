"""The configuration file, check-config, help and names that were mistyped (MCP 16.5)."""

import json

import pytest

from cli import Shell, running
from http_node import HTTPNode

GOOD = """
{ // a build bot
  "name": "Build bot", "identity": "identity",
  "listen": "127.0.0.1:0", "peers": [],
  "mcp": { "transport": ["http"], "bind": "127.0.0.1:0", "scope": "read-only",
           "channels": { "allow": ["#build"], "direct": true }, "consent": "confirm", },
  "auth": { "issuer": null, "jwks_file": null },
  "limits": { "posting": { "per_min": 600, "burst": 20 }, "small-acts": { "per_min": 0 } },
  /* more */ "log": { "level": "warning", "format": "json" },
}
"""


@pytest.fixture
def shell(node):
    return Shell(node)


def write(shell, text):
    (shell.node.data / "config.json").write_text(text)


def effective(shell, *words, **options):
    lines = shell.lines("check-config", "--json", *words, **options)
    return {line["entry"]: (line["value"], line["origin"]) for line in lines}


def test_s321_each_value_has_its_origin(shell):
    assert all(origin == "default" for _, origin in effective(shell).values())
    write(shell, GOOD)
    file = shell.node.data / "config.json"
    found = effective(
        shell, "--log-level", "debug", environment={"PEER_AGENT_SCOPE": "admin"})
    assert found["name"] == ("Build bot", f"{file}:3")
    assert found["mcp.transport"] == ("http", f"{file}:5")
    assert found["mcp.channels.allow"] == ("#build", f"{file}:6")
    assert found["mcp.scope"] == ("admin", "PEER_AGENT_SCOPE")
    assert found["log.level"] == ("debug", "--log-level")
    assert found["limits.posting"][0] == "600/20"
    assert found["network"] == ("main", "default")
    assert str(file) in shell.out("check-config")


# Every entry of the first version that read a file, as it was written then.
OLDER = """
{
  "name": "Old", "identity": "identity", "network": "main", "listen": "127.0.0.1:0",
  "peers": ["127.0.0.1:9"], "relays": [],
  "mcp": {
    "transport": ["http"], "bind": "127.0.0.1:0", "token_file": "token", "allow_remote": false,
    "scope": "custom", "toolsets": [], "tools": ["inbox", "read_channel"],
    "channels": { "allow": ["#build"], "deny": ["#secret"], "direct": true },
    "consent": "confirm", "push": [],
  },
  "http": { "allowed_hosts": [], "allowed_origins": ["http://localhost:3000"] },
  "auth": { "issuer": null, "jwks_file": null },
  "limits": {
    "posting": { "per_min": 60, "burst": 20 }, "small-acts": { "per_min": 120, "burst": 40 },
    "administrative": { "per_min": 20, "burst": 10 }, "requests": { "per_min": 3000 },
  },
  "log": { "level": "info", "format": "text" },
}
"""


def test_s321_an_older_file_still_loads(shell):
    write(shell, OLDER)
    file = shell.node.data / "config.json"
    found = effective(shell)
    wanted = {
        "name": "Old", "network": "main", "peers": "127.0.0.1:9", "mcp.transport": "http",
        "mcp.scope": "custom", "mcp.tools": "inbox,read_channel", "mcp.channels.allow": "#build",
        "mcp.channels.deny": "#secret", "http.allowed_origins": "http://localhost:3000",
        "limits.posting": "60/20", "limits.administrative": "20/10", "log.format": "text",
    }
    for entry, value in wanted.items():
        assert found[entry][0] == value and found[entry][1].startswith(f"{file}:"), entry
    # What came later is as it is without a file.
    assert found["limits.search"] == ("300/10", "default")
    with running(shell.node):
        assert json.loads(shell.out("status", "--json"))["peer_id"] == shell.node.peer_id


def test_a_node_runs_by_its_file(shell):
    write(shell, GOOD)
    node = shell.node
    process = node.spawn()
    ready = json.loads(process.stdout.readline())
    assert ready["ready"]
    process.terminate()
    assert process.wait(10) == 0
    # JSON lines, and nothing below the level.
    for line in node.logs[-1].lines:
        assert json.loads(line)["level"] in ("error", "warning", "info")


@pytest.mark.parametrize("text, words", [
    ('{\n "nam": "x" }', [":2:", "nam", "did you mean name?"]),
    ('{ "mcp": {\n\n "scoop": "full" } }', [":3:", "mcp.scoop", "mcp.scope"]),
    ('{ "mcp": { "scope": "root" } }', [":1:", "mcp.scope", "root", "read-only"]),
    ('{ "mcp": { "consent": 5 } }', ["mcp.consent", "5", "human"]),
    ('{ "listen": "everywhere" }', ["listen", "HOST:PORT"]),
    ('{ "peers": "one" }', ["peers", "list"]),
    ('{ "limits": { "posting": { "per_min": -1 } } }', ["limits.posting", "1000000"]),
    ('{ "limits": { "posting": { "perm": 1 } } }', ["limits.posting", "per_min"]),
    ('{ "limits": { "postings": { "per_min": 1 } } }', ["limits.postings", "limits.posting"]),
    ('{ "mcp": { "token": "pat_x" } }', ["mcp.token", "--token-file"]),
    ('{ "mcp": 5 }', ["mcp", "object"]),
    ('{ "name": "a", "name": "b" }', ["jsonDuplicateKey"]),
    ('{ "name": "a"\n "network": "b" }', [":2:", "jsonSyntax"]),
    ('[]', ["one object"]),
    ('{ "name": "" }', ["name", "1 to 64 bytes"]),
    ('{\n "peers": ["10.0.0.1:1", "x"] }', [":2:", "peers", '"x"', "HOST:PORT"]),
    ('{\n "relays": ["x"] }', [":2:", "relays", '"x"', "HOST:PORT"]),
    ('{ "mcp": {\n "toolsets": ["chat"] } }', [":2:", "mcp.toolsets", "chat"]),
    ('{ "mcp": {\n "tools": ["send_massage"] } }', [":2:", "mcp.tools", "send_message?"]),
    ('{ "mcp": { "channels": { "direct": 1 } } }', ["mcp.channels.direct", "true or false"]),
    ('{ "auth": { "issuer": 5 } }', ["auth.issuer", "null"]),
    ("", ["jsonSyntax"]),
    ("{" + "[" * 5_000, ["json"]),
    ("x" * (1 << 20) + "y", ["1 MiB"]),
])
def test_s321_what_cannot_be_meant_is_named_with_its_place(shell, text, words):
    write(shell, text)
    for command in (["check-config"], ["run"], ["read", "general"]):
        if command[0] == "read" and words[1:2] in (["mcp.toolsets"], ["mcp.tools"]):
            continue  # It serves no tools.
        said = shell.fails(3, *command)
        for word in [str(shell.node.data / "config.json"), *words]:
            assert word in said, said
        assert said.count("\n") == 1 and len(said) < 2_000


def test_bounds_of_the_contract_are_set_by_name(shell):
    usual = effective(shell)
    assert usual["limits.http.body_bytes"] == (str(4 << 20), "default")
    assert usual["limits.wait.max_s.plain"] == ("50", "default")
    write(shell, """{ "limits": { "http.body_bytes": 4096, "wait.max_s": { "plain": 1 },
        "http": { "connections": { "per_address": 3 } } } }""")
    found = effective(shell, "--limit", "tokens.max=9")
    assert found["limits.http.body_bytes"][0] == "4096"
    assert found["limits.wait.max_s.plain"][0] == "1"
    assert found["limits.http.connections.per_address"][0] == "3"
    assert found["limits.http.connections.total"] == ("2048", "default")
    # More than eight times the usual takes a word, and the format's end nothing moves.
    write(shell, '{ "limits": { "json.nodes": 800001 } }')
    said = shell.fails(3, "check-config")
    assert "--i-know" in said and "config.json:1: limits.json.nodes" in said
    assert effective(shell, "--i-know")["limits.json.nodes"][0] == "800001"
    write(shell, '{ "limits": { "message.body": 16385 } }')
    assert "16384" in shell.fails(3, "check-config", "--i-know")
    for value in ['"many"', "0", "1.5", "{}", "null", str(1 << 62)]:
        write(shell, f'{{ "limits": {{ "listen.ring": {value} }} }}')
        assert "limits.listen.ring" in shell.fails(3, "check-config")


def test_bounds_hold_in_the_node_that_is_started_with_them(make_node):
    shell = Shell(make_node("ann", "--server-name", "Lab"))
    limits = {"http.body_bytes": 8_192, "wait.max_s": {"plain": 1}, "message.body": 100}
    write(shell, json.dumps({"limits": limits}))
    server = HTTPNode(shell.node)
    try:
        client = server.client()
        waited = client.call("wait_for_messages", timeout_s=30)
        assert waited["structuredContent"]["timeout_s"] == 1
        shell.out("send", "general", "x" * 100)
        assert "100" in shell.fails(2, "send", "general", "x" * 101)
        assert client.request("POST", body=b"x" * 8_193).status == 413
    finally:
        assert server.stop() == 0


def test_a_named_file_must_be_there_and_is_used(shell, tmp_path):
    assert "no file" in shell.fails(3, "check-config", "--config", str(tmp_path / "none"))
    other = tmp_path / "other.json"
    other.write_text('{ "name": "Other" }')
    assert effective(shell, "--config", str(other))["name"] == ("Other", f"{other}:1")
    other.unlink()
    other.mkdir()
    assert "regular file" in shell.fails(3, "check-config", "--config", str(other))


@pytest.mark.parametrize("variable, value", [
    ("SCOPE", "bogus"), ("TOOLSETS", "bogus"), ("TOOLS", "bogus"), ("PEER", "x"),
    ("LIMIT", "posting=many"), ("TRANSPORT", "pigeon"), ("LOG_LEVEL", "loud"),
])
def test_what_the_environment_says_is_blamed_on_it(shell, variable, value):
    name = "PEER_AGENT_" + variable
    said = shell.fails(3, "check-config", environment={name: value})
    assert name in said and value in said and "--" + variable.lower() not in said, said


def test_flags_that_cannot_be_meant_are_wrong_usage(shell):
    for words, said in [
        (["--peer", "x"], "--peer"), (["--tools", "send_massage"], "send_message?"),
        (["--toolsets", "massaging"], "messaging?"), (["--scope", "bogus"], "--scope"),
    ]:
        assert said in shell.fails(2, "run", *words)
    for words in (["--tools", "bogus"], ["--toolsets", "bogus"]):
        assert "bogus" in shell.fails(2, "token", "create", *words)


def test_tools_come_besides_the_usual_toolsets(shell):
    made = json.loads(shell.out("token", "create", "--json", "--tools", "create_role"))
    assert made["scope"] == "messaging"
    assert made["toolsets"] == ["messaging"] and made["tools"] == ["create_role"]
    custom = json.loads(shell.out(
        "token", "create", "--json", "--scope", "custom", "--tools", "create_role"))
    assert custom["scope"] == "custom" and custom["tools"] == ["create_role"]
    assert "toolsets" not in custom
    listed = {row["id"]: row["scope"] for row in shell.lines("token", "list", "--json")}
    assert listed == {made["id"]: "messaging", custom["id"]: "custom"}


def test_direct_messages_can_be_ruled_out(make_node):
    shell = Shell(make_node("ann", "--server-name", "Lab"))
    write(shell, '{ "mcp": {\n "channels": { "direct": false } } }')
    file = shell.node.data / "config.json"
    assert effective(shell)["mcp.channels.direct"] == ("false", f"{file}:2")
    server = HTTPNode(shell.node)
    try:
        refused = server.client().call("open_direct", peer_ids=["ab" * 32], confirm=True)
        assert refused["structuredContent"]["error"]["code"] == "permission_denied", refused
        free = server.client(server.make_token("--scope", "full")["token"])
        asked = free.call("open_direct", peer_ids=["ab" * 32], confirm=True)
        assert asked["structuredContent"]["error"]["code"] != "permission_denied", asked
    finally:
        assert server.stop() == 0


# Help

COMMANDS = [
    "run", "init", "send", "read", "watch", "chat", "upload", "download", "invite", "join",
    "contact", "servers", "channels", "members", "token", "hook", "audit", "status", "doctor",
    "verify", "export", "backup", "restore", "check-config", "demo",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_s322_help_of_each_command_needs_nothing(node, command, tmp_path):
    home = {"HOME": str(tmp_path / "nobody")}
    shown = node.command("help", command).stdout
    assert shown == node.command(command, "--help").stdout
    assert shown.startswith(f"peer-agent {command}: ")
    assert f"usage: peer-agent {command}" in shown
    assert all(len(line) < 120 for line in shown.splitlines())
    assert not (tmp_path / "nobody").exists() and home


def test_s322_the_whole_help_lists_every_command(node):
    shown = node.command("help").stdout
    listed = [line.split()[0] for line in shown.split("Flags of run")[0].splitlines()
              if line.startswith("  ")]
    assert listed == COMMANDS
    assert shown == node.command("--help").stdout


@pytest.mark.parametrize("typed, meant", [
    ("sned", "send"), ("dotcor", "doctor"), ("check_config", "check-config"),
    ("backups", "backup"), ("wtach", "watch"),
])
def test_a_mistyped_command_is_answered_with_the_nearest(node, typed, meant):
    for words in ([typed], ["help", typed]):
        refused = node.command(*words, check=False)
        assert refused.returncode == 2 and f"did you mean {meant}?" in refused.stderr
