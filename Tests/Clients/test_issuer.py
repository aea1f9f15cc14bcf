"""Tokens of an external issuer beside the node's own: what they open, and how more is asked for."""

import json
import os
import signal
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

from cli import Shell
from harness import within
from http_node import WireClient, serve  # noqa: F401
from issuer import Issuer
from schema import MODERN
from test_events import listen

LEGACY = "2025-11-25"
METADATA = "/.well-known/oauth-protected-resource"


@pytest.fixture
def issuer():
    started = Issuer()
    yield started
    started.stop()


def configure(node, issuer, **more):
    (node.data / "issuer.json").write_text(json.dumps(issuer.keys))
    (node.data / "issuer.json").chmod(0o644)
    settings = {"auth": {"issuer": issuer.url, "jwks_file": "issuer.json"} | more}
    (node.data / "config.json").write_text(json.dumps(settings))


@pytest.fixture
def served(serve, make_node, issuer):  # noqa: F811
    node = make_node("ann", "--server-name", "harbour")
    configure(node, issuer)
    served = serve(node=node)
    issuer.audience = served.url
    return served


def refused(answer, status, code):
    assert answer.status == status, answer.body
    assert "id" not in answer.json and answer.json["error"]["code"] == code
    return answer.headers["www-authenticate"], answer.json["error"]


def call(client, tool, **arguments):
    return client.post(client.frame("tools/call", {"name": tool, "arguments": arguments}))


def until_end(told):
    """The last frame of a listen stream."""
    while "result" not in (frame := told.get(timeout=60)):
        pass
    return frame["result"]


def said(served):
    page = served.client().call("read_channel", channel="#general")["structuredContent"]
    return [one["text"] for one in page["messages"]]


def verified(served, issuer):
    """How often a user with a new token may ask for a comparison of states."""
    client = served.client(issuer.token("read-only"))
    count = 0
    while not call(client, "verify_state").json["result"].get("isError"):
        count += 1
    return count


def test_s298_clients_find_whom_to_ask(served, issuer):
    for path in [METADATA, METADATA + "/mcp"]:
        answer = served.client(token="").request("GET", path)
        assert answer.status == 200 and answer.json == {
            "resource": served.url, "authorization_servers": [issuer.url],
            "scopes_supported": ["read-only", "messaging"],
            "bearer_methods_supported": ["header"]}
    for path in ["/.well-known/oauth-authorization-server", METADATA + "/other", "/register"]:
        assert served.client(token="").request("GET", path).status == 404
    where = f'resource_metadata="http://127.0.0.1:{served.port}{METADATA}/mcp"'
    challenge, _ = refused(call(served.client(token=""), "inbox"), 401, 4001)
    assert challenge == f'Bearer realm="peer-agent", {where}, scope="read-only messaging"'
    challenge, _ = refused(call(served.client("a.b.c"), "inbox"), 401, 4001)
    assert challenge.startswith('Bearer realm="peer-agent", error="invalid_token", ')
    assert where in challenge


