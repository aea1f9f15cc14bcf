"""S-304: what a cursor is worth at another node, after a backup, beyond what is kept; and what
becomes readable late."""

import json
import sqlite3

import pytest

from cli import Shell
from hostile import until
from http_node import serve  # noqa: F401
from schema import MODERN, require_schemas
from test_events import METHOD, Listening, listen
from test_events_each import OPEN, Cast, fact, has


@pytest.fixture
def cast(serve):  # noqa: F811
    require_schemas()
    return Cast(serve)


def code(client, tool, **arguments):
    return client.call(tool, **arguments)["structuredContent"].get("error", {}).get("code")


def expect_foreign(served, cursor, channel):
    """Every way to use a cursor refuses this one, and the way on works."""
    client = served.client()
    for tool, arguments in [
        ("list_events", {"after": cursor}), ("wait_for_messages", {"after": cursor}),
        ("read_channel", {"channel": channel, "after": cursor}), ("inbox", {"cursor": cursor}),
        ("read_channel", {"channel": channel, "before": cursor}),
    ]:
        assert code(client, tool, **arguments) == "bad_cursor", (tool, arguments)
    refused = client.ask("resources/read", {"uri": f"peer://events?after={cursor}"})
    assert refused["error"]["code"] == -32602
    listening = Listening(served.port, served.token, MODERN)
    frame = listening.frame("subscriptions/listen", {
        "notifications": {"peerEvents": {"after": cursor}}})
    assert listening.post(frame).frames()[-1]["error"]["code"] == -32602
    fresh = fact(client, "inbox")["cursor"]
    assert fact(client, "list_events", after=fresh)["events"] == []


def test_s304_a_cursor_of_another_node_is_refused_everywhere(cast):
    """The other holds the same server and the same messages; its feed is its own."""
    message = fact(cast.ann, "send_message", channel=cast.general, body="hello")["message_id"]
    until(lambda: has(cast.bob, message))
    theirs = fact(cast.bob, "inbox")["cursor"]
    assert code(cast.bob, "list_events", after=theirs) is None
    expect_foreign(cast.nodes["ann"], theirs, cast.general)


def test_s304_a_cursor_from_after_the_backup_is_refused_by_what_was_restored(
        serve, tmp_path):  # noqa: F811
    """Its numbers are given again to other events, which it would leave out."""
    served = serve("ann", *OPEN)
    client, shell = served.client(), Shell(served.node)
    server = fact(client, "create_server", name="harbour")["server_id"]
    shell("backup", str(tmp_path / "b.backup"))
    for number in range(3):
        fact(client, "send_message", channel="#general", body=f"{number}")
    cursor = fact(client, "inbox")["cursor"]
    assert served.stop() == 0
    shell("restore", str(tmp_path / "b.backup"), "--force")
    expect_foreign(serve(None, *OPEN, node=served.node), cursor, f"{server}/general")


def test_s304_what_is_kept_no_longer_is_a_gap_that_says_where_to_go_on(serve):  # noqa: F811
    """The first half of the feed is removed, as by its age; positions stay as they were."""
    require_schemas()
    served = serve("ann", *OPEN)
    client = served.client()
    fact(client, "create_server", name="harbour")
    start = fact(client, "list_events")["cursor"]
    for number in range(8):
        fact(client, "send_message", channel="#general", body=f"{number}")
    every = fact(client, "list_events", after=start)
    assert "gap" not in every and "oldest_cursor" not in every and len(every["events"]) == 8
    assert served.stop() == 0
    kept = every["events"][4:]
    database = sqlite3.connect(served.node.data / "node.db")
    database.execute("DELETE FROM feed WHERE position < ?", (kept[0]["feed"],))
    database.commit()
    database.close()
    client = serve(None, *OPEN, node=served.node).client()
    page = fact(client, "list_events", after=start)
    assert page["gap"] is True and page["events"] == kept
    assert page["cursor"] == every["cursor"]
    on = fact(client, "list_events", after=page["oldest_cursor"])
    assert "gap" not in on and on["events"] == kept
    # Right before the first that is kept nothing is missing.
    edge = fact(client, "list_events", after=every["events"][3]["cursor"])
    assert "gap" not in edge and edge["events"] == kept
    assert "gap" not in fact(client, "list_events")
    read = client.result("resources/read", {"uri": f"peer://events?after={start}"})
    shown = json.loads(read["contents"][0]["text"])
    assert shown["gap"] is True and shown["events"] == kept


