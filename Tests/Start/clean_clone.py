#!/usr/bin/env python3
"""`./dev start` in a clean clone, as a newcomer types it, and once more without network (S-320).

The demo must chat, be killed and catch up; then a client of the official SDK is started with the
configuration that was printed, word for word, and uses the node. Without network means a network
namespace that has loopback alone, and a second start in the same clone: what it needed was there
after the first. Building takes minutes; the interpreter needs the packages of
Tests/Clients/requirements.txt (`./dev test-start` sees to that).
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mcp import Client, StdioServerParameters, stdio_client

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 3_600
# Runs its arguments where no packet leaves the machine, and shows that first.
ALONE = """
set -euo pipefail
ip link set lo up 2>/dev/null || python3 -c '
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    name = struct.pack("16sh", b"lo", 0x1 | 0x40)
    fcntl.ioctl(one, 0x8914, name)'
test "$(tail -n +3 /proc/net/dev | wc -l)" = 1 || { echo "more than loopback is here" >&2; exit 1; }
exec "$@"
"""


class Finding(Exception):
    """Something that the scenario promises and that is not so."""


def alone(*command):
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--net", *user, "bash", "-c", ALONE, "alone", *command]


def start(clone, home, *, has_network):
    """What `./dev start` prints; its own files lie in `home`, where a newcomer has none."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PEER_")}
    environment |= {"HOME": str(home)}
    command = ["./dev", "start"]
    done = subprocess.run(
        command if has_network else alone(*command), cwd=clone, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=SECONDS)
    if done.returncode != 0:
        raise Finding(f"./dev start ended with {done.returncode}:\n{done.stdout[-4_000:]}")
    return done.stdout


def check_story(printed):
    """The demo tells in this order that two meet, chat, that one is killed and catches up."""
    place = 0
    for words in ("invites Bob", "They chat", "killed with SIGKILL", "caught up on", "equal ids"):
        found = re.compile(words, re.I).search(printed, place)
        if not found:
            raise Finding(f"the demo does not tell {words!r} after character {place}:\n{printed}")
        place = found.end()


def configuration(printed):
    for found in re.finditer(r"^\{\n.*?^\}$", printed, re.S | re.M):
        shown = json.loads(found[0])
        if "mcpServers" in shown:
            return shown["mcpServers"]["peer-agent"]
    raise Finding(f"no client configuration was printed:\n{printed[-2_000:]}")


async def talk(told):
    """A client started as the configuration says founds a server, posts and reads it back."""
    parameters = StdioServerParameters(
        command=told["command"], args=told["args"], env=told["env"])
    async with Client(stdio_client(parameters)) as client:
        async def call(tool, **arguments):
            result = await client.call_tool(tool, arguments)
            if result.is_error:
                raise Finding(f"{tool}: {result.content}")
            return result.structured_content

        made = await call("create_server", name="harbour")
        channel = made["server_id"] + "/general"
        await call("send_message", channel=channel, body="hello")
        page = await call("read_channel", channel=channel)
        texts = [message["text"] for message in page["messages"]]
        if texts != ["hello"]:
            raise Finding(f"the client reads {texts}")


def check(clone, folder, name, *, has_network):
    home = folder / name
    home.mkdir()
    printed = start(clone, home, has_network=has_network)
    check_story(printed)
    told = configuration(printed)
    if not told["command"].startswith(str(clone)):
        raise Finding(f"the configuration starts {told['command']}")
    told_home = told["env"]["PEER_AGENT_HOME"]
    if not told_home.startswith(str(home)):
        raise Finding(f"the configuration keeps its data in {told_home}")
    if has_network:
        asyncio.run(asyncio.wait_for(talk(told), 60))
    else:
        subprocess.run(
            alone(sys.executable, __file__, "--talk", json.dumps(told)), check=True, timeout=120)
    print(f"{name}: the demo and a client with its configuration are fine", flush=True)


def main():
    if sys.argv[1:2] == ["--talk"]:
        asyncio.run(asyncio.wait_for(talk(json.loads(sys.argv[2])), 60))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="peer-start-")).resolve()
    clone = folder / "clone"
    try:
        # A clone of what is committed: what is not, a newcomer does not have.
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        check(clone, folder, "with-network", has_network=True)
        check(clone, folder, "without-network", has_network=False)
    except Finding as finding:
        print(f"FINDING: {finding}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
