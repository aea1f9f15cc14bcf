"""A file of the largest size that agents may hand over, with a kill of each side in the middle."""

import base64
import hashlib
import os
import re
import signal

from raw import MODERN, RawClient

SIZE = 25 << 20
PART = 256 << 10
# A part that is not here yet is waited for by the node, 20 s at most.
SECONDS = 60


class Agent:
    """An agent on a node that dies and comes back."""

    def __init__(self, node, *options):
        self.node = node
        self.options = options
        self.begin()

    def begin(self):
        self.client = RawClient(self.node.spawn(*self.options), MODERN)
        self.client.start()
        found = self.node.logs[-1].wait_for(r"listening on (127\.0\.0\.1:\d+)")
        self.address = found[1]

    def die_and_return(self):
        self.client.process.send_signal(signal.SIGKILL)
        self.client.process.wait()
        (self.node.data / "node.sock").unlink(missing_ok=True)
        self.begin()

    def ask(self, tool, **arguments):
        frame = self.client.request("tools/call", {"name": tool, "arguments": arguments})
        self.client.send(frame)
        return self.client.answer(frame["id"], SECONDS)["result"]

    def call(self, tool, **arguments):
        answer = self.ask(tool, **arguments)
        assert not answer.get("isError"), answer
        return answer["structuredContent"]

    def refused(self, tool, **arguments):
        answer = self.ask(tool, **arguments)
        assert answer.get("isError"), answer
        return answer["structuredContent"]["error"]


def hand_over(host, data, upload, offset, until, **last):
    """Hands over parts from `offset` on; returns the facts of the final one."""
    while offset < until:
        piece = data[offset:offset + PART]
        more = {"upload_id": upload} if upload else {"filename": "large.bin", "size": SIZE}
        if offset + len(piece) == SIZE:
            more |= last
        facts = host.call(
            "upload_file", offset=offset, data=base64.b64encode(piece).decode(), **more)
        upload, offset = facts["upload_id"], facts["received"]
    return facts


def fetch(guest, file_id, offset, until):
    data = b""
    while offset + len(data) < until:
        answer = guest.ask(
            "download_file", file_id=file_id, offset=offset + len(data), length=PART, raw=True)
        facts = answer["structuredContent"]
        if answer.get("isError"):
            # It looks for somebody who holds it.
            assert facts["error"]["code"] in ("offline", "timeout", "unknown_file"), facts
            continue
        data += base64.b64decode(facts["data"], validate=True)
    return data


def test_s181_a_file_goes_on_after_each_side_was_killed(make_node):
    ann, bob = make_node("ann"), make_node("bob")
    host = Agent(ann)
    guest = Agent(bob, "--peer", host.address)
    server = host.call("create_server", name="harbour")["server_id"]
    made = host.call("generate_invite", recipient_peer_id=bob.peer_id, confirm=True)
    guest.call("accept_invite", code=made["invite_code"], confirm=True)
    general = f"{server}/general"
    data = os.urandom(SIZE)

    over = host.refused(
        "upload_file", filename="large.bin", size=SIZE + 1, offset=0,
        data=base64.b64encode(data[:PART]).decode())
    assert over["code"] == "too_large"
    assert list((ann.data / "blobs").iterdir()) == [], "nothing of it is kept"
    begun = hand_over(host, data, None, 0, 10 << 20)
    host.die_and_return()
    upload = begun["upload_id"]
    behind = host.refused(
        "upload_file", upload_id=upload, offset=SIZE - PART,
        data=base64.b64encode(data[-PART:]).decode())
    assert behind["code"] == "conflict"
    offset = int(re.search(r"go on at (\d+)", behind["message"])[1])
    assert 0 < offset <= begun["received"]
    sent = hand_over(host, data, upload, offset, SIZE, last=True, channel=general)
    kept = [path.stat().st_size for path in (ann.data / "blobs").iterdir()
            if not path.name.startswith("upload-")]
    assert sum(kept) == SIZE + 16 * len(kept), "one copy, sealed"

    first = fetch(guest, sent["file_id"], 0, 10 << 20)
    guest.die_and_return()
    rest = fetch(guest, sent["file_id"], len(first), SIZE)
    assert hashlib.sha256(first + rest).digest() == hashlib.sha256(data).digest()
    there = [path.stat().st_size for path in (bob.data / "blobs").iterdir()]
    assert sum(there) == SIZE + 16 * len(there)
    for agent in (host, guest):
        assert agent.client.close() == 0
