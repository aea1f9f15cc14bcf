"""What SIGTERM leaves while calls, a wait and a meeting with a peer are under way."""

import json
import queue
import signal
import threading

import pytest

from cli import Shell
from raw import RawClient
from schema import MODERN, require_schemas

CALLS = 40


def said_before(ann, texts):
    """A client of ann's who posted the texts, and a link into her server."""
    host = RawClient(ann.spawn("--limit", "posting=0"), MODERN)
    host.start()
    link = host.call("create_join_link", max_uses=1, confirm=True)["structuredContent"]["link"]
    for text in texts:
        host.call("send_message", channel="#general", body=text)
    return host, link


def test_s239_sigterm_in_the_middle_of_everything(make_node):
    require_schemas()
    ann, bob = make_node("ann", "--server-name", "harbour"), make_node("bob")
    host, link = said_before(ann, (f"before {number}" for number in range(100)))
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


def left(node):
    """What lies in a data directory after the end: nothing that speaks of a running node."""
    names = {one.name for one in node.data.iterdir()}
    assert not {one for one in names if one.endswith((".sock", ".pid", ".tmp", "-wal", "-shm"))
                and (node.data / one).stat().st_size}, names
    assert not {"node.sock", "address"} & names, names
    return names


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_s239_a_signal_in_the_middle_of_a_sync(make_node, number):
    """The guest fetches history, waits and posts when it is told to end; nothing is lost of it."""
    require_schemas()
    ann, bob = make_node("ann", "--server-name", "harbour"), make_node("bob")
    host, link = said_before(ann, (f"before {place} " + "x" * 2_000 for place in range(300)))
    guest = RawClient(bob.spawn("--limit", "posting=0"), MODERN)
    guest.start()
    mine = guest.call("create_server", name="own")["structuredContent"]["server_id"]
    join = {"name": "accept_invite", "arguments": {"code": link, "confirm": True}}
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    guest.send(guest.request("tools/call", join, id="join"))
    guest.send(guest.request("tools/call", wait, id="wait"))
    for place in range(CALLS):
        body = {"channel": f"{mine}/general", "body": f"during {place}"}
        guest.send(guest.request(
            "tools/call", {"name": "send_message", "arguments": body}, id=place))
    # The sync is under way once the first answer is there.
    guest.receive()
    guest.process.send_signal(number)
    assert guest.process.wait(5) == 0
    answers = {frame["id"]: frame for frame in rest(guest) if "id" in frame}
    left(bob)
    Shell(bob)("doctor")
    kept = {one["text"] for one in Shell(bob).lines(
        "read", f"{mine}/general", "--limit", "100", "--json")}
    for id, frame in answers.items():
        if isinstance(id, int) and not frame.get("result", {"isError": True}).get("isError"):
            assert f"during {id}" in kept, "acknowledged, and not there"
    # It goes on where it stopped.
    again = RawClient(bob.spawn("--peer", host_address(ann)), MODERN)
    again.start()
    joined = again.call("accept_invite", code=link, confirm=True)
    assert not joined.get("isError") or "already" in json.dumps(joined), joined
    assert again.close() == 0
    assert host.close() == 0
    left(ann)
    left(bob)


def host_address(node):
    return node.logs[-1].wait_for(r"listening on (127\.0\.0\.1:\d+)")[1]
