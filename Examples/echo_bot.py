#!/usr/bin/env python3
"""A bot in Python without any library: answers `!echo …` and `!who`.

It speaks with the node that runs on a data directory over its socket file, one JSON object a line:

    PEER_AGENT_TOKEN=$(peer-agent token create --label echo) ./echo_bot.py [DATA_DIRECTORY]
"""

import json
import os
import socket
import sys
from pathlib import Path

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


class ToolError(Exception):
    """What a tool refused: `code` is a word to act on, the text says what to do."""

    def __init__(self, error):
        super().__init__(error.get("message", "refused"))
        self.code = error.get("code")


class Node:
    """A seat at a running node."""

    def __init__(self, folder, token=None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(Path(folder) / "node.sock"))
        self.lines = self.socket.makefile("rb")
        self.last = 0
        hello = {"peer_agent_hello": 1, "scope": "messaging", "label": "echo bot"}
        self.write(hello | ({"token": token} if token else {}))
        greeting = self.read_line()
        if not greeting.get("ok"):
            raise SystemExit(f"the node refused: {greeting.get('error')}")

    def write(self, frame):
        self.socket.sendall(json.dumps(frame).encode() + b"\n")

    def read_line(self):
        line = self.lines.readline()
        if not line:
            raise SystemExit("the node has stopped")
        return json.loads(line)

    def ask(self, method, **params):
        self.last += 1
        self.write({
            "jsonrpc": "2.0", "id": self.last, "method": method, "params": params | {"_meta": META},
        })
        while True:
            frame = self.read_line()
            if frame.get("id") == self.last:
                if "error" in frame:
                    raise ToolError(frame["error"])
                return frame["result"]

    def call(self, tool, **arguments):
        result = self.ask("tools/call", name=tool, arguments=arguments)
        content = result.get("structuredContent") or {}
        if result.get("isError"):
            raise ToolError(content.get("error", {}))
        return content

    def members(self):
        result = self.ask("resources/read", uri="peer://server/members")
        return json.loads(result["contents"][0]["text"])["members"]

    def messages(self):
        """Messages of others, for ever; none is missed between two waits."""
        cursor = self.call("inbox", include_messages=False)["cursor"]
        while True:
            news = self.call("wait_for_messages", after=cursor, timeout_s=50, format="detailed")
            cursor = news["cursor"]
            yield from news.get("messages", [])


def answer(node, message):
    """What to say to a message; None for what is not meant for this bot."""
    word, _, rest = message["text"].partition(" ")
    if message.get("agent"):
        return None
    if word == "!echo":
        return rest or "Echo what?"
    if word == "!who":
        names = [member["display_name"] for member in node.members()]
        return f"{len(names)} members: {', '.join(names)}"
    return None


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.environ.get(
        "PEER_AGENT_HOME", Path.home() / ".peer-agent")
    node = Node(folder, os.environ.get("PEER_AGENT_TOKEN"))
    print("ready", flush=True)
    for message in node.messages():
        if text := answer(node, message):
            try:
                # The same name for the same answer: after a crash it is not posted twice.
                node.call(
                    "send_reply", channel=message["channel_id"], parent_id=message["id"],
                    body=text, client_msg_id="re-" + message["id"][:32])
            except ToolError as refusal:
                print(refusal.code, refusal, file=sys.stderr)


if __name__ == "__main__":
    main()