def expect_sealed(ann, dan, channel, message):
    """S-117: author and time of a message are shown wherever it stands, and nothing else of it."""
    client = dan.client()
    [written, *_] = fact(ann, "read_channel", channel=channel)["messages"]
    until(lambda: code(client, "get_message", message_id=message) is None)
    page = client.call("read_channel", channel=channel)
    [shown, _] = page["structuredContent"]["messages"]
    assert shown == written | {"text": "", "trust": "new", "unreadable": "no_key"}
    line = page["content"][0]["text"].splitlines()[3]
    assert line.endswith(f"@ann? [m:{message[:16]}] [no key for this message]")
    whole = client.call("get_message", message_id=message)
    [one] = whole["structuredContent"]["messages"]
    assert (one["id"], one["text"], one["unreadable"]) == (message, "", "no_key")
    assert "[no key for this message]" in whole["content"][0]["text"]
    read = client.result("resources/read", {"uri": f"peer://message/{message}"})
    entry = json.loads(read["contents"][0]["text"])
    assert (entry["body"], entry["unreadable"]) == ("", "no_key")
    assert fact(client, "read_thread", message_id=message)["root"]["unreadable"] == "no_key"
    assert [fact(client, "search_messages", query=word)["total"]
            for word in ("before", "after")] == [0, 1]
    assert [one["unread"] for one in fact(client, "inbox")["channels"]
            if one["channel_id"] == channel[:16]] == [1]
    shell = Shell(dan.node)
    assert "@ann" in (row := shell.out("read", channel).splitlines()[0])
    assert row.endswith("[no key for this message]")
    [first, second] = [
        line for line in shell.lines("export") if line["channel_id"] == channel]
    assert (first["id"], first["text"], first["unreadable"]) == (message, "", "no_key")
    assert "unreadable" not in second


def test_s304_s117_what_becomes_readable_late_has_a_number_of_then_and_says_so(cast):
    """`dan` joined later: what was said before is opened to him in the end."""
    ann = cast.ann
    made = fact(ann, "create_channel", name="dock", server=cast.server, history="since_join")
    dock = made["channel_id"]
    early = fact(ann, "send_message", channel=dock, body="before dan came")["message_id"]
    # Who joins gets the key of now, and those before it only from somebody who shares them.
    fact(ann, "rotate_key", channel=dock)
    dan = cast.serve("dan", *OPEN)
    cast.join(dan.client())
    client = dan.client()
    until(lambda: code(client, "read_channel", channel=dock) is None)
    after = fact(ann, "send_message", channel=dock, body="after dan came")["message_id"]
    until(lambda: has(client, after))
    expect_sealed(ann, dan, dock, early)
    place = fact(client, "inbox")["cursor"]
    _, told = listen(dan, types=["MessageReceived"])
    until(lambda: "error" not in ann.call(
        "share_history", channel=dock, peer_id=dan.node.peer_id)["structuredContent"])
    event = told.get(timeout=20)
    assert event["method"] == METHOD
    event = {key: value for key, value in event["params"].items() if key != "_meta"}
    assert event["data"]["message_id"] == early and event["data"]["late"] is True
    listed = fact(client, "list_events", after=place, types=["MessageReceived"])["events"]
    assert listed == [event]
    everything = fact(client, "list_events", types=["MessageReceived"])["events"]
    feeds = {one["data"]["message_id"]: one["feed"] for one in everything}
    assert feeds[early] > feeds[after]
    assert {one["data"]["message_id"]: one["data"]["late"] for one in everything}[after] is False
    waited = client.call("wait_for_messages", after=place, timeout_s=0)
    [message] = waited["structuredContent"]["messages"]
    assert (message["id"], message["late"]) == (early[:16], True)
    assert "⏱" in waited["content"][0]["text"]
    page = fact(client, "read_channel", channel=dock)["messages"]
    assert [(one["text"], one.get("late", False)) for one in page] == [
        ("before dan came", True), ("after dan came", False)]
