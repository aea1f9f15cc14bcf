"""Webhooks in: MCP 9.10. A signed post becomes one message of this peer in one channel."""

import hashlib
import hmac
import http.client
import json
import time

import pytest

from http_node import serve  # noqa: F401


@pytest.fixture
def served(serve):  # noqa: F811
    served = serve("ann")
    served.client().call("create_server", name="harbour")
    made = served.node.command(
        "hook", "create", "--json", "--channel", "#general", "--label", "ci", "--data-dir",
        str(served.node.data))
    served.hook = json.loads(made.stdout)
    return served


def post(served, body, *, at=None, secret=None, id=None, headers=None, signature=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(time.time()) if at is None else at)
    key = bytes.fromhex(secret or served.hook["secret"])
    mac = hmac.new(key, stamp.encode() + b"." + data, hashlib.sha256).hexdigest()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    sent = {
        "X-Peer-Agent-Timestamp": stamp, "X-Peer-Agent-Signature": signature or f"sha256={mac}",
    } | (headers or {})
    connection.request("POST", f"/hooks/{id or served.hook['id']}", data, sent)
    answer = connection.getresponse()
    return answer.status, answer.read()


def messages(served):
    page = served.client().call("read_channel", channel="#general")["structuredContent"]
    return page["messages"]


def test_s282_a_signed_post_is_one_message(served):
    body = {"text": "build 17 failed", "client_msg_id": "ci-17"}
    status, said = post(served, body)
    assert status == 202 and len(json.loads(said)["message_id"]) == 64
    status, again = post(served, body)
    assert status == 202 and json.loads(again) == json.loads(said) | {"duplicate": True}
    found = messages(served)
    assert [one["text"] for one in found] == ["build 17 failed"]
    assert found[0]["via"] == "hook ci" and found[0]["trust"] == "self"
    status, other = post(served, body | {"text": "other"})
    assert status == 400 and json.loads(other)["error"]["code"] == "conflict"
    assert len(messages(served)) == 1


@pytest.mark.parametrize("change", [
    {"at": 1}, {"secret": "00" * 32}, {"id": "h_" + "a" * 26}, {"id": "x"},
    {"signature": "sha256=zz"}, {"signature": "md5=00"}, {"at": "soon"},
    {"at": int(time.time()) + 4_000},
])
def test_s282_what_is_not_proved_is_401_and_alike(served, change):
    body = {"text": "x", "client_msg_id": "1"}
    status, said = post(served, body, **change)
    assert status == 401 and messages(served) == []
    _, other = post(served, body, secret="11" * 32)
    assert said == other


@pytest.mark.parametrize("body", [
    b"{", b"[]", {}, {"text": "x"}, {"client_msg_id": "1"}, {"text": "", "client_msg_id": "1"},
    {"text": 5, "client_msg_id": "1"}, {"text": "x", "client_msg_id": "y" * 65},
    {"text": "x", "client_msg_id": "1", "channel": "#other"},
    {"text": "take pat_0123456789abcdef", "client_msg_id": "1"},
    {"text": "y" * 16_385, "client_msg_id": "1"},
])
def test_wrong_shapes(served, body):
    status, said = post(served, body)
    assert status == 400 and json.loads(said)["error"]["message"]
    assert messages(served) == []


def test_bounds_and_verbs(served):
    assert post(served, b"x" * 20_481)[0] == 413
    assert served.client().request("GET", f"/hooks/{served.hook['id']}").status == 405
    assert post(served, {}, headers={"Origin": "http://evil.example"})[0] == 403


def test_s282_too_many_are_refused_and_a_revoked_one_is_gone(served):
    body = {"text": "again", "client_msg_id": "same"}
    found = [post(served, body)[0] for _ in range(70)]
    assert found[:60] == [202] * 60 and 429 in found[60:]
    served.node.command("hook", "revoke", served.hook["id"], "--data-dir", str(served.node.data))
    assert post(served, body)[0] == 401
    listed = served.node.command("hook", "list", "--json", "--data-dir", str(served.node.data))
    assert json.loads(listed.stdout)["revoked_at"] and served.hook["secret"] not in listed.stdout


def test_a_webhook_survives_a_restart(serve, served):  # noqa: F811
    served.process.kill()
    served.process.wait()
    again = serve(None, node=served.node)
    again.hook = served.hook
    assert post(again, {"text": "after", "client_msg_id": "1"})[0] == 202
