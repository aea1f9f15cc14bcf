"""The page for people: what is handed out to whom. What a browser does with it: ./dev test-page."""

import os
import re
import subprocess

from harness import ROOT
from http_node import exchange, serve  # noqa: F401

FILES = ["/chat", "/chat/chat.css", "/chat/chat.js", "/chat/client.js", "/chat/files.js",
         "/chat/history.js", "/chat/view.js"]
SOURCES = ROOT / "Sources/AgentServer/Page"


def test_the_page_needs_no_token_and_loads_nothing_from_elsewhere(serve):  # noqa: F811
    client = serve().client(token="")
    for path in FILES:
        answer = client.request("GET", path)
        assert answer.status == 200, path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(rb"""(src|href|from)\s*=?\s*["'](https?:)?//""", answer.body), path
    for path in ["/chat/", "/chat/view.js.map", "/chat/..", "/chat/PageFiles.swift"]:
        assert client.request("GET", path).status == 404, path
    assert client.request("POST", "/chat", body=b"{}").status == 405
    assert client.request("GET", "/chat", body=b"x" * 10).status == 413


def test_the_page_is_not_for_other_sites_sockets_or_networks(serve):  # noqa: F811
    served = serve()
    client = served.client(token="")
    assert client.request("GET", "/chat", {"Host": "evil.example"}).status == 403
    assert client.request("GET", "/chat", {"Origin": "https://evil.example"}).status == 403
    away = serve("ben", "--allow-remote", "--allowed-host", "ben.example")
    answer = exchange(
        away.port, b"GET /chat HTTP/1.1\r\nHost: ben.example\r\nConnection: close\r\n\r\n")
    # Bound to loopback it is there for a proxy, too.
    assert answer.startswith(b"HTTP/1.1 200")


def test_what_others_wrote_never_becomes_markup():
    for path in SOURCES.glob("*.js"):
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|DOMParser"
            r"|createContextualFragment|srcdoc|setHTML", path.read_text())
        assert not found, (path, found)


def test_who_asks_for_the_root_is_told_of_the_page(serve):  # noqa: F811
    served = serve("ann")
    answer = served.client(token="").request("GET", "/")
    assert answer.status == 404 and b"/mcp" in answer.body and b"/chat" in answer.body


def test_the_fixture_server_has_no_page(fixtures):
    answer = exchange(
        fixtures.port, b"GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404")


def test_only_a_terminal_is_told_the_token(node):
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [node.binary, *node.run_arguments("--transport", "http", "--bind", "127.0.0.1:0")],
        env=node.environment, cwd=node.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=theirs)
    node.processes.append(process)
    said = ""
    while "for people" not in said or not said.endswith("\n"):
        said += os.read(ours, 4_096).decode()
    token = (node.data / "token").read_text().strip()
    assert re.search(rf"for people: http://127\.0\.0\.1:\d+/chat#{token}\r?\n", said)
    process.terminate()
    assert process.wait(10) == 0
    os.close(theirs)
    os.close(ours)
    process = node.spawn("--transport", "http", "--bind", "127.0.0.1:0")
    node.logs[-1].wait_for(r"for people: http://127\.0\.0\.1:\d+/chat$")
    process.terminate()
    assert process.wait(10) == 0
    assert not any(token in line for line in node.logs[-1].lines)