@pytest.mark.parametrize("revision", [MODERN, LEGACY])
def test_s298_a_narrow_token_is_told_at_once_what_to_ask_for(served, issuer, revision):
    client = WireClient(served.port, issuer.token("read-only"), revision)
    if revision == LEGACY:
        client.initialize()
    listed = {tool["name"] for tool in client.result("tools/list")["tools"]}
    assert "read_channel" in listed and "send_message" not in listed
    where = f'resource_metadata="http://127.0.0.1:{served.port}{METADATA}/mcp"'

    def needs(answer, needed, scope):
        challenge, error = refused(answer, 403, 4003)
        assert challenge == f'Bearer error="insufficient_scope", scope="{scope}", {where}'
        assert error["data"] == {"needed": [needed]}

    needs(call(client, "send_message", channel="#general", body="x"),
          "messaging", "read-only messaging")
    needs(call(client, "create_role", name="x"), "admin", "read-only admin")
    asked = client.frame("resources/read", {"uri": "peer://audit"})
    needs(client.post(asked), "full", "read-only full")
    asked = client.frame("prompts/get", {
        "name": "onboard_member", "arguments": {"peer_id": served.node.peer_id}})
    needs(client.post(asked), "admin", "read-only admin")
    needs(client.request("GET", "/metrics"), "admin", "read-only admin")
    assert said(served) == [], "the handlers never ran"
    # What does not exist is unknown under every scope.
    assert client.ask("tools/call", {"name": "no_such", "arguments": {}})["error"]["code"] == -32602
    # One step is enough, and what a principal has read is known under each of its tokens.
    client.token = issuer.token("read-only messaging")
    sent = client.call("send_message", channel="#general", body="hello")
    assert sent["structuredContent"]["outcome"] in ("applied", "queued")
    assert said(served) == ["hello"]
    records = served.client().call("audit_log", limit=200)["structuredContent"]["records"]
    assert len([one for one in records if one.get("event") == "scope_refused"]) >= 4


def test_s298_a_wider_token_adds_tools_and_tells_the_session(served, issuer):
    client = WireClient(served.port, issuer.token("read-only"), LEGACY)
    client.initialize()
    stream = client.listen(seconds=30)
    frames = (json.loads(data) for _, data in stream.events() if data)
    before = len(client.result("tools/list")["tools"])
    client.token = issuer.token("read-only messaging admin")
    assert len(client.result("tools/list")["tools"]) > before
    told = {next(frames)["method"] for _ in range(3)}
    assert told == {f"notifications/{kind}/list_changed"
                    for kind in ["tools", "prompts", "resources"]}


def test_s298_a_wider_token_tells_who_listens_and_widens_nothing_else(served, issuer):
    narrow = served.client(issuer.token("read-only"))
    frame = narrow.frame("subscriptions/listen", {"notifications": {
        "toolsListChanged": True, "resourceSubscriptions": ["peer://server/join-links"]}})
    stream = narrow.post(frame, seconds=30)
    frames = (json.loads(data) for _, data in stream.events() if data)
    assert next(frames)["params"]["notifications"] == {"toolsListChanged": True}
    before = {tool["name"] for tool in narrow.result("tools/list")["tools"]}
    wide = served.client(issuer.token("read-only admin"))
    assert before < {tool["name"] for tool in wide.result("tools/list")["tools"]}
    assert next(frames)["method"] == "notifications/tools/list_changed"
    # Once, and the narrow token stays narrow.
    wide.result("tools/list")
    assert {tool["name"] for tool in narrow.result("tools/list")["tools"]} == before
    served.client().call("create_server", name="other")
    served.process.send_signal(signal.SIGTERM)
    assert "result" in next(frames)
    assert served.process.wait(10) == 0, "a second signal would end it at once"


def test_tokens_that_are_not_for_this_server_open_nothing(served, issuer):
    other = Ed25519PrivateKey.generate()
    bad = [
        issuer.token(aud="http://127.0.0.1:1/mcp"), issuer.token(iss="https://other.example"),
        issuer.token(key=other), issuer.token(header={"alg": "none"}),
        issuer.token(header={"kid": "x"}), issuer.token(sub=None), issuer.token(exp=None),
        issuer.token()[:-8],
    ]
    for token in bad:
        challenge, error = refused(call(served.client(token), "inbox"), 401, 4001)
        assert 'error="invalid_token"' in challenge and error["data"]["reason"] == "invalid"
    # Old ones of the right issuer are no guesses; wrong ones shut their address out.
    for _ in range(3):
        _, error = refused(call(served.client(issuer.token(life=-1)), "inbox"), 401, 4001)
        assert error["data"]["reason"] == "expired"
    assert call(served.client(issuer.token()), "inbox").status == 200
    # Too many of them shut out their like, and fill no log.
    old = served.client(issuer.token(life=-1))
    while (answer := call(old, "inbox")).status == 401:
        pass
    assert answer.status == 429 and int(answer.headers["retry-after"]) > 0
    assert call(served.client(issuer.token()), "inbox").status == 200
    for token in bad[:2]:
        refused(call(served.client(token), "inbox"), 401, 4001)
    assert call(served.client(issuer.token()), "inbox").status == 429
    # One record for each address and minute, written when that is over.
    assert served.stop() == 0
    lines = served.node.command(
        "audit", "--json", "--limit", "100", "--data-dir", str(served.node.data)).stdout
    told = [one for one in map(json.loads, lines.splitlines())
            if one.get("event") == "access_refused"]
    assert sum(one["count"] for one in told) == len(bad) + 12


