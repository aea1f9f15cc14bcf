"""Bytes of files between the owner's commands and the node, over its socket file alone."""

import base64
import http.client
import json
import os
import socket

import pytest

from http_node import serve  # noqa: F401

PART = 1 << 20


class SocketFile(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Owner:
    """What the commands of the one who runs the node ask of it."""

    def __init__(self, node):
        self.path = node.data / "node.sock"

    def ask(self, method, path, body=None, **headers):
        connection = SocketFile(self.path)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def read(self, file_id, offset):
        return self.ask("GET", f"/control/files/{file_id}/{offset}")

    def hand(self, upload, offset, data):
        return self.ask("POST", f"/control/uploads/{upload}/{offset}", data)

    def refused(self, answer):
        status, body = answer
        assert status == 400, body
        return json.loads(body)["error"]


def begin(client, data, size):
    return client.call(
        "upload_file", filename="a.bin", size=size, offset=0,
        data=base64.b64encode(data).decode())["structuredContent"]


@pytest.fixture
def ann(serve):  # noqa: F811
    served = serve("ann")
    served.client().call("create_server", name="harbour")
    return served


def test_bytes_go_in_and_out_without_a_tool(ann):
    owner, client = Owner(ann.node), ann.client()
    data = os.urandom(2 * PART + 70_000)
    source = ann.node.home / "a.bin"
    source.write_bytes(data)
    sent = json.loads(ann.node.command(
        "upload", "#general", str(source), "--json", "--data-dir", str(ann.node.data)).stdout)
    got = b""
    while True:
        status, part = owner.read(sent["file_id"], len(got))
        assert status == 200 and len(part) <= PART
        if not part:
            break
        got += part
    assert got == data
    inner = client.call(
        "download_file", file_id=sent["file_id"], offset=PART + 5, length=10, raw=True)
    assert base64.b64decode(inner["structuredContent"]["data"]) == data[PART + 5:PART + 15]


def test_what_a_command_may_not_hand_over(ann):
    owner, client = Owner(ann.node), ann.client()
    # An upload belongs to who began it: this one to a token.
    other = begin(client, b"x" * 10, 3 * PART)["upload_id"]
    assert owner.refused(owner.hand(other, 10, b"y"))["code"] == "unknown_file"
    assert owner.refused(owner.hand("0" * 32, 0, b"y"))["code"] == "unknown_file"
    for path in ["0" * 32, "0" * 32 + "/x", "0" * 32 + "/0/0"]:
        refused = owner.refused(owner.ask("POST", f"/control/uploads/{path}", b"y"))
        assert refused["code"] == "invalid_argument", path
    assert owner.refused(owner.hand("0" * 32, 0, b""))["code"] == "invalid_argument"
    path = f"/control/uploads/{'0' * 32}/0"
    assert owner.ask("POST", path, **{"Content-Length": str(5 << 20)})[0] == 413


def test_what_a_command_cannot_read(ann):
    owner = Owner(ann.node)
    nothing = "0" * 64 + ".0"
    assert owner.refused(owner.read(nothing, 0))["code"] == "unknown_file"
    for place in ["-1", "x", str(1 << 40), "0/0", ""]:
        assert owner.refused(owner.read(nothing, place))["code"] == "invalid_argument", place
    assert owner.refused(owner.read("x", 0))["code"] == "invalid_argument"
    assert owner.ask("POST", f"/control/files/{nothing}/0")[0] == 405
    assert owner.ask("GET", f"/control/uploads/{'0' * 32}/0")[0] == 405


def test_no_token_reaches_the_bytes(ann):
    client = ann.client()
    for method, path in [
        ("GET", f"/control/files/{'0' * 64}.0/0"), ("POST", f"/control/uploads/{'0' * 32}/0"),
    ]:
        assert client.request(method, path, body=b"x").status == 404, path


def test_the_owner_hands_over_more_than_agents_may_in_a_minute(ann):
    source = ann.node.home / "large.bin"
    source.write_bytes(os.urandom(20 << 20))
    for name in ["#general"] * 3:
        sent = ann.node.command("upload", name, str(source), "--data-dir", str(ann.node.data))
        assert "at once" not in sent.stderr


def test_files_go_in_and_out_while_no_node_runs(make_node):
    """Like every other command: a node is started for as long as it takes."""
    node = make_node("ann", "--server-name", "harbour")
    source = node.home / "plan.txt"
    source.write_bytes(os.urandom(PART + 5))
    own = ["--data-dir", str(node.data)]
    sent = node.command("upload", "general", str(source), *own).stdout.strip()
    target = node.home / "again.txt"
    assert node.command("download", sent, str(target), *own).stdout.strip() == str(target)
    assert target.read_bytes() == source.read_bytes()
    missing = node.command("upload", "general", "nowhere", *own, check=False)
    assert missing.returncode == 1 and "--listen" not in missing.stderr
