"""S-324 and S-296: what probes are told when something is stuck, and that every number is true."""

import json
import re
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli import Shell
from hostile import Kept, dial, head, push, refusal, until
from http_node import HTTPNode, serve  # noqa: F401
from schema import require_schemas
from shim import shim  # noqa: F401

FAIL_SECONDS = 5
# How much later than the fifth second an answer may be on a machine that is busy.
SLACK_SECONDS = 5


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


@pytest.fixture
def stuck(make_node, shim, tmp_path):  # noqa: F811
    """A node whose disk or loop stands still while a file is there."""
    files, made = {name: tmp_path / f"stuck-{name}" for name in ("disk", "loop")}, []

    def start():
        node = make_node("ann", "--server-name", "harbour")
        environment = node.environment | shim(DISK=files["disk"], LOOP=files["loop"])
        log = node.new_log()
        process = subprocess.Popen(
            [node.binary, *node.run_arguments("--transport", "http", "--bind", "127.0.0.1:0")],
            env=environment, cwd=node.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log.writer)
        log.spawned()
        node.processes.append(process)
        made.append(process)
        return Running(node, process), files

    yield start
    for file in files.values():
        file.unlink(missing_ok=True)
    for process in made:
        process.terminate()
        assert process.wait(10) == 0


class Running(HTTPNode):
    def __init__(self, node, process):
        self.node, self.process = node, process
        node.logs[-1].wait_for("serving MCP at")
        self.ready = json.loads(process.stdout.readline())
        self.url = self.ready["url"]
        self.port = urlsplit(self.url).port
        self.token = Path(self.ready["token_file"]).read_text().strip()


def test_s324_a_store_that_does_not_answer_fails_the_probe(stuck):
    served, files = stuck()
    anonymous = served.client(token="")
    assert anonymous.request("GET", "/healthz").status == 200
    client = served.client()
    files["disk"].touch()
    # Something has to be written for the store to stand still.
    frame = client.frame("tools/call", {
        "name": "send_message", "arguments": {"channel": "#general", "body": "held up"}})
    body = json.dumps(frame).encode()
    with dial(served.port, seconds=60) as waiting:
        waiting.sendall(head(client, frame, "Connection: close", length=len(body)) + body)
        statuses = []

        def fails():
            begun = time.monotonic()
            answer = anonymous.request("GET", "/healthz", seconds=30)
            assert time.monotonic() - begun < FAIL_SECONDS + SLACK_SECONDS
            statuses.append(answer.status)
            assert answer.body in (b"ok\n", b"the store does not answer\n"), "it tells facts"
            return answer.status == 503
        until(fails)
        assert anonymous.request("GET", "/readyz", seconds=30).status == 503
        # The loop goes on meanwhile: what needs no store is answered.
        assert client.request("GET", "/nothing").status == 404
        files["disk"].unlink()
        answer = b""
        while part := waiting.recv(65_536):
            answer += part
    assert b'"outcome":"applied"' in answer
    until(lambda: anonymous.request("GET", "/healthz").status == 200)
    page = client.call("read_channel", channel="#general")["structuredContent"]
    assert [one["text"] for one in page["messages"]] == ["held up"]


def test_s324_a_loop_that_stands_still_answers_nobody(stuck):
    served, files = stuck()
    anonymous = served.client(token="")
    assert anonymous.request("GET", "/healthz").status == 200
    files["loop"].touch()
    with pytest.raises((TimeoutError, socket.timeout)):
        while True:  # A turn that was under way may still answer.
            anonymous.request("GET", "/healthz", seconds=FAIL_SECONDS)
    files["loop"].unlink()
    assert anonymous.request("GET", "/healthz", seconds=30).status == 200


def numbers(served):
    """Every number of the node by its name."""
    text = served.client().request("GET", "/metrics").body.decode()
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name.removeprefix("peer_agent_")] = int(value)
    return found


