"""Every tool and every resource under every scope, by the real handler on both transports."""

import json
import subprocess

import pytest

from http_node import serve  # noqa: F401
from raw import RawClient
from schema import MODERN, require_schemas
from test_contract import resources, scopes
from test_events import listen

UNLIMITED = [word for name in ["requests", "administrative", "posting", "small-acts"]
             for word in ("--limit", f"{name}=0")]
SCOPES = ["read-only", "messaging", "admin", "full"]
UNKNOWN, DENIED = -32602, 4003
LETTERS = ["ro", "m", "a", "f"]


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


@pytest.fixture
def served(serve):  # noqa: F811
    served = serve("ann", *UNLIMITED)
    owner = served.client()
    owner.call("create_server", name="harbour")
    owner.call("create_channel", name="dock")
    return served


def tools(client):
    return [tool["name"] for tool in client.result("tools/list")["tools"]]


def uris(client):
    return [one["uri"] for one in client.result("resources/list")["resources"]]


def state(served):
    owner = served.client()
    return owner.call("verify_state")["structuredContent"]["state_hash"]


def spawn(node, options, environment):
    """A process on pipes whose scope nobody has chosen."""
    arguments = node.run_arguments(*options)
    at = arguments.index("--scope")
    del arguments[at:at + 2]
    log = node.new_log()
    process = subprocess.Popen(
        [node.binary, *arguments], env=node.environment | environment, cwd=node.home,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log.writer)
    log.spawned()
    node.processes.append(process)
    return process


def templates(client):
    listed = client.result("resources/templates/list")["resourceTemplates"]
    return [one["uriTemplate"] for one in listed]


def expect_table(client, scope):
    """What is listed is what the tables of the contract give the scope: all of it, no more."""
    own, own_uris = tools(client), uris(client)
    assert sorted(own) == sorted(scopes()[scope])
    fixed, shapes = resources()
    allowed = LETTERS[:SCOPES.index(scope) + 1]
    listed = [uri for uri in own_uris if not uri.startswith("peer://channel/")]
    assert sorted(listed) == sorted(uri for uri, least in fixed.items() if least in allowed)
    assert sorted(templates(client)) == sorted(
        shape for shape, least in shapes.items() if least in allowed)
    return own, own_uris


def expect_bounds(ask, own, everything, all_uris, own_uris):
    """What is not listed is unknown by name, like something that was never there."""
    made_up = ask("tools/call", {"name": "no_such_tool", "arguments": {}})["error"]
    for name in everything:
        reply = ask("tools/call", {"name": name, "arguments": {"no_such": 1}})
        if name in own:
            error = reply["result"]["structuredContent"]["error"]
            assert reply["result"]["isError"] and error["code"] == "invalid_argument", reply
        else:
            assert reply["error"]["code"] == made_up["code"] == UNKNOWN
            assert reply["error"]["message"] == made_up["message"].replace("no_such_tool", name)
    for uri in all_uris:
        reply = ask("resources/read", {"uri": uri})
        if uri in own_uris:
            assert len(reply["result"]["contents"]) == 1
        else:
            assert reply["error"]["code"] == DENIED and reply["error"]["data"]["needed"], reply


def test_s290_each_scope_has_its_tools_and_resources_and_no_others(served):
    owner = served.client()
    everything, all_uris = tools(owner), uris(owner)
    before = state(served)
    for scope in SCOPES:
        token = served.make_token("--scope", scope)["token"]
        client = served.client(token)
        own, own_uris = expect_table(client, scope)
        expect_bounds(client.ask, own, everything, all_uris, own_uris)
    assert set(own) == set(everything) and set(own_uris) == set(all_uris)
    assert state(served) == before


def test_s258_tools_stand_in_the_order_of_the_contract(served):
    assert tools(served.client()) == scopes()["full"]


@pytest.mark.parametrize("scope", SCOPES)
def test_s290_over_a_pipe_as_well(make_node, scope):
    node = make_node("ann", "--server-name", "harbour")
    full = RawClient(node.spawn(), MODERN)
    full.start()
    everything, all_uris = tools(full), uris(full)
    assert full.close() == 0
    client = RawClient(spawn(node, ("--scope", scope, *UNLIMITED), {}), MODERN)
    client.start()
    own, own_uris = expect_table(client, scope)
    expect_bounds(client.ask, own, everything, all_uris, own_uris)
    assert client.close() == 0


def test_s293_a_pipe_is_for_messaging_unless_said_otherwise(make_node):
    node = make_node("ann", "--server-name", "harbour")

    def listed(environment=None, *options):
        client = RawClient(spawn(node, options, environment or {}), MODERN)
        client.start()
        found = tools(client)
        assert client.close() == 0
        return found

    usual = listed()
    assert "send_message" in usual and not {"create_server", "create_role"} & set(usual)
    assert listed({"PEER_AGENT_SCOPE": "messaging"}) == usual
    assert "create_role" in listed({"PEER_AGENT_SCOPE": "admin"})
    reader = listed({"PEER_AGENT_SCOPE": "admin"}, "--scope", "read-only")
    assert "send_message" not in reader and "read_channel" in reader


def test_s292_a_narrow_listener_hears_nothing_above_its_scope(served, serve):  # noqa: F811
    """Answers to a join link are for scope full; the sentinel comes after them."""
    guest = serve("bob", *UNLIMITED)
    reader = guest.make_token("--scope", "read-only")["token"]
    _, told = listen(guest, reader)
    _, named = listen(guest, reader, types=["JoinLinkResponse", "Listening", "MessageReceived"])
    _, all_told = listen(guest)
    owner = served.client()
    link = owner.call("create_join_link", max_uses=1, confirm=True)["structuredContent"]
    joined = guest.client().call("accept_invite", code=link["link"], confirm=True)
    assert not joined.get("isError"), joined
    owner.call("send_message", channel="harbour/#general", body="sentinel")
    assert "JoinLinkResponse" in [one["type"] for one in until_sentinel(all_told)]
    narrow = until_sentinel(told)
    assert "JoinLinkResponse" not in [one["type"] for one in narrow]
    assert [one["type"] for one in until_sentinel(named)] == ["MessageReceived"]
    assert link["link"] not in json.dumps(narrow)


def until_sentinel(told):
    events = []
    while True:
        frame = told.get(timeout=30)
        if frame["method"] != "notifications/peer-agent/event":
            continue
        events.append(frame["params"])
        if events[-1]["type"] == "MessageReceived":
            return events
