"""The audit log: what a call leaves behind, and the three ways to read it."""

import contextlib
import json
import sqlite3
from datetime import datetime, timezone

import pytest

from cli import Shell
from hostile import until
from http_node import MODERN, serve  # noqa: F401
from schema import require_schemas
from shim import shim  # noqa: F401


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


@pytest.fixture
def served(serve):  # noqa: F811
    return serve("ann")


def records(client, **arguments):
    called = client.result("tools/call", {"name": "audit_log", "arguments": arguments})
    return called["structuredContent"]


def test_s297_a_record_says_who_did_what_and_nothing_that_people_wrote(served):
    client = served.client()
    made = client.call("create_server", name="a private name")["structuredContent"]
    sent = client.call("send_message", channel="#general", body="a private thing")
    client.call("send_message", channel="#nowhere", body="another private thing")
    found = records(client)["records"]
    calls = [one for one in found if one.get("method") == "tools/call"]
    assert [one["tool"] for one in calls] == ["create_server", "send_message", "send_message"]
    create, send, refused = calls
    assert create["outcome"] == "applied" and create["target"]["server_id"] == made["server_id"]
    assert send["event_id"] == sent["structuredContent"]["event_id"]
    assert send["target"]["message_id"] == sent["structuredContent"]["message_id"]
    assert refused["error"] == "unknown_channel" and "outcome" not in refused
    for one in calls:
        assert one["token_id"] == one["principal"] and one["principal"].startswith("t_")
        assert (one["transport"], one["era"]) == ("http", MODERN)
        assert one["ms"] >= 0 and one["bytes_out"] > 100 and len(one["args"]) == 64
    numbers = [one["n"] for one in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert "private" not in json.dumps(found) and served.token not in json.dumps(found)


def test_who_asks_is_kept_as_claimed_with_its_trace(served):
    client = served.client()
    meta = {"io.modelcontextprotocol/clientInfo": {"name": "x" * 100, "version": "1"},
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    client.result("tools/call", {"name": "inbox", "arguments": {}, "_meta": meta})
    client.ask("resources/read", {"uri": "peer://server/join-links"})
    found = records(client)["records"]
    call = next(one for one in found if one.get("tool") == "inbox")
    assert call["client_claimed"].startswith("xxx") and len(call["client_claimed"]) <= 64
    assert call["trace"] == {"traceparent": meta["traceparent"]}
    read = next(one for one in found if one.get("method") == "resources/read")
    assert read["target"] == {"uri": "peer://server/join-links"}


def test_it_is_read_page_by_page_and_by_filter(serve, served):  # noqa: F811
    client = served.client()
    client.call("create_server", name="harbour")
    for number in range(5):
        client.call("send_message", channel="#general", body=str(number))
    client.call("read_channel", channel="#nowhere")
    page = records(client, after="a1_0", limit=4)
    assert page["has_more"] and len(page["records"]) == 4
    seen = page["records"]
    while page["has_more"]:
        page = records(client, after=page["cursor"], limit=4)
        seen += page["records"]
    numbers = [one["n"] for one in seen]
    assert numbers[0] == 1 and numbers == list(range(1, len(numbers) + 1))
    sends = records(client, tool="send_message")["records"]
    assert [one["tool"] for one in sends] == ["send_message"] * 5
    assert [one["tool"] for one in records(client, outcome="unknown_channel")["records"]] == [
        "read_channel"]
    assert records(client, token_id="t_nobody")["records"] == []
    last = records(client, limit=2)["records"]
    assert len(last) == 2 and last[0]["n"] < last[1]["n"]
    # Only what this node handed out is a place in its log; and no place in anything else.
    elsewhere = client.call("inbox")["structuredContent"]["cursor"]
    for made_up in ("c1_abc", "a1_", "a1_3", "a1_-1", elsewhere,
                    page["cursor"] + "A", "a" * 33):
        refused = client.call("audit_log", after=made_up)["structuredContent"]["error"]
        assert refused["code"] in ("bad_cursor", "invalid_argument"), (made_up, refused)
    refused = client.call("wait_for_messages", after=page["cursor"], timeout_s=0)
    assert refused["structuredContent"]["error"]["code"] == "bad_cursor"
    assert served.stop() == 0
    again = serve(node=served.node).client()
    assert records(again, after=page["cursor"], limit=1)["records"][0]["n"] == numbers[-1] + 1
    other = serve("bob").client()
    refused = other.call("audit_log", after=page["cursor"])["structuredContent"]
    assert refused["error"]["code"] == "bad_cursor"


def test_it_is_a_resource_for_the_owner_alone(served):
    client = served.client()
    client.call("create_server", name="harbour")
    read = client.result("resources/read", {"uri": "peer://audit"})
    held = json.loads(read["contents"][0]["text"])
    assert [one["tool"] for one in held["records"] if "tool" in one] == ["create_server"]
    assert held["cursor"].startswith("a1_")
    admin = served.client(served.make_token("--scope", "admin")["token"])
    assert admin.ask("resources/read", {"uri": "peer://audit"})["error"]["code"] == 4003
    refused = admin.ask("tools/call", {"name": "audit_log", "arguments": {}})
    assert refused["error"]["code"] == -32602
    for scope in ["admin", "messaging"]:
        listed = served.client(served.make_token("--scope", scope)["token"])
        uris = [one["uri"] for one in listed.result("resources/list")["resources"]]
        assert "peer://audit" not in uris


def test_s297_the_command_shows_it_with_and_without_a_running_node(served):
    client = served.client()
    client.call("create_server", name="harbour")
    for number in range(3):
        client.call("send_message", channel="#general", body=str(number))

    def audit(*options):
        shown = served.node.command(
            "audit", "--json", "--data-dir", str(served.node.data), *options)
        return [json.loads(line) for line in shown.stdout.splitlines()]

    running = audit("--tool", "send_message")
    assert [one["tool"] for one in running] == ["send_message"] * 3
    assert len(audit("--limit", "2", "--tool", "send_message")) == 2
    assert served.stop() == 0
    assert audit("--tool", "send_message") == running
    # From the beginning in several pages, in order.
    everything = audit("--limit", "1000")
    assert [one["n"] for one in everything] == list(range(1, len(everything) + 1))
    plain = served.node.command("audit", "--data-dir", str(served.node.data)).stdout
    assert "send_message  applied" in plain
    wrong = served.node.command(
        "audit", "--after", "x", "--data-dir", str(served.node.data), check=False)
    assert wrong.returncode == 2


@contextlib.contextmanager
def without_room(full):
    full.touch()
    yield
    full.unlink()


def code(client, tool, **arguments):
    return client.call(tool, **arguments)["structuredContent"].get("error", {}).get("code")


def test_s297_a_log_that_cannot_be_written_stops_tools_of_administrators_only(
        serve, make_node, shim, tmp_path):  # noqa: F811
    full, node = tmp_path / "no-room", make_node("ann")
    node.more = shim(FULL=full, FULL_OF="agent.db")
    served = serve(None, "--limit", "administrative=0", "--limit", "requests=0", node=node)
    client = served.client()
    made = client.call("create_server", name="harbour")["structuredContent"]["server_id"]
    before = client.call("verify_state")["structuredContent"]["state_hash"]
    with without_room(full):
        # The record of a call follows its answer: the first ones may still be let through.
        until(lambda: code(client, "rename_server", name="harbour") == "unavailable")
        for tool, arguments in [
            ("create_role", {"name": "crew"}), ("create_channel", {"name": "dock"}),
            ("create_server", {"name": "other"}), ("audit_log", {}),
            ("set_server_description", {"description": "x"}),
        ]:
            refused = client.call(tool, **arguments)
            assert refused["structuredContent"]["error"]["code"] == "unavailable", tool
            assert "audit log" in refused["content"][0]["text"]
        assert client.call("verify_state")["structuredContent"]["state_hash"] == before
        sent = client.call("send_message", channel="#general", body="goes on")
        message = sent["structuredContent"]["message_id"]
        for tool, arguments in [
            ("react", {"message_id": message, "emoji": "🦊"}), ("inbox", {}),
            ("mark_read", {"channel": "#general"}), ("read_channel", {"channel": "#general"}),
            ("get_message", {"message_id": message}),
        ]:
            assert code(client, tool, **arguments) is None, tool
    # The next record that can be written ends it.
    until(lambda: code(client, "rename_server", name="haven") is None)
    assert code(client, "create_role", name="crew", server=made) is None
    assert served.stop() == 0
    found = {line["subject"]: line for line in Shell(node).lines("doctor", "--json")}
    assert found["audit"]["verdict"] == "fine"


def test_s297_s323_doctor_finds_a_record_that_was_taken_out(served):
    client = served.client()
    client.call("create_server", name="harbour")
    for number in range(3):
        client.call("send_message", channel="#general", body=str(number))
    assert served.stop() == 0
    database = sqlite3.connect(served.node.data / "agent.db")
    [(taken,)] = database.execute(
        "SELECT max(n) - 1 FROM audit WHERE record LIKE '%send_message%'").fetchall()
    database.execute("DELETE FROM audit WHERE n = ?", (taken,))
    database.commit()
    database.close()
    told = Shell(served.node)("doctor", code=6).stdout
    assert f"audit record {taken + 1} was changed" in told


def test_refused_tokens_are_one_record_an_address_and_minute(served):
    for number in range(4):
        assert served.client("pat_" + f"{number:x}" * 64).request("GET", "/metrics").status == 401
    assert served.stop() == 0
    lines = served.node.command(
        "audit", "--json", "--data-dir", str(served.node.data)).stdout.splitlines()
    told = [one for one in map(json.loads, lines) if one.get("event") == "access_refused"]
    # Two where a minute ended in between.
    assert 1 <= len(told) <= 2 and sum(one["count"] for one in told) == 4
    assert {one["address"] for one in told} == {"127.0.0.1"}
    assert {one["reason"] for one in told} == {"invalid"}


def test_a_token_is_last_used_when_it_was_used(served):
    made = served.make_token("--scope", "messaging")

    def row():
        listed = served.node.command(
            "token", "list", "--json", "--data-dir", str(served.node.data)).stdout.splitlines()
        return next(one for one in map(json.loads, listed) if one["id"] == made["id"])

    assert "last_used_at" not in row()
    before = datetime.now(timezone.utc).replace(microsecond=0)
    served.client(made["token"]).call("inbox")
    used = datetime.fromisoformat(row()["last_used_at"])
    assert before <= used <= datetime.now(timezone.utc)
    assert served.stop() == 0
    assert datetime.fromisoformat(row()["last_used_at"]) == used
