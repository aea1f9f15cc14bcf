"""An agent that does nothing but wait, whatever happens to its node meanwhile."""

import signal

import pytest

from http_node import serve  # noqa: F401
from schema import require_schemas
from test_events_more import facts, heard

WAITS = 500
UNLIMITED = [word for name in ["requests", "posting", "small-acts"]
             for word in ("--limit", f"{name}=0")]


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


def test_s303_500_waits_over_restarts_and_a_partition_hear_each_message_once(serve):  # noqa: F811
    ann, bob = serve("ann", *UNLIMITED), serve("bob", *UNLIMITED)
    host, guest = ann.client(), bob.client()
    facts(host, "create_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)
    channel = "harbour/#general"
    cursor = facts(host, "inbox")["cursor"]
    seen, sent = [], []

    def again(served, kill):
        if kill:
            served.process.send_signal(signal.SIGKILL)
            served.process.wait()
        else:
            assert served.stop() == 0
        return serve("again", *UNLIMITED, node=served.node)

    def wait(seconds):
        nonlocal cursor
        page = facts(host, "wait_for_messages", after=cursor, timeout_s=seconds, settle_ms=0)
        cursor = page["cursor"]
        seen.extend(one["id"] for one in page.get("messages", []))

    def post(text):
        sent.append(facts(guest, "send_message", channel=channel, body=text)["message_id"])

    for number in range(WAITS):
        post(f"{number}")
        wait(1 if number % 3 == 0 else 0)
        if number in (120, 240):
            # What comes while the agent's own node is down is there after it.
            token = host.token
            ann = again(ann, kill=number == 120)
            assert ann.token == token
            host = ann.client()
        if number == 360:
            gone = heard(guest, "PeerDisconnected")
            assert ann.stop() == 0
            next(gone)
            for apart in range(20):
                post(f"apart {apart}")
            ann = serve("again", *UNLIMITED, node=ann.node)
            host = ann.client()
    while len(seen) < len(sent):
        before = len(seen)
        wait(20)
        assert len(seen) > before, "a message is missing"
    wait(0)
    assert len(seen) == len(set(seen)) == len(sent) == WAITS + 20
    assert set(seen) == {one[:16] for one in sent}
