"""S-250 and S-270: every era on every way in, by raw frames and by each client library.

All that reads is read: each tool, each resource, an instance of each template; then subscribe,
cancel and close. Every frame of the node is held against the official schema of its revision.
"""

import contextlib
import http.client
import json
import os
import socket
import stat

import anyio
import fastmcp
import pytest
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ResourceUpdated
from mcp.shared._httpx_utils import create_mcp_http_client

from harness import within
from http_node import Answer, WireClient, serve  # noqa: F401
from raw import RawClient
from schema import LEGACY, MODERN, require_schemas
from tour import MADE, URI, addresses, facts_of, reads, tapped

ALL = [MODERN, *LEGACY]
REVISION = {"auto": MODERN, MODERN: MODERN, "legacy": "2025-11-25"}


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def tour(client, peer):
    """Reads everything; the client checks each frame it receives."""
    made = [client.call(tool, **arguments) for tool, arguments in MADE]
    facts = facts_of([one["content"][0]["text"] for one in made], peer)
    tools = client.result("tools/list")["tools"]
    if tools[0].get("annotations"):
        reading = {one["name"] for one in tools if one["annotations"].get("readOnlyHint")}
        assert reading == set(reads(facts)), "a tool that reads is not called here"
    for tool, arguments in reads(facts).items():
        result = client.call(tool, **arguments)
        assert not result.get("isError"), (tool, result)
    listed = [one["uri"] for one in client.result("resources/list")["resources"]]
    templates = client.result("resources/templates/list")["resourceTemplates"]
    assert {one["uriTemplate"] for one in templates} == set(addresses(facts))
    for uri in [*listed, *addresses(facts).values()]:
        assert client.result("resources/read", {"uri": uri})["contents"], uri
    for prompt in client.result("prompts/list")["prompts"]:
        values = {"message_id": facts["message"], "peer_id": peer, "channels": "#general",
                  "channel": "#general"}
        wanted = {one["name"]: values[one["name"]] for one in prompt.get("arguments", [])
                  if one.get("required")}
        got = client.result("prompts/get", {"name": prompt["name"], "arguments": wanted})
        assert got["messages"]


class SocketPipe:
    """A socket file in newline framing, as `RawClient` wants a process."""

    def __init__(self, path):
        assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(30)
        self.link.connect(str(path))
        self.stdin = self.link.makefile("wb")
        self.stdout = self.link.makefile("rb")
        self.stdin.write(b'{"peer_agent_hello":1,"scope":"full"}\n')
        self.stdin.flush()
        assert json.loads(self.stdout.readline())["ok"] is True

    def wait(self, _):
        self.link.shutdown(socket.SHUT_WR)
        return 0


def subscribe_and_cancel(client):
    """On a pipe: told of a change, then cancelled, then silent."""
    if client.revision == MODERN:
        listen = {"notifications": {"resourceSubscriptions": [URI]}}
        client.send(client.request("subscriptions/listen", listen, id="listen"))
        assert client.receive()["method"] == "notifications/subscriptions/acknowledged"
    else:
        assert client.result("resources/subscribe", {"uri": URI}) == {}
    client.call("send_message", channel="#general", body="news")
    while not any(one.get("params", {}).get("uri") == URI for one in client.notifications):
        client.notifications.append(client.receive())
    wait = {"name": "wait_for_messages", "arguments": {"timeout_s": 50}}
    client.send(client.request("tools/call", wait, id="wait"))
    client.notify("notifications/cancelled", {"requestId": "wait"})
    if client.revision == MODERN:
        client.notify("notifications/cancelled", {"requestId": "listen"})
    else:
        assert client.result("resources/unsubscribe", {"uri": URI}) == {}
    client.result("tools/list")


@pytest.mark.parametrize("revision", ALL)
def test_s250_everything_is_read_on_a_pipe(node, revision):
    client = RawClient(node.spawn(), revision)
    client.start()
    tour(client, node.peer_id)
    subscribe_and_cancel(client)
    assert client.close() == 0


@pytest.mark.parametrize("revision", ALL)
def test_s270_everything_is_read_on_the_socket_in_lines(serve, revision):  # noqa: F811
    served = serve("ann", "--limit", "requests=0")
    client = RawClient(SocketPipe(served.node.data / "node.sock"), revision)
    client.start()
    tour(client, served.node.peer_id)
    subscribe_and_cancel(client)
    client.close()


class SocketHTTP(WireClient):
    """HTTP on the socket file, where the owner needs no token."""

    def __init__(self, path, revision):
        super().__init__(0, "", revision)
        self.path = str(path)
        assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600

    def request(self, method, path="/mcp", headers=None, body=None, seconds=10):
        connection = http.client.HTTPConnection("localhost", timeout=seconds)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(seconds)
        connection.sock.connect(self.path)
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        connection.request(method, path, body, sent)
        answer = Answer(connection.getresponse())
        answer.connection = connection
        return answer


