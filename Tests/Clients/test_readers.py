"""Who can read a message, as tools tell it, and what of a closed channel others notice."""

import json

import pytest

from hostile import until
from http_node import serve  # noqa: F401
from schema import require_schemas
from test_events_each import OPEN, Cast, Told, fact, has, touch


@pytest.fixture
def cast(serve):  # noqa: F811
    require_schemas()
    return Cast(serve)


def say(client, channel, body):
    return fact(client, "send_message", channel=channel, body=body)["message_id"]


def readers(client, message):
    """What `get_message` says of the readers, and its text."""
    result = client.call("get_message", message_id=message)
    found = result["structuredContent"]
    assert "error" not in found, found
    return found["readers"], result["content"][0]["text"]


def view(client, name, server):
    read = client.result("resources/read", {"uri": f"peer://server/{name}?server={server}"})
    return json.loads(read["contents"][0]["text"])[name]


def pilots(cast):
    """A role that `ann` and `bob` have: only who has one of its roles reads a closed channel."""
    role = fact(cast.ann, "create_role", name="pilots", server=cast.server)["role_id"]
    for name in ("ann", "bob"):
        fact(cast.ann, "assign_role", peer_id=cast.ids[name], role_id=role, server=cast.server)
    return role


def epoch(told, channel):
    """The key that the next rotation of a channel makes."""
    return told.expect("KeyRotated", channel_id=channel)["epoch"]


def test_s124_a_message_says_under_which_key_and_who_holds_it(cast):
    """Open, then closed to all but one role: the same members as the views show."""
    ann, ids, server = cast.ann, cast.ids, cast.server
    open_one = say(ann, cast.general, "for everybody")
    found, text = readers(ann, open_one)
    members = sorted(one["peer_id"] for one in view(ann, "members", server))
    assert members == sorted(ids.values())
    assert (found["members"], found["member_count"]) == (members, 3)
    assert found["also_readable_by"] == [] and found["stale_key"] is False
    assert found["key_made_at"].endswith("Z") and "also readable" not in text
    role = pilots(cast)
    made = fact(ann, "create_channel", name="deck", server=server, roles=[role])["channel_id"]
    closed = say(ann, made, "for pilots")
    found, _ = readers(ann, closed)
    assert found["epoch"] == epoch(cast.told, made)
    [channel] = [one for one in view(ann, "channels", server) if one["id"] == made]
    assert channel["restricted"] and channel["roles"] == [role]
    holders = [one["peer_id"] for one in view(ann, "members", server) if role in one["roles"]]
    assert found["members"] == sorted(holders) == sorted([ids["ann"], ids["bob"]])
    # The other reader's node says the same; whoever is none has no such message.
    until(lambda: has(cast.bob, closed))
    assert readers(cast.bob, closed)[0] == found
    until(lambda: has(cast.cyd, open_one))
    refused = cast.cyd.call("get_message", message_id=closed)["structuredContent"]["error"]
    assert refused["code"] == "unknown_message"


def test_s118_who_comes_to_and_goes_from_a_role_gets_and_loses_the_key(cast):
    ann, ids, server, told = cast.ann, cast.ids, cast.server, cast.told
    role = pilots(cast)
    deck = fact(ann, "create_channel", name="deck", server=server)["channel_id"]
    keys = [epoch(told, deck)]
    everybody = readers(ann, say(ann, deck, "still open"))[0]
    assert everybody["epoch"] == keys[0] and everybody["members"] == sorted(ids.values())
    fact(ann, "set_channel_access", channel=deck, roles=[role], confirm=True)
    keys.append(epoch(told, deck))
    two = readers(ann, say(ann, deck, "closed"))[0]
    assert (two["epoch"], two["members"]) == (keys[1], sorted([ids["ann"], ids["bob"]]))
    fact(ann, "assign_role", peer_id=ids["cyd"], role_id=role, server=server)
    # The key is shared with who comes (PROTOCOL 7.2); who goes takes it along.
    message = say(ann, deck, "cyd, too")
    assert readers(ann, message)[0]["members"] == sorted(ids.values())
    until(lambda: has(cast.cyd, message))
    fact(ann, "unassign_role", peer_id=ids["cyd"], role_id=role, server=server)
    told.expect("RoleUnassigned", peer_id=ids["cyd"])
    last = say(ann, deck, "without cyd")
    found = readers(ann, last)[0]
    assert found["members"] == sorted([ids["ann"], ids["bob"]])
    assert found["also_readable_by"] == []
    told.expect("KeyRotated", channel_id=deck, epoch=found["epoch"])
    assert found["epoch"] not in (*keys, readers(ann, message)[0]["epoch"])
    # What she had the key for, the message says so from now on.
    assert [one["peer_id"] for one in readers(ann, message)[0]["also_readable_by"]] == [ids["cyd"]]
    sentinel = say(ann, cast.general, "sentinel")
    until(lambda: has(cast.cyd, sentinel))
    assert not has(cast.cyd, last)


def test_s118_a_closed_channel_is_silent_for_who_may_not_read_it(cast):
    """`cyd` may read nothing there; every act in it is done, then one that must be heard."""
    ann, ids, server = cast.ann, cast.ids, cast.server
    role = pilots(cast)
    deck = fact(ann, "create_channel", name="deck", server=server, roles=[role])["channel_id"]
    cast.told.expect("ChannelCreated", channel_id=deck)
    before = say(ann, cast.general, "before")
    until(lambda: has(cast.cyd, before))
    told = Told(cast.nodes["cyd"])
    message = say(ann, deck, "a secret")
    touch(ann, message, "another secret")
    fact(ann, "send_typing", channel=deck)
    fact(ann, "send_partial", channel=deck, text="a secr")
    fact(ann, "delete_message", message_id=message)
    sentinel = say(ann, cast.general, "sentinel")
    told.expect("MessageReceived", message_id=sentinel)
    about = [one for one in told.seen if one["data"].get("channel_id") == deck
             or one["data"].get("channel") == "deck"]
    assert [one["type"] for one in about] == []


def test_s112_what_was_sent_before_a_kick_was_known_names_who_else_can_read_it(cast):
    """`bob` writes while nobody could tell him that `cyd` was removed."""
    ann, ids = cast.ann, cast.ids
    known = say(ann, cast.general, "all are here")
    until(lambda: has(cast.bob, known))
    for name in ("bob", "cyd"):
        assert cast.nodes[name].stop() == 0
    fact(ann, "kick_member", peer_id=ids["cyd"], server=cast.server, confirm=True)
    assert cast.nodes["ann"].stop() == 0
    bob = cast.serve(None, *OPEN, node=cast.nodes["bob"].node)
    late = say(bob.client(), cast.general, "is cyd still here?")
    again = cast.serve(None, *OPEN, node=cast.nodes["ann"].node)
    ann = again.client()
    until(lambda: has(ann, late))
    found, text = readers(ann, late)
    assert found["members"] == sorted([ids["ann"], ids["bob"]])
    assert found["also_readable_by"] == [{"peer_id": ids["cyd"], "display_name": "cyd"}]
    # Its author did not know; he would have made another key.
    assert found["stale_key"] is False
    assert "also readable by @cyd" in text and "stale" not in text
    # What is said after that is under a key that she has not.
    after = readers(ann, say(ann, cast.general, "now without her"))[0]
    assert after["epoch"] != found["epoch"] and after["also_readable_by"] == []
