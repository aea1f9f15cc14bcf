"""What must never be on an output: anything but frames, and secrets anywhere."""

import json
import os
import sqlite3

import pytest

from cli import Shell
from harness import Node
from http_node import serve  # noqa: F401
from raw import RawClient
from schema import MODERN, require_schemas

LEVELS = ["error", "warning", "info", "debug", "trace"]


class AnyLevel(Node):
    """A node whose log level is chosen by options or by its configuration file."""

    def run_arguments(self, *options):
        arguments = super().run_arguments(*options)
        at = arguments.index("--log-level")
        return arguments[:at] + arguments[at + 2:]


@pytest.fixture
def node(binary, tmp_path):
    made = AnyLevel(binary, tmp_path, "ann").init("--server-name", "harbour")
    yield made
    made.stop()
    made.show()


@pytest.mark.parametrize("level", LEVELS)
def test_s252_every_line_of_the_output_is_a_frame(node, level):
    """`RawClient` reads each line as one JSON-RPC frame and fails at anything else."""
    require_schemas()
    client = RawClient(node.spawn("--log-level", level), MODERN)
    client.start()
    client.call("send_message", channel="#general", body="hello")
    client.call("connection_info")
    assert client.call("read_channel", channel="#nowhere")["isError"]
    client.write(b"\xff not a frame\n")
    assert client.receive()["error"]["code"] == -32700
    # A database that is gone below a running node fails every write from then on.
    for name in os.listdir(node.data):
        if name.startswith("node.db"):
            (node.data / name).unlink()
    refused = client.call("send_message", channel="#general", body="lost")
    assert refused["isError"], refused
    client.result("tools/list")
    client.close()
    assert all(line.startswith(b"{") for line in client.lines)
    assert level in ("error", "warning") or node.logs[-1].lines


def test_s326_no_secret_is_in_any_output_or_log(serve, node):  # noqa: F811
    marks = {"body": "zebra-of-the-body", "name": "zebra-of-the-name"}
    secrets = {(node.data / "identity").read_bytes().hex()}
    for format in ["text", "json"]:
        (node.data / "config.json").write_text(
            json.dumps({"log": {"level": "trace", "format": format}}))
        served = serve(node=node)
        owner = served.client()
        secrets |= {served.token}
        owner.call("send_message", channel="harbour/#general", body=marks["body"])
        owner.call("create_channel", name="secret", topic=marks["name"], server="harbour")
        link = owner.call("create_join_link", max_uses=1, confirm=True)["structuredContent"]
        secrets.add(link["link"])
        secrets.add(served.make_token("--scope", "messaging")["token"])
        owner.call("search_messages", query=marks["body"])
        wrong = served.client(token="pat_" + "7" * 64)
        assert wrong.post(wrong.frame("tools/list")).status == 401
        assert served.stop() == 0
        said = "\n".join(node.logs[-1].lines) + served.process.stdout.read().decode()
        assert "serving MCP" in said
        for mark in [*secrets, *marks.values(), "pat_" + "7" * 64]:
            assert mark not in said, mark
        if format == "json":
            keys = [set(json.loads(line)) for line in node.logs[-1].lines]
            assert all({"level", "message"} <= one for one in keys), keys[0]
    rows = sqlite3.connect(node.data / "agent.db").execute("SELECT record FROM audit").fetchall()
    for mark in [*secrets, *marks.values()]:
        assert mark not in str(rows)
    assert Shell(node).out("status")
