"""Who leaves a download while a part of the file is missing leaves nothing behind."""

import json
import signal

import pytest

from hostile import dial, fact, head, metric, until
from http_node import serve  # noqa: F401
from raw import RawClient
from schema import MODERN, require_schemas
from test_files_resume import Agent, hand_over

SIZE = 25 << 20


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def share(host):
    """A file that is larger than what others fetch by themselves; its id."""
    sent = hand_over(host, b"x" * SIZE, None, 0, SIZE, last=True, channel="#general")
    return sent["file_id"]


def quiet(node):
    said = list(node.logs[-1].lines)
    assert not [line for line in said if "internal error" in line or " error: " in line], said


def test_a_download_that_is_left_ends_quietly(make_node, serve):  # noqa: F811
    """Over HTTP by closing, on the socket by cancelling, and by ending the input."""
    ann = Agent(make_node("ann", "--server-name", "harbour"))
    bob = serve("bob", "--peer", ann.address)
    guest = bob.client()
    link = ann.call("create_join_link", max_uses=1, confirm=True)["link"]
    fact(guest.call("accept_invite", code=link, confirm=True))
    place = fact(guest.call("inbox"))["cursor"]
    file = share(ann)
    fact(guest.call("wait_for_messages", after=place, timeout_s=20))
    # The link stays, and nothing comes over it any more.
    ann.client.process.send_signal(signal.SIGSTOP)
    try:
        offset = SIZE - 1_000
        frame = guest.frame("tools/call", {
            "name": "download_file", "arguments": {"file_id": file, "offset": offset}})
        body = json.dumps(frame).encode()
        for number in range(3):
            with dial(bob.port) as leaving:
                leaving.sendall(head(guest, frame, length=len(body)) + body)
                until(lambda: metric(bob, "peer_agent_exchanges") == 1)
            until(lambda: metric(bob, "peer_agent_exchanges") == 0)

        from test_eras import SocketPipe
        pipe = RawClient(SocketPipe(bob.node.data / "node.sock"), MODERN)
        pipe.start()
        asked = {"name": "download_file", "arguments": {"file_id": file, "offset": offset}}
        pipe.send(pipe.request("tools/call", asked, id="left"))
        pipe.notify("notifications/cancelled", {"requestId": "left"})
        pipe.nothing_more()
        # Every cancelled call leaves its record, and none of them is a bug of ours.
        def records():
            found = guest.result("tools/call", {
                "name": "audit_log", "arguments": {"tool": "download_file"}})
            return found["structuredContent"]["records"]

        until(lambda: len(records()) >= 4)
        left = records()
        assert {one.get("error") for one in left} <= {"cancelled", "offline", "timeout"}, left
        assert len(left) == 4
        quiet(bob.node)
        pipe.close()
    finally:
        ann.client.process.send_signal(signal.SIGCONT)
    part = fact(guest.call("download_file", file_id=file, offset=offset, raw=True))
    assert part["data"] and part["has_more"] is False
    quiet(bob.node)
    assert ann.client.close() == 0
