"""A token in lockdown is shown no text of authors whose key was not compared."""

import json

import pytest

from hostile import until
from http_node import serve  # noqa: F401
from schema import require_schemas

WITHHELD = "[withheld: author not verified]"


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def met(serve):  # noqa: F811
    """Both nodes, clients of both in one server, and where Ann's news begin."""
    ann, bob = serve("ann"), serve("bob")
    host, guest = ann.client(), bob.client()
    host.call("create_server", name="harbour")
    link = host.call("create_join_link", max_uses=1, confirm=True)["structuredContent"]["link"]
    guest.call("accept_invite", code=link, confirm=True)
    return ann, bob, host, guest, host.call("inbox")["structuredContent"]["cursor"]


def test_texts_of_unverified_authors_are_withheld_everywhere(serve, make_node):  # noqa: F811
    ann, _, host, guest, start = met(serve)
    guest.call("send_message", channel="harbour/#general", body="a xyzzy secret")
    waited = host.call("wait_for_messages", after=start, timeout_s=20)["structuredContent"]
    [message] = waited["messages"]
    assert message["text"] == "a xyzzy secret"
    own = host.call("send_message", channel="#general", body="an own plover text")
    guest_id = host.call("get_message", message_id=message["id"])[
        "structuredContent"]["messages"][0]["from_id"]

    made = ann.make_token("--scope", "messaging", "--lockdown", "--toolsets", "messaging,reading")
    locked = ann.client(made["token"])
    answers = [
        locked.call("read_channel", channel="#general"), locked.call("inbox"),
        locked.call("wait_for_messages", after=start, timeout_s=0),
        locked.call("get_message", message_id=message["id"]),
        locked.call("read_thread", message_id=message["id"]),
        locked.call("search_messages", query="xyzzy"),
        locked.call("list_events", after=start),
        locked.result("resources/read", {"uri": "peer://channel/general/messages"}),
        locked.result("resources/read", {"uri": f"peer://message/{message['id']}"}),
        locked.result("prompts/get", {"name": "catch_me_up", "arguments": {}}),
    ]
    assert "xyzzy secret" not in json.dumps(answers)
    page = answers[0]["structuredContent"]["messages"]
    assert [one["text"] for one in page] == [WITHHELD, "an own plover text"]
    assert answers[5]["structuredContent"]["messages"] == []
    assert own["structuredContent"]["outcome"] in ("applied", "queued")
    # A quote is withheld by whose words it holds, not by whose message it stands in.
    own_id = own["structuredContent"]["message_id"]
    answered = host.call("send_reply", parent_id=message["id"], body="an own answer")
    from_own = answered["structuredContent"]["cursor"]
    guest.call("wait_for_messages", channels=["harbour/#general"], timeout_s=0)
    until(lambda: not guest.call("get_message", message_id=own_id).get("isError"))
    guest.call("send_reply", parent_id=own_id, body="a xyzzy answer")
    host.call("wait_for_messages", after=from_own, timeout_s=20)
    page = locked.call("read_channel", channel="#general", format="detailed")
    [mine, theirs] = page["structuredContent"]["messages"][-2:]
    assert (mine["text"], mine["reply_preview"]["text"]) == ("an own answer", WITHHELD)
    assert (theirs["text"], theirs["reply_preview"]["text"]) == (WITHHELD, "an own plover text")
    # Compared keys count; and the owner's other tokens were never held to it.
    host.call("set_contact", peer_id=guest_id, verified=True, confirm=True)
    page = locked.call("read_channel", channel="#general")["structuredContent"]["messages"]
    assert page[0]["text"] == "a xyzzy secret"


def test_the_first_post_where_a_cloud_reads_along_is_asked_about(serve, make_node):  # noqa: F811
    ann, bob, host, guest, start = met(serve)
    guest.call("set_profile", data_policy="cloud:acme", server="harbour")
    guest.call("send_message", channel="harbour/#general", body="the profile came before this")
    waited = host.call("wait_for_messages", after=start, timeout_s=20)["structuredContent"]
    assert len(waited["messages"]) == 1
    role = host.call("create_role", name="crew")["structuredContent"]["role_id"]
    host.call("assign_role", peer_id=ann.node.peer_id, role_id=role)
    host.call("create_channel", name="inner", roles=[role])
    locked = ann.client(ann.make_token(
        "--scope", "messaging", "--lockdown", "--toolsets", "messaging,files")["token"])
    asked = locked.call("send_message", channel="#general", body="plans")["structuredContent"]
    assert asked["error"]["code"] == "consent_required"
    for word in ("cloud:acme", "bob", bob.node.peer_id):
        assert word in asked["error"]["message"], asked
    shared = {"channel": "#general", "filename": "a.txt", "data": "aGk="}
    for refused in [
        locked.call("share_file_inline", **shared),
        locked.call("send_reply", parent_id=waited["messages"][0]["id"], body="me, too"),
    ]:
        assert refused["structuredContent"]["error"]["code"] == "consent_required", refused
    # Where the one with the cloud does not read, and for tokens without lockdown, nothing is asked.
    inner = locked.call("send_message", channel="#inner", body="plans")["structuredContent"]
    assert inner["outcome"] in ("applied", "queued"), inner
    free = host.call("send_message", channel="#general", body="plans")["structuredContent"]
    assert free["outcome"] in ("applied", "queued"), free
    # Once is enough, also across a restart of the node.
    first = locked.call("send_message", channel="#general", body="plans", confirm=True)
    assert first["structuredContent"]["outcome"] in ("applied", "queued"), first
    assert ann.stop() == 0
    again = serve(node=ann.node).client(locked.token)
    later = again.call("send_message", channel="harbour/#general", body="more")
    assert later["structuredContent"]["outcome"] in ("applied", "queued"), later
    filed = again.call("share_file_inline", **shared | {"channel": "harbour/#general"})
    assert filed["structuredContent"]["outcome"] in ("applied", "queued"), filed
