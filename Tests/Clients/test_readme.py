"""The README, word for word: its commands and its configuration, as a newcomer would use them."""

import json
import re
import socket
import subprocess

from mcp import Client, StdioServerParameters, stdio_client

from harness import ROOT, Log, within
from scenario import Peer, Result

README = (ROOT / "README.md").read_text()


def section(title):
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands(title):
    """The first block of indented lines below a heading."""
    return re.search(r"((?:^    .*\n)+)", section(title), re.M)[1]


def configuration():
    block = re.search(r"```json\n(.*?)```", section("Give your agent a node"), re.S)[1]
    return json.loads(block)["mcpServers"]["peer-agent"]


def peer(peer_id, client):
    async def call(tool, arguments):
        result = await client.call_tool(tool, arguments)
        return Result.read(result.content, result.structured_content, result.is_error)

    return Peer(peer_id, call)


@within(60)
async def test_s320_five_minutes_with_two_nodes(binary, tmp_path):
    script = commands("Five minutes with two nodes").replace(
        "B=.build/release/peer-agent", f"B={binary}")
    shell = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path, text=True, capture_output=True, timeout=30)
    assert shell.returncode == 0, shell.stderr
    ann_id, ben_id = re.findall(r"^[0-9a-f]{64}$", shell.stdout, re.M)
    assert "Harbour" in shell.stdout
    folder = shell.stdout.split()[-1]

    logs = []

    def start(name):
        logs.append(Log())
        told = configuration()
        home = {"PEER_AGENT_HOME": f"{folder}/{name}", "HOME": str(tmp_path)}
        assert told["env"].keys() == {"PEER_AGENT_HOME"}
        parameters = StdioServerParameters(command=str(binary), args=told["args"], env=home)
        return Client(stdio_client(parameters, errlog=logs[-1].writer))

    async with start("ann") as of_ann, start("ben") as of_ben:
        ann, ben = peer(ann_id, of_ann), peer(ben_id, of_ben)
        after = await ben.cursor()
        made = await ann.call("generate_invite", recipient_peer_id=ben.peer_id, confirm=True)
        assert made.data["invite_code"].startswith("pa1_")
        await ben.call("accept_invite", code=made.data["invite_code"], confirm=True)
        await ann.call("send_message", channel="#general", body="welcome")
        await ben.wait_until("welcome", after)
        inbox = await of_ben.read_resource("peer://inbox")
        assert json.loads(inbox.contents[0].text)["unread"] == 1
    for log in logs:
        log.spawned()


def test_s320_the_two_commands_exist():
    named = re.findall(r"^    \./dev (\S+)", section("Two commands"), re.M)
    recipes = re.findall(r"^([a-z-]+)[^:\n]*:(?!=)", (ROOT / "justfile").read_text(), re.M)
    assert named == ["start", "test"] and set(named) <= set(recipes)


def test_s270_plain_curl(binary, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = commands("Without a client").replace(":9100", f":{port}")
    shell = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"B={binary}\n{script}\nkill %1; wait %1"],
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path, text=True, capture_output=True, timeout=60)
    assert shell.returncode == 0, shell.stderr
    answers = [json.loads(line) for line in shell.stdout.splitlines()
               if line.startswith('{"jsonrpc"')]
    assert [answer["id"] for answer in answers] == [1, 2]
    assert len(answers[0]["result"]["tools"]) == 18
    sent = answers[1]["result"]["structuredContent"]
    assert sent["outcome"] == "applied" and len(sent["message_id"]) == 64