def test_s324_every_counter_is_what_was_done(serve):  # noqa: F811
    served = serve("ann", "--limit", "requests=0")
    client = served.client()
    before = numbers(served)
    client.call("create_server", name="harbour")  # 1 connection, request, 200
    for number in range(3):
        client.call("send_message", channel="#general", body=str(number))  # 3
    for _ in range(2):
        client.request("GET", "/nothing")  # 2 × 404
    client.request("PUT", body=b"{}")  # 405
    wrong = served.client(token="pat_" + "3" * 64)
    for _ in range(4):
        wrong.post(wrong.frame("tools/list"))  # 4 × 401
    assert push(served.port, [b"GET /\0 HTTP/1.1\r\n\r\n"])[0].startswith(b"HTTP/1.1 400")
    push(served.port, [b"GET /" + b"x" * 3_000 + b" HTTP/1.1\r\n"])  # 414
    legacy = served.client(revision="2025-11-25")
    legacy.initialize()  # 200, 202
    stream = client.post(client.frame("subscriptions/listen", {"notifications": {
        "resourceSubscriptions": ["peer://servers"]}}))
    events = stream.events()
    next(events)  # 1 frame
    served.make_token("--scope", "messaging")
    after = numbers(served)

    def grown(name):
        return after.get(name, 0) - before.get(name, 0)

    # The question before is counted once it was answered, and the one after is under way.
    # Those above, one of a command, and the one on which we asked.
    assert grown("http_connections_total") == 4 + 2 + 1 + 4 + 2 + 2 + 1 + 1 + 1 + 1
    assert grown('http_responses_total{status="404"}') == 2
    assert grown('http_responses_total{status="405"}') == 1
    assert grown('http_responses_total{status="401"}') == 4
    assert grown('http_responses_total{status="400"}') == 1
    assert grown('http_responses_total{status="414"}') == 1
    assert grown('http_responses_total{status="202"}') == 1
    assert grown("http_access_refused_total") == 4
    assert grown("http_stream_frames_total") == 1
    assert grown("http_stream_dropped_total") == grown("http_rate_limited_total") == 0
    assert sum(value - before.get(name, 0) for name, value in after.items()
               if name.startswith("http_malformed_total")) == 2
    assert (after["http_streams"], after["exchanges"], after["sessions"]) == (1, 1, 1)
    assert after["tokens"] == before["tokens"] + 1
    # One announcement each: the server with its channel and key, and three messages.
    page = client.call("list_events", limit=100)["structuredContent"]
    assert after["feed_position"] == page["events"][-1]["feed"]
    assert after["links"] == after["audit_failed"] == 0
    stream.response.close()
    stream.connection.close()
    until(lambda: numbers(served)["http_streams"] == 0)


def test_s324_counters_of_peers_are_what_was_done(serve):  # noqa: F811
    ann, bob = serve("ann"), serve("bob")
    host, guest = ann.client(), bob.client()
    host.call("create_server", name="harbour")
    link = host.call("create_join_link", max_uses=1, confirm=True)["structuredContent"]["link"]
    joined = guest.call("accept_invite", code=link, confirm=True)
    assert not joined.get("isError"), joined
    for served in (ann, bob):
        found = numbers(served)
        assert found["links"] == 1
        assert found['reach_total{what="links_opened"}'] >= 1
        for nothing in ("bad_frames", "events_invalid", "hellos_rejected", "closed_for_score",
                        "dials_failed", "relay_refused", "view_floods"):
            assert found[f'reach_total{{what="{nothing}"}}'] == 0, nothing
        told = json.loads(Shell(served.node).out("status", "--json"))
        assert told["node"]["url"] == served.url
    assert bob.stop() == 0
    until(lambda: numbers(ann)["links"] == 0)
    assert numbers(ann)['reach_total{what="links_closed"}'] >= 1


# S-296

BUCKETS = [
    ("posting", "send_message", lambda n: {"channel": "#general", "body": str(n)}, 20, 60),
    ("small-acts", "mark_read", lambda n: {"channel": "#general"}, 40, 120),
    ("search", "search_messages", lambda n: {"query": f"word{n}"}, 10, 300),
    ("administrative", "create_role", lambda n: {"name": f"role {n}"}, 10, 20),
]


def test_s296_how_often_typing_is_told_is_a_setting(serve):  # noqa: F811
    def told(name, *options):
        served = serve(name, *options)
        client = served.client()
        client.call("create_server", name="harbour")
        for name in ("dock", "quay"):
            client.call("create_channel", name=name)
        outcomes = [client.call("send_typing", channel=name)["structuredContent"]["outcome"]
                    for name in ("#general", "#dock", "#quay", "#quay")]
        unknown = client.call("send_typing", channel="#nowhere")["structuredContent"]
        assert unknown["error"]["code"] == "unknown_channel"
        return outcomes

    assert told("ann") == ["applied"] + ["unchanged"] * 3
    assert told("bob", "--limit", "typing=20/2") == ["applied"] * 2 + ["unchanged"] * 2
    # Others are told of one channel once in 2 s, whatever an operator sets.
    assert told("cyd", "--limit", "typing=0") == ["applied"] * 3 + ["unchanged"]


