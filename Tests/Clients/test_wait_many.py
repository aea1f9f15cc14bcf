"""Waits that are opened and dropped leave nothing behind."""

import json

import pytest

from raw import RawClient
from schema import MODERN, require_schemas
from test_http_many import resident

WAITS, SETTLED = 10_000, 2_000
GROWTH_MAX = 8 << 20


def catch_up(client):
    """Asks the store something, which is answered after what was asked of it before.

    On a busy machine more than sixteen waits may still be ending; others are refused then.
    """
    ask = client.request("tools/call", {"name": "inbox", "arguments": {}})
    client.send(ask)
    while (frame := client.receive())["id"] != ask["id"]:
        assert "retry_after_ms" in json.dumps(frame), frame


@pytest.mark.parametrize("revision", [MODERN, "2025-11-25"])
def test_s305_ten_thousand_dropped_waits_leave_memory_where_it_was(make_node, revision):
    require_schemas()
    node = make_node("ann", "--server-name", "harbour")
    client = RawClient(node.spawn("--limit", "requests=0"), revision)
    client.start()
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    for number in range(WAITS):
        client.send(client.request("tools/call", wait, id=f"wait {number}"))
        client.notify("notifications/cancelled", {"requestId": f"wait {number}"})
        if number % 6 == 0:
            catch_up(client)
        if number == SETTLED:
            before = resident(client.process)
    catch_up(client)
    grown = resident(client.process) - before
    print(f"{grown >> 10} KiB more after {WAITS - SETTLED} waits")
    assert grown < GROWTH_MAX
    assert client.close() == 0


def test_s305_who_cancels_has_no_more_done_at_once_than_who_waits(make_node):
    """Thousands in one write: beyond the bound they are refused, whoever cancelled them."""
    require_schemas()
    node = make_node("ann", "--server-name", "harbour")
    client = RawClient(node.spawn("--limit", "requests=0"), MODERN)
    client.start()
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    frames = []
    for number in range(WAITS):
        frames.append(client.request("tools/call", wait, id=f"wait {number}"))
        frames.append({"jsonrpc": "2.0", "method": "notifications/cancelled",
                       "params": {"requestId": f"wait {number}"}})
    before = resident(client.process)
    client.write("".join(json.dumps(frame) + "\n" for frame in frames).encode())
    ask = client.request("server/discover", id="last")
    client.send(ask)
    while (frame := client.receive())["id"] != "last":
        assert frame["error"]["data"]["retry_after_ms"], frame
    grown = resident(client.process) - before
    print(f"{grown >> 10} KiB more after {WAITS} waits in one write")
    assert grown < 4 * GROWTH_MAX
    assert client.close() == 0