def test_a_token_without_a_scope_is_told_the_least_one(served, issuer):
    challenge, error = refused(call(served.client(issuer.token("openid")), "inbox"), 403, 4003)
    assert 'scope="read-only"' in challenge and error["data"]["needed"] == ["read-only"]


def test_its_end_ends_what_is_open_but_not_the_session(served, issuer):
    issuer.life = 4
    began = time.monotonic()
    used = verified(served, issuer)
    assert used >= 3
    session = WireClient(served.port, issuer.token(), LEGACY)
    session.initialize()
    open_stream = session.listen(seconds=60)
    _, told = listen(served, issuer.token(sub="bob"))
    wait = served.client(issuer.token(sub="eve"))
    answer = wait.post(wait.frame("tools/call", {
        "name": "wait_for_messages", "arguments": {"timeout_s": 50}}), seconds=60)
    assert answer.frames()[-1]["error"]["data"]["reason"] == "expired"
    assert until_end(told)["resultType"] == "complete"
    assert all("result" not in one for one in open_stream.frames()), "it ended, too"
    issuer.life = 600
    session.token = issuer.token()
    assert session.result("tools/list")["tools"], "a newer token finds the session"
    used += verified(served, issuer)
    # 3 at once and 6 a minute, whatever tokens there were.
    assert used <= 3 + (time.monotonic() - began) / 10, used


def test_other_keys_are_taken_over_and_end_what_the_old_ones_signed(served, issuer):
    _, told = listen(served, issuer.token())
    old = issuer.token()
    issuer.key = Ed25519PrivateKey.generate()
    fresh = issuer.token()
    refused(call(served.client(fresh), "inbox"), 401, 4001)
    configure(served.node, issuer)
    served.process.send_signal(signal.SIGHUP)
    assert until_end(told)["resultType"] == "complete"
    assert call(served.client(fresh), "inbox").status == 200
    refused(call(served.client(old), "inbox"), 401, 4001)
    # A file that cannot be used changes nothing.
    (served.node.data / "issuer.json").write_text("{}")
    served.process.send_signal(signal.SIGHUP)
    served.node.logs[-1].wait_for("the configuration stays as it was")
    assert call(served.client(fresh), "inbox").status == 200
    # Another name for this server is one that tokens of before do not have.
    _, told = listen(served, fresh)
    configure(served.node, issuer, resource="https://chat.example/ann")
    served.process.send_signal(signal.SIGHUP)
    assert until_end(told)["resultType"] == "complete"
    refused(call(served.client(fresh), "inbox"), 401, 4001)


def test_a_session_is_known_after_a_restart_to_its_owner(serve, served, issuer):  # noqa: F811
    client = WireClient(served.port, issuer.token(), LEGACY)
    client.initialize()
    assert served.stop() == 0
    again = serve("ann", node=served.node)
    issuer.audience = again.url
    client.port, client.token = again.port, issuer.token()
    assert client.result("tools/list")["tools"]
    client.token = issuer.token(sub="mallory")
    assert client.post(client.frame("tools/list")).status == 404


