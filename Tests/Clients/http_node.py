"""A node that serves HTTP, and a client for it that hides nothing of what goes over the wire."""

import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from schema import LEGACY, MODERN, schema_of

META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}
SECONDS = 10
NAMED = {
    "tools/call": "name", "prompts/get": "name", "resources/read": "uri",
    "tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId",
}


class HTTPNode:
    """One running process with its address and the token that it made."""

    def __init__(self, node, *options, bind="127.0.0.1:0"):
        self.node = node
        self.process = node.spawn("--transport", "http", "--bind", bind, *options)
        node.logs[-1].wait_for("serving MCP at")
        self.ready = json.loads(self.process.stdout.readline())
        self.url = self.ready["url"]
        self.port = urlsplit(self.url).port
        self.token = Path(self.ready["token_file"]).read_text().strip()

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token}"}

    def make_token(self, *options):
        made = self.node.command(
            "token", "create", "--json", "--data-dir", str(self.node.data), *options)
        return json.loads(made.stdout)

    def client(self, token=None, revision=MODERN):
        return WireClient(self.port, self.token if token is None else token, revision)

    def stop(self):
        self.process.terminate()
        return self.process.wait(10)


@pytest.fixture
def serve(make_node):
    """Starts nodes that serve HTTP; each must end in order when it is asked to."""
    started = []

    def start(name="ann", *options, node=None):
        started.append(HTTPNode(node or make_node(name), *options))
        return started[-1]

    yield start
    # All are told first: one that ends the streams of its clients takes two seconds for it.
    ending = [served.process for served in started if served.process.poll() is None]
    for process in ending:
        process.terminate()
    assert [process.wait(10) for process in ending] == [0] * len(ending)


class Answer:
    def __init__(self, response):
        self.response = response
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.is_stream = self.headers.get("content-type") == "text/event-stream"
        self.body = None if self.is_stream else response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def frames(self):
        """Every message of the answer, the response last."""
        if not self.is_stream:
            return [self.json]
        return [json.loads(data) for _, data in self.events() if data]

    def events(self):
        """The events of a stream as (id, data); comments are left out."""
        id = data = None
        while line := self.response.readline():
            line = line.decode().rstrip("\n")
            if line.startswith("id: "):
                id = line[4:]
            elif line.startswith("data:"):
                data = line[5:].strip()
            elif line == "" and data is not None:
                yield id, data
                id = data = None


class WireClient:
    """Speaks one revision; each request has a connection of its own unless `keep` is set."""

    def __init__(self, port, token, revision):
        self.port = port
        self.token = token
        self.revision = revision
        self.schema = schema_of(revision)
        self.session = None
        self.next_id = 0

    def request(self, method, path="/mcp", headers=None, body=None, seconds=SECONDS):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= headers or {}
        connection.request(method, path, body, {k: v for k, v in sent.items() if v is not None})
        answer = Answer(connection.getresponse())
        answer.connection = connection
        return answer

    def frame(self, method, params=None, id=None):
        if id is None:
            self.next_id += 1
            id = self.next_id
        frame = {"jsonrpc": "2.0", "id": id, "method": method}
        if self.revision == MODERN:
            params = (params or {}) | {"_meta": META | (params or {}).get("_meta", {})}
        return frame | ({"params": params} if params is not None else {})

    def headers(self, frame):
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        if self.revision == MODERN:
            headers |= {"MCP-Protocol-Version": MODERN, "Mcp-Method": frame.get("method", "")}
            if key := NAMED.get(frame.get("method")):
                headers["Mcp-Name"] = frame["params"][key]
        elif self.session:
            headers |= {"Mcp-Session-Id": self.session, "MCP-Protocol-Version": self.revision}
        return headers

    def post(self, frame, headers=None, seconds=SECONDS):
        own = self.headers(frame) if isinstance(frame, dict) else self.headers({})
        return self.request(
            "POST", headers=own | (headers or {}), body=json.dumps(frame).encode(),
            seconds=seconds)

    def ask(self, method, params=None, id=None, seconds=SECONDS):
        """The response to a request, whether it came as JSON or as a stream; all is checked."""
        frame = self.frame(method, params, id)
        answer = self.post(frame, seconds=seconds)
        if answer.is_stream:
            frames = [json.loads(data) for _, data in answer.events() if data]
            for one in frames[:-1]:
                self.schema.check_frame(one)
            reply = frames[-1]
        else:
            reply = answer.json
        if reply.get("result", {}).get("resultType") == "input_required":
            self.schema.check_frame(reply)
            if self.schema.is_present:
                self.schema.check("InputRequiredResult", reply["result"])
        else:
            self.schema.check_frame(reply, method)
        assert json.dumps(reply.get("id")) == json.dumps(frame["id"])
        self.last = answer
        return reply

    def result(self, method, params=None, **options):
        reply = self.ask(method, params, **options)
        assert "result" in reply, reply
        return reply["result"]

    def call(self, tool, **arguments):
        return self.result("tools/call", {"name": tool, "arguments": arguments}, seconds=60)

    def initialize(self):
        assert self.revision in LEGACY
        greeting = self.result("initialize", {
            "protocolVersion": self.revision, "capabilities": {},
            "clientInfo": {"name": "wire", "version": "1"}})
        self.session = self.last.headers["mcp-session-id"]
        told = self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert told.status == 202 and told.body == b""
        return greeting

    def listen(self, after=None, seconds=SECONDS):
        """The GET stream of a session, from an event on if one is given."""
        headers = {
            "Accept": "text/event-stream", "Mcp-Session-Id": self.session,
            "MCP-Protocol-Version": self.revision,
        } | ({"Last-Event-ID": after} if after else {})
        answer = self.request("GET", headers=headers, seconds=seconds)
        assert answer.status == 200 and answer.is_stream, answer.body
        return answer


def exchange(port, data, seconds=SECONDS):
    """What a connection answers to raw bytes until it is closed, or until time is up."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received
