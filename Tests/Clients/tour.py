"""What every client of every era can read: all reading tools, all resources, and the end."""

import base64
import json
import os
import sys
from pathlib import Path

from schema import schema_of

URI = "peer://channel/general/messages"
TAP = Path(__file__).with_name("tap.py")


def reads(facts):
    """Each tool that only reads, with arguments that find something."""
    return {
        "wait_for_messages": {"timeout_s": 0}, "inbox": {"include_messages": True},
        "read_channel": {"channel": "#general"}, "read_thread": {"message_id": facts["message"]},
        "get_message": {"message_id": facts["message"]}, "search_messages": {"query": "ahoy"},
        "why": {"subject": facts["message"]}, "list_events": {}, "list_proposals": {},
        "verify_state": {"timeout_s": 1}, "download_file": {"file_id": facts["file"]},
        "connection_info": {}, "audit_log": {},
    }


def addresses(facts):
    """An instance of each template of a resource."""
    return {
        "peer://channel/{name}/messages{?after,before,limit,server}": URI + "?limit=5",
        "peer://channel/{name}/typing{?server}": "peer://channel/general/typing",
        "peer://voice/{channel}/participants{?server}": "peer://voice/deck/participants",
        "peer://channel/{name}/pins{?server}": "peer://channel/general/pins",
        "peer://message/{id}": f"peer://message/{facts['message']}",
        "peer://thread/{id}": f"peer://thread/{facts['message']}",
        "peer://member/{peer_id}{?server}": f"peer://member/{facts['peer']}",
        "peer://events{?after,limit}": "peer://events?limit=5",
        "peer://file/{id}": f"peer://file/{facts['file']}",
    }


# What there is to be read, made by any client that can call a tool.
MADE = [
    ("create_server", {"name": "harbour"}),
    ("send_message", {"channel": "#general", "body": "ahoy"}),
    ("share_file_inline", {
        "channel": "#general", "filename": "plan.txt",
        "data": base64.b64encode(b"the plan").decode()}),
    ("create_voice_channel", {"name": "deck"}),
]


def facts_of(results, peer):
    """`results`: what the calls of `MADE` answered, in old eras only as text."""
    _, sent, file, _ = [json.loads(text.split("\n")[0]) for text in results]
    return {"message": sent["message_id"], "file": file["file_id"], "peer": peer}


class Tapped:
    """A node whose frames are written down on the way to a client that shows none."""

    def __init__(self, node, folder):
        self.file = folder / "frames"
        self.command = sys.executable
        self.environment = node.environment | {"PYTHONPATH": ""}
        self.arguments = [str(TAP), str(self.file), node.binary]

    def check(self, revision):
        """Holds each frame against the official schema; returns how many there were."""
        schema, methods, count = schema_of(revision), {}, 0
        for line in self.file.read_text().splitlines():
            way, frame = line[0], json.loads(line[1:])
            if way == ">":
                if "method" in frame and "id" in frame:
                    methods[json.dumps(frame["id"])] = frame["method"]
                continue
            count += 1
            if "method" not in frame:
                schema.check_frame(frame, methods.pop(json.dumps(frame.get("id")), None))
            else:
                schema.check_frame(frame)
        return count


def tapped(node, folder):
    os.makedirs(folder, exist_ok=True)
    return Tapped(node, Path(folder))
