"""HOSTILE, section 3: what must never get through HTTP (H-100 to H-103, H-105, H-113).

Each attack is on a live node in a server of three honest peers; `attacked` checks after it that
nothing ended, hung, changed or grew, and that the honest ones still hear each other.
"""

import itertools
import json
from pathlib import Path

import pytest

from hostile import body_of, dial, fact, head, push, room, statuses, until  # noqa: F401
from http_node import META
from schema import require_schemas

pytestmark = pytest.mark.alone
MIB = 1 << 20
HEADER_BYTES, BODY_BYTES = 16 << 10, 4 << 20
# What the systems on both ends keep for a connection beside what the node reads of it.
SOCKET_BYTES = 20 << 20
SMUGGLED = (b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
            b"Content-Type: application/json\r\n\r\n{}")
ADDRESSES = itertools.count(1)


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def source():
    """An address of this machine that has not failed yet."""
    number = next(ADDRESSES)
    return f"127.1.{number >> 8}.{number & 255}"


def harmful(client):
    """A call that would be seen in the state."""
    return client.frame("tools/call", {
        "name": "create_channel", "arguments": {"name": f"pwned-{client.next_id}"}})


def handled(room):  # noqa: F811
    """How many of the harmful calls the attacked node has written down."""
    client = room.ann.client()
    page = client.result("tools/call", {
        "name": "audit_log", "arguments": {"tool": "create_channel", "limit": 100}})
    return len(page["structuredContent"]["records"])


# H-100

@pytest.mark.parametrize(("host", "lines"), [
    ("localhost", ["Origin: https://evil.example"]),
    ("localhost", ["Origin: null"]),
    ("localhost", ["Origin: http://localhost.evil.example"]),
    ("localhost", ["Origin: http://localhost", "Origin: http://localhost"]),
    ("localhost", ["Origin: http://localhost", "Origin: https://evil.example"]),
    ("localhost", ["Origin: file://"]),
    ("localhost", ["Origin: http://127.0.0.1@evil.example"]),
    ("localhost", ["Origin: http://[::1].evil.example"]),
    ("evil.example", []),
    ("localhost.evil.example", []),
    ("127.0.0.1.nip.example", []),
    ("localhost:1", []),
    ("evil.example", ["Origin: http://localhost"]),
    ("localhost@evil.example", []),
])
def test_h100_no_page_and_no_rebound_name_reaches_a_handler(room, host, lines):  # noqa: F811
    with room.attacked():
        client = room.client()
        frame = harmful(client)
        body = json.dumps(frame).encode()
        before = handled(room)
        raw = head(client, frame, *lines, "Connection: close", host=host, length=len(body))
        answer, _ = push(room.port, [raw + body])
        assert statuses(answer)[0] in (400, 403), answer
        assert statuses(answer) == [403] or host == "localhost@evil.example"
        # Whoever may not ask learns nothing that a page could read.
        assert b"Access-Control-Allow-Origin" not in answer.partition(b"\r\n\r\n")[0]
        assert len(answer) < HEADER_BYTES
        assert handled(room) == before, "the handler ran"


# H-101

def framing(client, *lines, body=b"", version="HTTP/1.1"):
    text = (f"POST /mcp {version}\r\nHost: localhost\r\nAuthorization: Bearer {client.token}\r\n"
            "Content-Type: application/json\r\n")
    return text.encode() + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked"
