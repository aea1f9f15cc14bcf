"""What SIGTERM leaves while calls, a wait and a meeting with a peer are under way."""

import json
import queue
import signal
import threading

from cli import Shell
from raw import RawClient
from schema import MODERN, require_schemas

CALLS = 40


def test_s239_sigterm_in_the_middle_of_everything(make_node):
    require_schemas()
    ann, bob = make_node("ann", "--server-name", "harbour"), make_node("bob")
    host = RawClient(ann.spawn("--limit", "posting=0"), MODERN)
    host.start()
    link = host.call("create_join_link", max_uses=1, confirm=True)["structuredContent"]["link"]
    for number in range(100):
        host.call("send_message", channel="#general", body=f"before {number}")
    guest = RawClient(bob.spawn(), MODERN)
    guest.start()
    # The guest fetches what was said while the host is told to end.
    join = {"name": "accept_invite", "arguments": {"code": link, "confirm": True}}
    guest.send(guest.request("tools/call", join, id="join"))
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    host.send(host.request("tools/call", wait, id="wait"))
    for number in range(CALLS):
        body = {"channel": "#general", "body": f"during {number}"}
        host.send(host.request(
            "tools/call", {"name": "send_message", "arguments": body}, id=number))
    host.process.send_signal(signal.SIGTERM)
    assert host.process.wait(5) == 0
    answers = {frame["id"]: frame for frame in rest(host) if "id" in frame}
    acknowledged = [
        frame["result"]["structuredContent"]["message_id"]
        for id, frame in answers.items()
        if isinstance(id, int) and not frame.get("result", {"isError": True}).get("isError")]
    assert not (ann.data / "node.sock").exists()
    shown = Shell(ann).lines("read", "general", "--limit", "100", "--json")
    ids = {one["id"] for one in shown}
    assert {one[:16] for one in acknowledged} <= {one[:16] for one in ids}
    Shell(ann)("doctor")
    assert guest.close() == 0


def rest(client):
    """Every frame that was written before the end."""
    frames = []
    while True:
        try:
            line = client._queue.get(timeout=5)
        except queue.Empty:
            raise AssertionError("the output stayed open") from None
        if not isinstance(line, bytes):
            return frames
        frames.append(json.loads(line))


def test_s239_waits_end_with_the_process(make_node):
    node = make_node("ann", "--server-name", "harbour")
    client = RawClient(node.spawn(), MODERN)
    client.start()
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    for number in range(8):
        client.send(client.request("tools/call", wait, id=f"wait {number}"))
    client.nothing_more()
    ended = threading.Event()
    threading.Thread(target=lambda: (client.process.wait(), ended.set()), daemon=True).start()
    client.process.send_signal(signal.SIGTERM)
    assert ended.wait(5) and client.process.returncode == 0
    for frame in rest(client):
        assert frame["id"].startswith("wait ")