@pytest.mark.parametrize("revision", ALL)
@pytest.mark.parametrize("way", ["tcp", "socket"])
def test_s270_everything_is_read_over_http(serve, revision, way):  # noqa: F811
    served = serve("ann", "--limit", "requests=0")
    client = (served.client(revision=revision) if way == "tcp"
              else SocketHTTP(served.node.data / "node.sock", revision))
    if revision != MODERN:
        client.initialize()
    tour(client, served.node.peer_id)
    if revision == MODERN:
        stream = client.post(client.frame("subscriptions/listen", {
            "notifications": {"resourceSubscriptions": [URI]}}), seconds=30)
    else:
        assert client.result("resources/subscribe", {"uri": URI}) == {}
        stream = client.listen(seconds=30)
    events = stream.events()
    client.call("send_message", channel="#general", body="news")
    told = {}
    while told.get("params", {}).get("uri") != URI:
        _, data = next(events)
        told = json.loads(data) if data else {}
        if told:
            client.schema.check_frame(told)
    # Closing is how the modern era cancels; the old ones say so, and end their session.
    stream.response.close()
    stream.connection.close()
    if revision != MODERN:
        assert client.result("resources/unsubscribe", {"uri": URI}) == {}
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled",
                  "params": {"requestId": 12_345}}
        assert client.post(cancel).status == 202
        ended = client.request("DELETE", headers={"Mcp-Session-Id": client.session})
        assert ended.status == 204
        assert client.post(client.frame("ping")).status == 404


# Client libraries

async def library_tour(call, read, list_resources, peer):
    """The same with a library: `call` gives the text of a result, `read` the contents."""
    facts = facts_of([await call(tool, arguments) for tool, arguments in MADE], peer)
    for tool, arguments in reads(facts).items():
        assert await call(tool, arguments)
    for uri in [*await list_resources(), *addresses(facts).values()]:
        assert await read(uri), uri


async def by_sdk2(client, peer, mode):
    async def call(tool, arguments):
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, (tool, result)
        return result.content[0].text

    async def read(uri):
        return (await client.read_resource(uri)).contents

    async def listed():
        return [str(one.uri) for one in (await client.list_resources()).resources]

    await library_tour(call, read, listed, peer)
    if mode == "legacy":
        await client.subscribe_resource(URI)
        await client.unsubscribe_resource(URI)
    else:
        async with client.listen(resource_subscriptions=[URI]) as changes:
            await call("send_message", {"channel": "#general", "body": "news"})
            async for event in changes:
                assert event == ResourceUpdated(uri=URI)
                break
    with anyio.move_on_after(0.5) as given_up:
        await client.call_tool("wait_for_messages", {"timeout_s": 50})
    assert given_up.cancelled_caught
    await call("inbox", {})


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
@pytest.mark.parametrize("mode", ["auto", "legacy", MODERN])
@within(90)
async def test_s250_everything_is_read_by_the_second_sdk(node, tmp_path, mode):
    tap = tapped(node, tmp_path / "tap")
    parameters = StdioServerParameters(
        command=tap.command, args=[*tap.arguments, *node.run_arguments()],
        env=tap.environment, cwd=node.home)
    log = node.new_log()
    async with Client(stdio_client(parameters, errlog=log.writer), mode=mode) as client:
        log.spawned()
        assert client.protocol_version == REVISION[mode]
        await by_sdk2(client, node.peer_id, mode)
    assert tap.check(REVISION[mode]) > 40


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
@pytest.mark.parametrize("mode", ["auto", "legacy"])
@within(90)
async def test_s270_everything_is_read_by_the_second_sdk_over_http(serve, mode):  # noqa: F811
    served = serve("ann", "--limit", "requests=0")
    async with create_mcp_http_client(headers=served.headers) as http_client:
        transport = streamable_http_client(served.url, http_client=http_client)
        async with Client(transport, mode=mode) as client:
            await by_sdk2(client, served.node.peer_id, mode)


async def by_fastmcp(client, peer):
    async def call(tool, arguments):
        return (await client.call_tool(tool, arguments)).content[0].text

    async def listed():
        return [str(one.uri) for one in await client.list_resources()]

    await library_tour(call, client.read_resource, listed, peer)
    with anyio.move_on_after(0.5) as given_up:
        await client.call_tool("wait_for_messages", {"timeout_s": 50})
    assert given_up.cancelled_caught
    await call("inbox", {})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@within(90)
async def test_s250_everything_is_read_by_fastmcp(node, tmp_path, mode):
    tap = tapped(node, tmp_path / "tap")
    log = node.new_log()
    transport = StdioTransport(
        command=tap.command, args=[*tap.arguments, *node.run_arguments()],
        env=tap.environment, cwd=str(node.home), keep_alive=False)
    with contextlib.ExitStack() as stack:
        stack.callback(log.spawned)
        async with fastmcp.Client(transport, mode=mode) as client:
            await by_fastmcp(client, node.peer_id)
    assert tap.check(REVISION[mode]) > 40


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@within(90)
async def test_s270_everything_is_read_by_fastmcp_over_http(serve, mode):  # noqa: F811
    served = serve("ann", "--limit", "requests=0")
    transport = StreamableHttpTransport(served.url, headers=served.headers)
    async with fastmcp.Client(transport, mode=mode) as client:
        await by_fastmcp(client, served.node.peer_id)