BROKEN = {
    "both lengths": ([b"Content-Length: 5", CHUNKED], b"0\r\n\r\n"),
    "two lengths": ([b"Content-Length: 5", b"Content-Length: 50"], b"hello"),
    "two equal lengths": ([b"Content-Length: 2", b"Content-Length: 2"], b"{}"),
    "list of lengths": ([b"Content-Length: 2, 2"], b"{}"),
    "plus": ([b"Content-Length: +5"], b"hello"),
    "space before": ([b"Content-Length:  5"], b"hello"),
    "space inside": ([b"Content-Length: 5 5"], b"hello"),
    "negative": ([b"Content-Length: -1"], b""),
    "2^64": ([b"Content-Length: 18446744073709551616"], b""),
    "hexadecimal": ([b"Content-Length: 0x5"], b"hello"),
    "no length": ([b"Content-Length: "], b""),
    "name with space": ([b"Content-Length : 5"], b"hello"),
    "chunk size huge": ([CHUNKED], b"ffffffffffffffff1\r\n"),
    "chunk size negative": ([CHUNKED], b"-1\r\n"),
    "chunk size plus": ([CHUNKED], b"+5\r\nhello\r\n0\r\n\r\n"),
    "chunk size empty": ([CHUNKED], b"\r\n"),
    "chunk size without end": ([CHUNKED], b"0" * 10_000),
    "chunk extension without end": ([CHUNKED], b"5;" + b"x" * 10_000),
    "chunk longer than its size": ([CHUNKED], b"2\r\n{}{}\r\n0\r\n\r\n"),
    "bare LF in a chunk": ([CHUNKED], b"2\n{}\n0\n\n"),
    "coding twice": ([CHUNKED, CHUNKED], b"0\r\n\r\n"),
    "coding unknown": ([b"Transfer-Encoding: gzip, chunked"], b"0\r\n\r\n"),
    "coding spelled oddly": ([b"Transfer-Encoding: xchunked"], b"0\r\n\r\n"),
    "folded": ([b"X: a", b" b: c", b"Content-Length: 0"], b""),
    "bare CR": ([b"X: a\rContent-Length: 5", b"Content-Length: 0"], b""),
    "NUL in a value": ([b"X: a\0b", b"Content-Length: 0"], b""),
    "no colon": ([b"Content-Length 5"], b"hello"),
    "empty name": ([b": 5", b"Content-Length: 0"], b""),
    "second host": ([b"Host: evil.example", b"Content-Length: 0"], b""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_h101_what_can_be_read_in_two_ways_ends_the_connection(room, name):  # noqa: F811
    lines, body = BROKEN[name]
    with room.attacked():
        client = room.client()
        before = room.metric("peer_agent_http_requests_total")
        answer, _ = push(room.port, [framing(client, *lines, body=body) + SMUGGLED * 3])
        status = 501 if name.startswith("coding") else 400
        assert statuses(answer) == [status], "the bytes after it were parsed"
        assert b"connection: close" in answer.lower() and len(answer) < HEADER_BYTES
        # The two questions about the number are the only requests in between.
        assert room.metric("peer_agent_http_requests_total") <= before + 2


# H-102

def test_h102_heads_without_end_are_cut_off(room):  # noqa: F811
    with room.attacked():
        client = room.client()
        start = framing(client, b"Content-Length: 0")[:-2]
        many = (b"X-%d: y\r\n" % number for number in range(10_000))
        for pieces, status, most in [
            ([start + b"X: "] + [b"x" * MIB] * 100, 431, SOCKET_BYTES),
            (itertools.chain([start], many), 431, 10_000 * 12),
            ([b"GET /"] + [b"x" * 10_000] * 100, 414, MIB),
            ([b"x" * MIB], 414, MIB),
            ([start + b"x" * HEADER_BYTES + b": y\r\n"], 431, MIB),
            ([b"\r\n" * 100_000], 400, MIB),
        ]:
            answer, sent = push(room.port, pieces)
            # Where more was under way than is read, a reset may overtake the answer.
            assert statuses(answer) in ([status], []), (status, answer[:80])
            assert sent <= most, f"{sent} bytes were taken"


def test_h102_each_bound_of_a_head_has_its_status(room):  # noqa: F811
    """Just over each bound and not a byte more, so that the answer is always seen."""
    with room.attacked():
        client = room.client()
        start = framing(client, b"Content-Length: 2")[:-2]
        own = start.count(b"\r\n") - 1
        fits = start + b"A: b\r\n" * (100 - own) + b"Connection: close\r\n\r\n{}"
        for data, status in [
            (start + b"A: b\r\n" * (101 - own) + b"\r\n{}", 431),
            (fits.replace(b"A: b\r\n", b"", 1), 400),
            (start + b"A: " + b"x" * HEADER_BYTES + b"\r\n", 431),
            (b"GET /" + b"x" * 2_047 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close"
             b"\r\n\r\n", 404),
            (b"GET /" + b"x" * 2_048 + b" HTTP/1.1\r\n", 414),
        ]:
            answer, _ = push(room.port, [data])
            assert statuses(answer) == [status], (data[:60], answer[:200])


def test_h102_a_thousand_slow_heads_are_each_timed_out(room):  # noqa: F811
    with room.attacked():
        before = room.metric('peer_agent_http_responses_total{status="408"}')
        links = [dial(room.port, f"127.2.0.{1 + number // 200}", seconds=60)
                 for number in range(1_000)]
        for link in links:
            link.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
        answers = [link.recv(4_096) for link in links]
        for link in links:
            link.close()
        assert {statuses(answer)[0] for answer in answers} == {408}
        assert room.metric('peer_agent_http_responses_total{status="408"}') == before + 1_000


# H-103

def test_h103_bodies_over_the_bound_are_refused_unread(room):  # noqa: F811
    with room.attacked():
        client = room.client()
        frame = harmful(client)
        mib = [b"x" * MIB]
        for data, most in [
            # The length alone decides: nothing of the body was sent.
            ([head(client, frame, length=BODY_BYTES + 1)], MIB),
            ([head(client, frame, length=BODY_BYTES + 1)] + mib * 100, SOCKET_BYTES),
            ([head(client, frame, length=10**18)] + mib * 100, SOCKET_BYTES),
            ([head(client, frame, "Transfer-Encoding: chunked")]
             + [b"100000\r\n" + mib[0] + b"\r\n"] * 100, BODY_BYTES + SOCKET_BYTES),
            ([head(client, frame, "Transfer-Encoding: chunked") + b"7fffffff\r\n"]
             + mib * 100, SOCKET_BYTES),
        ]:
            answer, sent = push(room.port, data)
            assert statuses(answer) in ([413], []), answer[:200]
            assert sent <= most, f"{sent} bytes were taken"
        answer, _ = push(room.port, [head(client, frame, length=BODY_BYTES + 1)])
        assert statuses(answer) == [413]
        answer, _ = push(
            room.port, [head(client, frame, "Transfer-Encoding: chunked") + b"400001\r\n"])
        assert statuses(answer) == [413]


def test_h103_nobody_without_a_token_has_a_body_read(room):  # noqa: F811
    with room.attacked():
        client = room.client()
        frame = harmful(client)
        for token, status in [("pat_" + "0" * 64, 401), ("no such", 400)]:
            raw = head(client, frame, length=BODY_BYTES, token=token)
            answer, sent = push(room.port, [raw] + [b"x" * MIB] * 3, source())
            assert statuses(answer) in ([status], [])
            answer, _ = push(room.port, [raw], source())
            assert statuses(answer) == [status], "it waited for the body"


# H-105

def test_h105_tokens_that_are_none_never_reach_a_handler(room):  # noqa: F811
    with room.attacked():
        client = room.client()
        frame = harmful(client)
        body = json.dumps(frame).encode()
        calls = handled(room)
        good = client.token
        for token, status in [
            ("pat_" + "0" * 64, 401), (good[:-1], 401), (good + "0", 401), (good.upper(), 401),
            (good.replace("pat_", "pat-"), 401), ("", 400), ("a b", 400), ("\0", 400),
            (good + "\0", 400), (f"{good} {good}", 400), ("tök", 400),
            ("x" * MIB, 431), (good + "x" * HEADER_BYTES, 431),
        ]:
            raw = head(client, frame, "Connection: close", length=len(body), token=token)
            if not token:
                raw = raw.replace(good.encode(), b"")
            answer, _ = push(room.port, [raw + body], source())
            shown = statuses(answer)
            assert shown == [status] or (status == 431 and shown == []), (token[:80], answer[:80])
        for lines in [[f"Authorization: Bearer {good}"], ["Authorization: Basic eDp5"]]:
            raw = head(client, frame, *lines, "Connection: close", length=len(body))
            answer, _ = push(room.port, [raw + body], source())
            assert statuses(answer) == [400], "two headers were one too many"
        assert handled(room) == calls


def test_h105_a_token_of_another_scope_finds_nothing_by_name(room):  # noqa: F811
    with room.attacked():
        weak = room.client("read-only")
        made_up = weak.ask("tools/call", {"name": "no_such_tool", "arguments": {}})["error"]
        for name, arguments in [
            ("send_message", {"channel": "#general", "body": "x"}),
            ("create_channel", {"name": "pwned"}), ("create_server", {"name": "pwned"}),
            ("create_join_link", {"max_uses": 1, "confirm": True}),
        ]:
            error = weak.ask("tools/call", {"name": name, "arguments": arguments})["error"]
            assert (error["code"], error["message"]) == (
                made_up["code"], made_up["message"].replace("no_such_tool", name))
        denied = weak.ask("resources/read", {"uri": "peer://server/join-links"})["error"]
        assert denied["code"] == 4003 and denied["data"]["needed"] == ["admin"]


def test_h105_a_token_in_an_address_is_worth_nothing_any_more(room):  # noqa: F811
    with room.attacked():
        for shape in ["/mcp?token={}", "/mcp?a=b&access_token={}", "/healthz?{}", "/mcp?x={}&y=1"]:
            client = room.client("full")
            assert client.result("tools/list")["tools"]
            answer = client.request("POST", shape.format(client.token), body=b"{}")
            assert answer.status == 400 and client.token.encode() not in answer.body
            until(lambda: room.ann.client(client.token).post(
                client.frame("tools/list"), {"X": "y"}).status in (401, 429))
            assert client.token not in "\n".join(room.nodes[0].logs[-1].lines)


def test_h105_a_token_revoked_in_mid_stream_ends_what_is_open(room):  # noqa: F811
    with room.attacked():
        made = room.ann.make_token("--scope", "full")
        client = room.ann.client(made["token"])
        stream = client.post(client.frame("subscriptions/listen", {
            "notifications": {"resourceSubscriptions": ["peer://servers"]}}))
        events = stream.events()
        next(events)
        wait = client.frame("tools/call", {
            "name": "wait_for_messages", "arguments": {"timeout_s": 50}})
        body = json.dumps(wait).encode()
        with dial(room.port, seconds=40) as waiting:
            waiting.sendall(head(client, wait, "Connection: close", length=len(body)) + body)
            until(lambda: room.metric("peer_agent_exchanges") >= 2)
            room.nodes[0].command(
                "token", "revoke", made["id"], "--data-dir", str(room.nodes[0].data))
            answer = b""
            while part := waiting.recv(65_536):
                answer += part
        assert statuses(answer) == [401] and body_of(answer)["error"]["code"] == 4001
        assert body_of(answer)["id"] == wait["id"]
        for _ in events:  # It ends.
            pass
        assert room.ann.client(made["token"]).request(
            "POST", body=json.dumps({"_meta": META}).encode()).status == 401


# H-113

LEAVERS = 10_000


def test_h113_ten_thousand_clients_that_leave_before_the_answer_leave_nothing(room):  # noqa: F811
    client = room.client()
    wait = client.frame("tools/call", {
        "name": "wait_for_messages", "arguments": {"timeout_s": 50}})
    look = client.frame("tools/call", {"name": "inbox", "arguments": {}})
    tokens = [room.ann.make_token("--scope", "messaging")["token"] for _ in range(8)]
    frames = []
    for number, token in enumerate(tokens):
        frame = wait if number % 2 else look
        body = json.dumps(frame).encode()
        frames.append(head(client, frame, length=len(body), token=token) + body)

    def leave(count):
        for number in range(count):
            link = dial(room.port, f"127.3.0.{1 + number % 200}")
            link.sendall(frames[number % len(frames)])
            if number % 3 == 0:
                link.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER: a reset, not an end.
            link.close()
            if number % 100 == 99:
                until(lambda: room.metric("peer_agent_http_connections") <= 64)

    leave(500)  # What is kept for the first ones is kept.
    until(lambda: room.metric("peer_agent_exchanges") == 0)
    descriptors = open_files(room)
    with room.attacked():
        leave(LEAVERS)
        until(lambda: room.metric("peer_agent_exchanges") == 0)
        until(lambda: open_files(room) <= descriptors + 4)
        for token in tokens:
            # Sixteen waits at once are a token's bound: none of them is still held.
            told = fact(room.ann.client(token).call("wait_for_messages", timeout_s=0))
            assert told["timed_out"] is True


def open_files(room):  # noqa: F811
    return len(list(Path(f"/proc/{room.ann.process.pid}/fd").iterdir()))