@pytest.mark.alone
@pytest.mark.parametrize("bucket", BUCKETS, ids=[one[0] for one in BUCKETS])
def test_s296_each_bucket_has_its_burst_and_a_wait_that_is_true(serve, bucket):  # noqa: F811
    name, tool, arguments, burst, per_minute = bucket
    served = serve("ann", "--limit", "requests=0")
    owner = served.client()
    owner.call("create_server", name="harbour")
    client = Kept(served.client(served.make_token("--scope", "full")["token"]))
    other = served.client(served.make_token("--scope", "full")["token"])
    each_ms = 60_000 / per_minute

    def call(number):
        frame = client.client.frame("tools/call", {"name": tool, "arguments": arguments(number)})
        return client.post(frame)[1]["result"]

    begun, done = time.monotonic(), 0
    while not (result := call(done)).get("isError"):
        done += 1
    spent = (time.monotonic() - begun) * 1_000
    assert burst <= done <= burst + spent / each_ms + 1
    error = refusal(result)
    wait = result["structuredContent"].get("retry_after_ms") or error.get("retry_after_ms")
    assert error["code"] == "rate_limited" and 0 < wait <= each_ms
    # Another principal has a bucket of its own.
    assert not other.call(tool, **arguments(1_000)).get("isError")
    # Ever later asking is told ever less, and by as much as has passed.
    asked = time.monotonic()
    while True:
        at = time.monotonic()
        result = call(10_000)
        if not result.get("isError"):
            break
        left = (result["structuredContent"].get("retry_after_ms")
                or refusal(result)["retry_after_ms"])
        told_end = (time.monotonic() - asked) * 1_000 + left
        assert told_end >= 0 and left <= each_ms
        last = (at - asked) * 1_000 + left
    # It was free when it had been said to be free: not before, to a tenth of the wait.
    free = (time.monotonic() - asked) * 1_000
    assert free >= wait * 0.9 - spent * 0.1 - 5, (free, wait)
    assert last >= wait * 0.9 - 5


def test_s296_a_flood_takes_no_turns_from_others(serve):  # noqa: F811
    """Counted, not timed: how many of the flood are answered before the other's one answer."""
    served = serve("ann")
    owner = served.client()
    owner.call("create_server", name="harbour")
    flooding = served.client(served.make_token("--scope", "messaging")["token"])
    other = Kept(served.client(served.make_token("--scope", "messaging")["token"]))
    frame = flooding.frame("tools/list")
    body = json.dumps(frame).encode()
    one = head(flooding, frame, length=len(body)) + body
    quick = other.client.frame("resources/list")
    assert other.post(quick)[0] == 200
    floods, answered = [], []
    for number in range(40):
        floods.append(dial(served.port, seconds=60))
        floods[-1].sendall(one * 50)
        if number % 4 == 0:
            answered.append(other.post(quick)[0])
    assert answered == [200] * 10, "another one pays for it"
    allowed = limited = 0
    for flood in floods:
        received = b""
        try:
            while received.count(b"HTTP/1.1 ") < 50 and (part := flood.recv(1 << 20)):
                received += part
        except ConnectionResetError:
            pass
        flood.close()
        allowed += received.count(b"HTTP/1.1 200 ")
        limited += received.count(b"HTTP/1.1 429 ")
        # The first that is refused ends its connection: the bodies after it are not read.
        assert received.count(b"HTTP/1.1 429 ") <= 1
        for wait in re.findall(rb'"retry_after_ms":(\d+)', received):
            assert 0 < int(wait) <= 20, "50 a second are 20 ms each"
        assert received.count(b"Retry-After: 1\r\n") == received.count(b"HTTP/1.1 429 ")
    seconds = numbers(served)["uptime_seconds"]
    assert 200 <= allowed <= 200 + 50 * (seconds + 1) and limited >= 20
    assert numbers(served)["http_rate_limited_total"] >= limited
