"""The word of a tool for what peers refused by a rule, and the rule beside it (MCP 3.2)."""

import time

import pytest

from hostile import until
from http_node import serve  # noqa: F401
from schema import require_schemas
from test_events_each import OPEN, fact


@pytest.fixture
def pair(serve):  # noqa: F811
    require_schemas()
    return serve("ann", *OPEN), serve("bob", *OPEN)


def refused(client, tool, **arguments):
    """The word and the rule of a refusal."""
    result = client.call(tool, **arguments)
    error = result["structuredContent"].get("error", {})
    assert result.get("isError"), (tool, arguments, result["structuredContent"])
    return error["code"], error.get("rule")


def test_s086_each_way_a_link_can_end_has_its_word(pair):
    ann, bob = [one.client() for one in pair]
    server = fact(ann, "create_server", name="harbour")["server_id"]

    def link(**options):
        return fact(ann, "create_join_link", server=server, confirm=True, **options)
    short = link(max_uses=5, expires_at="1s")
    closed = link(max_uses=5)
    fact(ann, "delete_join_link", link_id=closed["link_id"], server=server)
    over = time.time() + 1
    assert refused(bob, "accept_invite", code=closed["link"], confirm=True) == (
        "unknown_invite", "linkDisabled")
    until(lambda: time.time() > over)
    assert refused(bob, "accept_invite", code=short["link"], confirm=True) == (
        "expired", "linkExpired")
    assert fact(bob, "accept_invite", code=link(max_uses=1)["link"], confirm=True)[
        "server_id"] == server


def test_s057_an_agent_past_each_of_its_limits_is_told_by_word_and_rule(pair):
    ann, bob = [one.client() for one in pair]
    agent = pair[1].node.peer_id
    server = fact(ann, "create_server", name="harbour")["server_id"]
    general = f"{server}/general"
    dock = fact(ann, "create_channel", name="dock", server=server)["channel_id"]
    made = fact(
        ann, "add_agent", peer_id=agent, server=server, channels=[general],
        kinds=["message", "reaction"], events_per_min=4, confirm=True)
    assert made["attenuation"]["events_per_min"] == 4
    code = fact(ann, "generate_invite", recipient_peer_id=agent, server=server, confirm=True)
    fact(bob, "accept_invite", code=code["invite_code"], confirm=True)
    until(lambda: not bob.call("read_channel", channel=dock).get("isError"))
    first = fact(bob, "send_message", channel=general, body="in its place")
    # A channel that the grant leaves out has no such reader; another kind of event is beyond it.
    assert refused(bob, "send_message", channel=dock, body="elsewhere") == (
        "permission_denied", "notReader")
    assert refused(bob, "edit_message", message_id=first["message_id"], new_body="x") == (
        "permission_denied", "attenuated")
    assert refused(bob, "create_channel", name="mine", server=server)[0] == "permission_denied"
    # What was refused used up neither numbers nor its rate.
    sent = [first]
    # What joining took of the minute counts, too.
    while "error" not in (one := bob.call(
            "send_message", channel=general, body="more")["structuredContent"]):
        sent.append(one)
    assert len(sent) <= 4
    assert [one["seq"] for one in sent] == [first["seq"] + n for n in range(len(sent))]
    assert refused(bob, "send_message", channel=general, body="too many") == (
        "quota_exceeded", "overRate")
