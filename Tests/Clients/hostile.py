"""Three honest peers of one server, one of them under attack, and what must hold afterwards."""

import contextlib
import http.client
import json
import re
import socket
import time

import pytest

from harness import Node
from http_node import HTTPNode

SECONDS = 20
# What is kept for later allocations after any load at all, however small each request was.
GROWTH_MAX = 24 << 20
OPEN = [word for name in ("requests", "posting", "small-acts", "administrative", "verify-state")
        for word in ("--limit", f"{name}=0")]


class Room:
    """`ann` is attacked over HTTP; `bob` and `cyd` are in her server and talk all the time."""

    def __init__(self, binary, folder):
        self.nodes = [Node(binary, folder, name).init() for name in ("ann", "bob", "cyd")]
        self.ann, self.bob, self.cyd = [HTTPNode(node, *OPEN) for node in self.nodes]
        self.url, self.port = self.ann.url, self.ann.port
        host = self.ann.client()
        self.server = fact(host.call("create_server", name="harbour"))["server_id"]
        fact(host.call("create_channel", name="dock", server=self.server))
        for guest in (self.bob, self.cyd):
            link = fact(host.call("create_join_link", max_uses=1, confirm=True))["link"]
            fact(guest.client().call("accept_invite", code=link, confirm=True))
        self.said = 0
        self.talk()

    def client(self, scope=None, **options):
        """A client of the attacked node: its owner, or one with a token of its own."""
        if scope is None:
            return self.ann.client(**options)
        return self.ann.client(self.ann.make_token("--scope", scope)["token"], **options)

    def talk(self):
        """A message of an honest peer reaches the others, the attacked node among them."""
        self.said += 1
        body = f"honest {self.said}"
        places = [node.client().call("inbox")["structuredContent"]["cursor"]
                  for node in (self.ann, self.cyd)]
        fact(self.bob.client().call(
            "send_message", channel=f"{self.server}/general", body=body))
        for node, place in zip((self.ann, self.cyd), places):
            until(lambda: body in node.client().call(
                "wait_for_messages", after=place, timeout_s=20)["content"][0]["text"])

    def state(self):
        return fact(self.ann.client().call("verify_state"))["state_hash"]

    def agree(self):
        """Whether both honest peers hold the same state as the attacked one."""
        told = fact(self.ann.client().call("verify_state"))
        return (told["verdict"], told["agreeing"]) == ("agree", 2)

    def metric(self, name):
        return metric(self.ann, name)

    def resident(self):
        return self.metric("peer_agent_resident_bytes")

    @contextlib.contextmanager
    def attacked(self, growth=GROWTH_MAX, changes=False):
        """No crash, no hang, the state as before, honest traffic, memory within its bound."""
        state, memory = self.state(), self.resident()
        log = self.nodes[0].logs[-1]
        before = len(log.lines)
        yield self
        assert self.ann.process.poll() is None, "the node ended"
        until(lambda: self.metric("peer_agent_exchanges") == 0)
        assert changes or self.state() == state, "the state changed"
        self.talk()
        until(self.agree)
        grown = self.resident() - memory
        print(f"{grown >> 10} KiB more")
        assert grown < growth, f"{grown >> 10} KiB more are in use"
        said = list(log.lines)[before:]
        assert not [line for line in said if "peer-agent error" in line], said

    def stop(self):
        for served in (self.ann, self.bob, self.cyd):
            if served.process.poll() is None:
                served.process.terminate()
        try:
            for served in (self.ann, self.bob, self.cyd):
                assert served.process.wait(10) == 0
        finally:
            for node in self.nodes:
                node.stop()
                node.show()


@pytest.fixture(scope="module")
def room(binary, tmp_path_factory):
    made = Room(binary, tmp_path_factory.mktemp("room"))
    yield made
    made.stop()


def fact(result):
    found = result["structuredContent"]
    assert "error" not in found, found
    return found


def refusal(result):
    """The error of a refused call, and its text for whoever reads it."""
    assert result["isError"], result
    return result["structuredContent"]["error"]


def metric(served, name):
    text = served.client().request("GET", "/metrics", seconds=30).body.decode()
    found = re.search(rf"^{re.escape(name)} (\d+)$", text, re.M)
    return int(found[1]) if found else 0


def until(condition, seconds=30):
    """Asks again until it is so; each question is a round trip of its own."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"


def dial(port, source="127.0.0.1", seconds=SECONDS, small=False):
    """A connection, from an address of its own where failures are counted by address."""
    link = socket.socket()
    if small:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    link.settimeout(seconds)
    link.bind((source, 0))
    link.connect(("127.0.0.1", port))
    return link


def push(port, pieces, source="127.0.0.1", half_close=False):
    """Writes until the node has had enough: what it answered, and how many bytes it took.

    The answer is read even where the node reset the connection after it.
    """
    sent, answer = 0, b""
    with dial(port, source) as link:
        try:
            for piece in pieces:
                link.sendall(piece)
                sent += len(piece)
            if half_close:
                link.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while part := link.recv(65_536):
                answer += part
        except ConnectionResetError:
            pass
    return answer, sent


def statuses(answer):
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def body_of(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def head(client, frame, *lines, host="localhost", length=None, token=None):
    """The head of a POST byte by byte, with these lines put in."""
    own = {"Host": host, "Authorization": f"Bearer {token or client.token}"}
    own |= client.headers(frame)
    if length is not None:
        own["Content-Length"] = str(length)
    text = "".join(f"{name}: {value}\r\n" for name, value in own.items() if value is not None)
    return ("POST /mcp HTTP/1.1\r\n" + text + "".join(f"{line}\r\n" for line in lines)
            + "\r\n").encode("latin-1")


class Kept:
    """One connection that is kept, for many short requests of one token."""

    def __init__(self, client):
        self.client = client
        self.link = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)

    def post(self, frame, headers=None):
        own = self.client.headers(frame) | {"Authorization": f"Bearer {self.client.token}"}
        self.link.request("POST", "/mcp", json.dumps(frame).encode(), own | (headers or {}))
        answer = self.link.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else None, dict(answer.getheaders())
