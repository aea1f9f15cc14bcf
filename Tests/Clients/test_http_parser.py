"""Holds the HTTP parser against h11, over requests that are whole, broken and smuggled."""

import json
import os
import random
import subprocess

import h11
import pytest

SEED = int(os.environ.get("PEER_SEED", "20260728"))
ROUNDS = int(os.environ.get("PEER_ROUNDS", "4000"))
LIMITS = {"max_incomplete_event_size": 1 << 20}
# What we refuse and h11 lets through, because the RFC lets servers choose.
STRICTER = {
    "badHeader", "badTarget", "badLength", "badChunk", "badRequestLine", "lengthRequired",
    "badTransferCoding", "badExpectation", "badHost", "badVersion", "targetTooLong",
    "headersTooLarge", "bodyTooLarge",
}
# An empty line before a request line, which RFC 9112 section 2.2 lets servers ignore.
BLANK = "no request line received"
# What follows a request that ends its connection; we never look at it.
CLOSED = "Got data when expecting EOF"


@pytest.fixture(scope="module")
def parse(binary):
    process = subprocess.Popen(
        [str(binary), "probe", "http"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(data):
        process.stdin.write(data.hex().encode() + b"\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield run
    process.stdin.close()
    assert process.wait(10) == 0


def by_h11(data):
    """The requests that h11 reads, and whether it refused what follows."""
    connection = h11.Connection(h11.SERVER, **LIMITS)
    connection.receive_data(data)
    found, current = [], None
    try:
        while True:
            event = connection.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                if event is h11.PAUSED and connection.our_state is h11.SEND_RESPONSE:
                    connection.send(h11.Response(status_code=200, headers=[
                        ("content-length", "0")]))
                    connection.send(h11.EndOfMessage())
                    if connection.states[h11.SERVER] is h11.MUST_CLOSE:
                        return found, None
                    connection.start_next_cycle()
                    continue
                return found, None
            if isinstance(event, h11.Request):
                current = {
                    "method": event.method.decode(), "target": event.target.decode("latin-1"),
                    "version": event.http_version.decode(), "body": b""}
            elif isinstance(event, h11.Data):
                current["body"] += event.data
            elif isinstance(event, h11.EndOfMessage):
                found.append(current)
                current = None
            else:
                return found, None
    except h11.RemoteProtocolError as error:
        return found, str(error) or "refused"


def same(ours, theirs):
    return all(
        (one["method"], one["target"], one["version"], bytes.fromhex(one["body"]))
        == (other["method"], other["target"], other["version"], other["body"])
        for one, other in zip(ours, theirs))


def whole(rng):
    """One correct request."""
    method = rng.choice(["GET", "POST", "DELETE", "OPTIONS", "X-ODD"])
    target = "/" + "".join(rng.choices("abc/?=&%20.~", k=rng.randrange(12)))
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
    for _ in range(rng.randrange(4)):
        name = "".join(rng.choices("abcDEF-_!", k=rng.randrange(1, 9)))
        value = "".join(rng.choices("xyz ,;=\t\"", k=rng.randrange(12)))
        lines.append(f"{name}:{rng.choice(['', ' ', '  '])}{value}")
    body = bytes(rng.randrange(256) for _ in range(rng.choice([0, 1, 5, 40])))
    if method == "POST" or rng.random() < 0.2:
        if rng.random() < 0.5:
            lines.append(f"Content-Length: {len(body)}")
            tail = body
        else:
            lines.append("Transfer-Encoding: " + rng.choice(["chunked", "Chunked"]))
            tail = b""
            while body:
                cut = rng.randrange(1, len(body) + 1)
                extension = rng.choice([b"", b"", b";x=1", b";q=\"a b\""])
                tail += f"{cut:{rng.choice('xX')}}".encode() + extension + b"\r\n"
                tail += body[:cut] + b"\r\n"
                body = body[cut:]
            tail += b"0\r\n" + rng.choice([b"", b"", b"Trailer: yes\r\n"]) + b"\r\n"
    else:
        tail = b""
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + tail


SPICES = [
    b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"0", b"5", b"+", b"-", b"\x7f",
    b"\x80", b"Content-Length: 5\r\n", b"Content-Length: 6\r\n", b"content-length:5\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b" folded\r\n",
    b"Transfer-Encoding : chunked\r\n", b"Host: other\r\n", b"HTTP/1.1", b"GET / HTTP/1.1\r\n",
    b"Expect: 100-continue\r\n", b"Content-Length: 0x5\r\n", b"Content-Length: 5, 5\r\n",
    b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n",
]


def broken(rng):
    data = bytearray(b"".join(whole(rng) for _ in range(rng.randrange(1, 3))))
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(data) + 1)
        if rng.random() < 0.4:  # At the beginning of a line, where headers are.
            ends = [i + 2 for i in range(len(data) - 1) if data[i:i + 2] == b"\r\n"]
            place = rng.choice(ends)
        kind = rng.random()
        if kind < 0.6:
            data[place:place] = rng.choice(SPICES)
        elif kind < 0.8 and place < len(data):
            del data[place:place + rng.randrange(1, 4)]
        elif place < len(data):
            data[place] = rng.randrange(256)
    return bytes(data)


def test_whole_requests_are_read_alike(parse):
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    for _ in range(ROUNDS // 4):
        data = b"".join(whole(rng) for _ in range(rng.randrange(1, 4)))
        ours = parse(data)
        theirs, refused = by_h11(data)
        assert "error" not in ours, (ours, data)
        assert not refused, data
        assert len(ours["requests"]) == len(theirs) and same(ours["requests"], theirs), data
        for one, raw in zip(ours["requests"], theirs):
            assert one["headers"][0] == ["host", "localhost"]


def test_broken_requests_hide_nothing(parse):
    """Whatever we accept, h11 reads as exactly the same; whatever it refuses, so do we."""
    rng = random.Random(SEED + 1)
    print(f"seed {SEED}")
    stricter = {}
    for _ in range(ROUNDS):
        data = broken(rng)
        ours = parse(data)
        theirs, refused = by_h11(data)
        assert same(ours["requests"], theirs), (ours, theirs, data)
        if refused in (BLANK, CLOSED):
            continue
        assert len(ours["requests"]) <= len(theirs), (ours, theirs, data)
        if refused and "error" not in ours:
            # We may still be waiting for the end of a line that h11 refuses by its beginning.
            assert not ours["complete"], (ours, theirs, data)
        if "error" in ours and not refused:
            assert ours["error"] in STRICTER, (ours, theirs, data)
            stricter[ours["error"]] = stricter.get(ours["error"], 0) + 1
    print("stricter than h11:", stricter)


REQUEST = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(("data", "status", "error"), [
    (REQUEST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "badLength"),
    (REQUEST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, "badLength"),
    (REQUEST + b"Content-Length: +5\r\n\r\nhello", 400, "badLength"),
    (REQUEST + b"Content-Length:  5\r\n\r\nhello", 400, "badLength"),
    (REQUEST + b"Content-Length: -5\r\n\r\nhello", 400, "badLength"),
    (REQUEST + b"Content-Length: 18446744073709551616\r\n\r\n", 400, "badLength"),
    (REQUEST + b"Content-Length: 4194305\r\n\r\n", 413, "bodyTooLarge"),
    (REQUEST + b"\r\nhello", 411, "lengthRequired"),
    (REQUEST + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n", 400, "badChunk"),
    (REQUEST + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413, "bodyTooLarge"),
    (REQUEST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400, "badChunk"),
    (REQUEST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n", 400, "badChunk"),
    (REQUEST + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 300, 400, "badChunk"),
    (REQUEST + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n", 400, "badChunk"),
    (REQUEST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "badTransferCoding"),
    (REQUEST + b"Transfer-Encoding: chunked, chunked\r\n\r\n", 501, "badTransferCoding"),
    (REQUEST + b"A: b\r\n folded\r\n\r\n", 400, "badHeader"),
    (REQUEST + b"A: b\rc\r\n\r\n", 400, "badHeader"),
    (REQUEST + b"A: b\nC: d\r\n\r\n", 400, "badHeader"),
    (REQUEST + b"A : b\r\n\r\n", 400, "badHeader"),
    (REQUEST + b"A: \0\r\n\r\n", 400, "badHeader"),
    (REQUEST + b"Host: localhost\r\n\r\n", 400, "badHost"),
    (b"GET / HTTP/1.1\r\n\r\n", 400, "badHost"),
    (b"GET / HTTP/2.0\r\n", 505, "badVersion"),
    (b"GET / HTTP/1.2\r\n", 505, "badVersion"),
    (b"GET / http/1.1\r\n", 400, "badRequestLine"),
    (b"GET  / HTTP/1.1\r\n", 400, "badRequestLine"),
    (b"GET http://a/ HTTP/1.1\r\n", 400, "badTarget"),
    (b"GET /" + b"a" * (1 << 20), 414, "targetTooLong"),
    (b"GET /" + b"a" * 2_048 + b" HTTP/1.1\r\n", 414, "targetTooLong"),
    (REQUEST + b"A: " + b"a" * (17 << 10), 431, "headersTooLarge"),
    (REQUEST + b"A: b\r\n" * 10_000, 431, "headersTooLarge"),
    (REQUEST + b"Expect: much\r\nContent-Length: 1\r\n\r\n", 417, "badExpectation"),
])
def test_each_refusal_has_its_code(parse, data, status, error):
    answer = parse(data)
    assert (answer["requests"], answer.get("status"), answer.get("error")) == ([], status, error)