def test_the_address_behind_a_proxy_is_what_tokens_name(serve, make_node, issuer):  # noqa: F811
    node = make_node("ann", "--server-name", "harbour")
    configure(node, issuer, resource="https://chat.example/ann")
    served = serve(node=node)
    issuer.audience = served.url
    refused(call(served.client(issuer.token()), "inbox"), 401, 4001)
    issuer.audience = "https://chat.example/ann"
    assert call(served.client(issuer.token()), "inbox").status == 200
    told = served.client(token="").request("GET", METADATA + "/ann").json
    assert told["resource"] == "https://chat.example/ann"
    challenge, _ = refused(call(served.client(token=""), "inbox"), 401, 4001)
    assert f'resource_metadata="https://chat.example{METADATA}/ann"' in challenge


class Storage:
    def __init__(self):
        self.tokens = self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@within(60)
async def test_s298_the_official_sdk_finds_the_issuer_and_steps_up(served, issuer, mode):
    came_back = {}

    async def redirect(url):
        async with httpx2.AsyncClient() as browser:
            answer = await browser.get(url)
        came_back.update(
            {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()})

    async def callback():
        return AuthorizationCodeResult(**came_back)

    auth = OAuthClientProvider(
        server_url=served.url, storage=Storage(), redirect_handler=redirect,
        callback_handler=callback, client_metadata=OAuthClientMetadata(
            client_name="desk", redirect_uris=["http://127.0.0.1:1/back"],
            grant_types=["authorization_code"], response_types=["code"]))
    async with httpx2.AsyncClient(auth=auth, timeout=30) as http:
        transport = streamable_http_client(served.url, http_client=http)
        async with Client(transport, mode=mode) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert "send_message" in names and "create_role" not in names
            made = await client.call_tool("create_role", {"name": "pilots"})
            assert not made.is_error and made.structured_content["role_id"]
            listed = await client.list_tools(cache_mode="refresh")
            assert "create_role" in {tool.name for tool in listed.tools}
    assert [sorted(one.split()) for one in issuer.granted] == [
        ["messaging", "read-only"], ["admin", "messaging", "read-only"]]


@pytest.mark.parametrize("auth, keys, words", [
    ({"issuer": "https://x.example"}, None, ["auth.jwks_file"]),
    ({"jwks_file": "k"}, None, ["auth.issuer"]),
    ({"issuer": "https://x.example", "jwks_file": "k"}, None, ["auth.jwks_file", "k"]),
    ({"issuer": "https://x.example", "jwks_file": "k"}, "{}", ["\"keys\""]),
    ({"issuer": "https://x.example", "jwks_file": "k"}, '{"keys": []}', ["Ed25519"]),
    ({"issuer": "https://x.example", "jwks_file": "k"}, "x" * 70_000, ["64 KiB"]),
    ({"issuer": 5}, None, ["auth.issuer", "null"]),
])
def test_s321_an_issuer_that_cannot_be_meant_is_refused(node, auth, keys, words):
    shell = Shell(node)
    (node.data / "config.json").write_text(json.dumps({"auth": auth}))
    if keys is not None:
        (node.data / "k").write_text(keys)
        (node.data / "k").chmod(0o600)
    for command in ["check-config", "run"]:
        said = shell.fails(3, command)
        for word in words:
            assert word in said, said


def test_s321_keys_that_others_can_write_and_plain_addresses_are_refused(node, issuer):
    shell = Shell(node)
    configure(node, issuer)
    assert issuer.url in shell.out("check-config")
    (node.data / "issuer.json").chmod(0o666)
    assert "chmod go-w" in shell.fails(3, "check-config")
    (node.data / "issuer.json").chmod(0o644)
    if os.geteuid() == 0:
        os.chown(node.data / "issuer.json", 65534, -1)
        assert "another user" in shell.fails(3, "check-config")
    said = shell.fails(2, "check-config", "--auth-issuer", "http://issuer.example")
    assert "https" in said
