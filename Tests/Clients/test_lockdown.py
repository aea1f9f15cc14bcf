"""A token in lockdown is shown no text of authors whose key was not compared."""

import json

import pytest

from http_node import serve  # noqa: F401
from schema import require_schemas

WITHHELD = "[withheld: author not verified]"


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def test_texts_of_unverified_authors_are_withheld_everywhere(serve, make_node):  # noqa: F811
    ann, bob = serve("ann"), serve("bob")
    host, guest = ann.client(), bob.client()
    host.call("create_server", name="harbour")
    link = host.call("create_join_link", max_uses=1, confirm=True)["structuredContent"]["link"]
    guest.call("accept_invite", code=link, confirm=True)
    start = host.call("inbox")["structuredContent"]["cursor"]
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
    # Compared keys count; and the owner's other tokens were never held to it.
    host.call("set_contact", peer_id=guest_id, verified=True, confirm=True)
    page = locked.call("read_channel", channel="#general")["structuredContent"]["messages"]
    assert page[0]["text"] == "a xyzzy secret"
