"""Events about files, conversations, joining and what waits for a peer."""

import base64
import json

import pytest

from http_node import serve  # noqa: F401
from schema import require_schemas

EVENTS = {"io.modelcontextprotocol/clientCapabilities": {"extensions": {"peer-agent/events": {}}}}
SECONDS = 30


@pytest.fixture(autouse=True)
def schemas():
    require_schemas()


@pytest.fixture
def pair(serve):  # noqa: F811
    return serve("ann").client(), serve("bob").client()


def heard(client, *types):
    """Events of these types from now on."""
    frame = client.frame("subscriptions/listen", {
        "notifications": {"peerEvents": {"types": list(types)}}, "_meta": EVENTS})
    events = client.post(frame, seconds=SECONDS).events()
    acknowledged = json.loads(next(events)[1])
    client.schema.check_frame(acknowledged)
    assert acknowledged["params"]["notifications"]["peerEvents"]["types"] == sorted(types)

    def told():
        for _, data in events:
            params = json.loads(data)["params"]
            assert params["type"] in types and params["at"].endswith("Z")
            yield params["type"], params["data"], params["feed"]
    return told()


def facts(client, tool, **arguments):
    found = client.call(tool, **arguments)["structuredContent"]
    assert "error" not in found, found
    return found


def listed(client, after, *types):
    page = facts(client, "list_events", after=after, types=list(types))
    return [(one["type"], one["data"]) for one in page["events"]]


def test_joining_by_link_is_told_to_who_joins(pair):
    host, guest = pair
    facts(host, "create_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    told = heard(guest, "JoinLinkResponse", "HistorySynced", "JoinLinkDenied")
    joined = facts(guest, "accept_invite", code=link["link"], confirm=True)
    kinds = {}
    while len(kinds) < 2:
        kind, data, feed = next(told)
        assert feed is None
        kinds[kind] = data
    assert kinds["JoinLinkResponse"] == {"invite_data": joined["server_id"]}
    assert kinds["HistorySynced"]["added"] > 0
    assert len(kinds["HistorySynced"]["from_peer"]) == 64


def test_a_refused_link_says_why(pair, serve):  # noqa: F811
    host, guest = pair
    facts(host, "create_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)
    late = serve("carol").client()
    told = heard(late, "JoinLinkDenied")
    refused = late.call("accept_invite", code=link["link"], confirm=True)["structuredContent"]
    assert refused["error"]["code"] == "used_up"
    kind, data, feed = next(told)
    assert (kind, data, feed) == ("JoinLinkDenied", {"reason": "linkExhausted"}, None)


def test_a_file_is_announced_by_its_own_number(pair):
    host, guest = pair
    facts(host, "create_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)
    start = facts(guest, "inbox")["cursor"]
    data = base64.b64encode(b"x" * 1_000).decode()
    sent = facts(host, "share_file_inline", channel="#general", filename="plan.txt", data=data,
                 caption="the plan")
    waited = facts(guest, "wait_for_messages", after=start, timeout_s=20)
    [message] = waited["messages"]
    [(first, _), (second, file)] = listed(guest, start, "MessageReceived", "FileAnnounced")
    assert (first, second) == ("MessageReceived", "FileAnnounced")
    assert file == {
        "channel": "general", "channel_id": file["channel_id"], "filename": "plan.txt",
        "size": 1_000, "from": file["from"], "file_id": sent["file_id"]}
    assert file["from"].startswith(message["from_id"])
    # A message without a file announces none.
    facts(host, "send_message", channel="#general", body="no file")
    facts(guest, "wait_for_messages", after=waited["cursor"], timeout_s=20)
    assert len(listed(guest, start, "FileAnnounced")) == 1


def test_a_conversation_is_announced_to_both(pair):
    host, guest = pair
    facts(host, "create_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)
    ids = [json.loads(one.result("resources/read", {"uri": "peer://identity"})
                      ["contents"][0]["text"])["peer_id"] for one in pair]
    start = facts(guest, "inbox")["cursor"]
    opened = facts(host, "open_direct", peer_ids=[ids[1]], confirm=True)
    facts(host, "send_message", channel=f"@{ids[1]}", body="hello")
    after = facts(host, "list_events", types=["DirectOpened"])["events"]
    assert [one["data"] for one in after] == [
        {"server_id": opened["server_id"], "peer_id": ids[1]}]
    waited = facts(guest, "wait_for_messages", after=start, timeout_s=20)
    assert [one["text"] for one in waited["messages"]] == ["hello"]
    # An event names the conversation as the message does.
    [(_, told)] = listed(guest, start, "MessageReceived")
    assert told["channel"] == waited["messages"][0]["channel"] != ""
    assert listed(guest, start, "DirectOpened") == [
        ("DirectOpened", {"server_id": opened["server_id"], "peer_id": ids[0]})]


def test_what_waits_for_a_peer_is_counted(serve):  # noqa: F811
    ann, bob = serve("ann"), serve("bob")
    host, guest = ann.client(), bob.client()
    facts(host, "create_server", name="harbour")
    link = facts(host, "create_join_link", max_uses=1, confirm=True)
    facts(guest, "accept_invite", code=link["link"], confirm=True)
    gone = heard(host, "PeerDisconnected")
    told = heard(host, "QueueChanged")
    assert bob.stop() == 0
    next(gone)
    for number in [1, 2]:
        sent = facts(host, "send_message", channel="#general", body=str(number))
        assert sent["outcome"] == "queued" and sent["waiting_for"] == "peer"
        _, data, _ = next(told)
        assert data["events"] == number and data["connected_peers"] == 0
        assert data["oldest_at"].endswith("Z")
    queue = facts(host, "connection_info")["queue"]
    assert queue["events"] == 2 and queue["oldest_at"]
    serve(node=bob.node)
    _, data, _ = next(told)
    assert data["events"] == 0 and "oldest_at" not in data and data["connected_peers"] == 1
    assert facts(host, "connection_info")["queue"] == {"events": 0}
