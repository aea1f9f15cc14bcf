"""A person is asked before a far-reaching act, in the way of each era."""

import contextlib

import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
import mcp_types as types

from harness import within
from http_node import META, serve  # noqa: F401

MODES = ["auto", "legacy"]


@contextlib.asynccontextmanager
async def over_http(served, mode, callback):
    async with create_mcp_http_client(headers=served.headers) as http:
        transport = streamable_http_client(served.url, http_client=http)
        async with Client(transport, mode=mode, elicitation_callback=callback) as client:
            yield client


@contextlib.asynccontextmanager
async def over_stdio(node, mode, callback):
    log = node.new_log()
    parameters = StdioServerParameters(
        command=node.binary, args=node.run_arguments("--consent", "human"),
        env=node.environment, cwd=node.home)
    transport = stdio_client(parameters, errlog=log.writer)
    async with Client(transport, mode=mode, elicitation_callback=callback) as client:
        log.spawned()
        yield client


async def agree_and_decline(client, recipient, asked, say):
    server = (await client.call_tool("create_server", {"name": "harbour"})).structured_content
    invite = {"recipient_peer_id": recipient, "server": server["server_id"]}
    say.append(types.ElicitResult(action="decline"))
    declined = await client.call_tool("generate_invite", invite)
    assert declined.is_error
    assert declined.structured_content["error"]["code"] == "consent_declined"
    say.append(types.ElicitResult(action="accept", content={"confirm": False}))
    unticked = await client.call_tool("generate_invite", invite)
    assert unticked.structured_content["error"]["code"] == "consent_declined"
    say.append(types.ElicitResult(action="accept", content={"confirm": True}))
    made = await client.call_tool("generate_invite", invite)
    assert made.structured_content["invite_code"].startswith("pa1_")
    assert len(asked) == 3
    for question in asked:
        assert recipient[:16] in question.message or "harbour" in question.message
        assert question.requested_schema["properties"]["confirm"]["type"] == "boolean"


def asker():
    asked, say = [], []

    async def callback(context, params):
        asked.append(params)
        return say.pop()

    return asked, say, callback


@pytest.mark.parametrize("mode", MODES)
@within(40)
async def test_a_person_is_asked_over_http(serve, make_node, mode):  # noqa: F811
    asked, say, callback = asker()
    served = serve("ann", "--consent", "human")
    async with over_http(served, mode, callback) as client:
        await agree_and_decline(client, make_node("bob").peer_id, asked, say)


@pytest.mark.parametrize("mode", MODES)
@within(40)
async def test_a_person_is_asked_over_stdio(make_node, mode):
    asked, say, callback = asker()
    async with over_stdio(make_node("ann"), mode, callback) as client:
        await agree_and_decline(client, make_node("bob").peer_id, asked, say)


@within(30)
async def test_whoever_cannot_be_asked_is_told_so(serve, make_node):  # noqa: F811
    served = serve("ann", "--consent", "human")
    async with over_http(served, "auto", None) as client:
        await client.call_tool("create_server", {"name": "harbour"})
        refused = await client.call_tool("generate_invite", {
            "recipient_peer_id": make_node("bob").peer_id, "confirm": True})
        assert refused.structured_content["error"]["code"] == "consent_required"


def test_an_answer_fits_only_its_question_and_only_once(serve, make_node):  # noqa: F811
    served = serve("ann", "--limit", "administrative=0")
    client = served.client()
    client.call("create_server", name="harbour")
    able = META | {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}
    bob, eve = make_node("bob").peer_id, make_node("eve").peer_id

    def call(recipient, client=client, **answer):
        params = {"name": "generate_invite", "arguments": {"recipient_peer_id": recipient},
                  "_meta": able} | answer
        return client.ask("tools/call", params)

    asked = call(bob)["result"]
    assert asked["resultType"] == "input_required"
    assert list(asked["inputRequests"]) == ["confirm"]
    state = asked["requestState"]
    assert len(state) <= 2_048 and bob not in state
    yes = {"inputResponses": {"confirm": {"action": "accept", "content": {"confirm": True}},
                              "other": {}}}
    other = served.client(served.make_token("--scope", "full")["token"])
    broken = state[:-2] + ("AA" if state[-2:] != "AA" else "BB")
    for wrong in [
        call(eve, requestState=state, **yes), call(bob, other, requestState=state, **yes),
        call(bob, requestState=broken, **yes), call(bob, requestState="", **yes),
        call(bob, requestState="x" * 3_000, **yes),
    ]:
        assert wrong["error"]["code"] == -32602
        assert wrong["error"]["message"] == "requestState is not valid"
    made = call(bob, requestState=state, **yes)["result"]["structuredContent"]
    assert made["invite_code"].startswith("pa1_")
    assert call(bob, requestState=state, **yes)["error"]["code"] == -32602
    # Without an answer it is asked again, five times at most.
    asked = call(bob)["result"]
    for _ in range(4):
        asked = call(bob, requestState=asked["requestState"])["result"]
        assert asked["resultType"] == "input_required"
    ended = call(bob, requestState=asked["requestState"])["result"]
    assert ended["structuredContent"]["error"]["code"] == "consent_required"
    # A state that was used stays used after a restart.
    asked = call(bob)["result"]
    assert "invite_code" in call(
        bob, requestState=asked["requestState"], **yes)["result"]["structuredContent"]
    assert served.stop() == 0
    again = serve(node=served.node)
    client.port = again.port
    assert call(bob, requestState=asked["requestState"], **yes)["error"]["code"] == -32602
