"""What a node writes must be taken by the others: texts that only others would refuse."""

from harness import Node, within
from test_sdk2 import connected, peer


@within(120)
async def test_a_topic_of_two_lines_does_not_silence_its_author(make_node):
    ann, bob = make_node("ann"), make_node("bob")
    async with connected(ann) as ann_client, connected(bob) as bob_client:
        host, guest = peer(ann, ann_client), peer(bob, bob_client)
        server = (await host.call("create_server", name="harbour")).data["server_id"]
        general = f"{server}/general"
        invite = await host.call(
            "generate_invite", recipient_peer_id=bob.peer_id, server=server, confirm=True)
        await guest.call("accept_invite", code=invite.data["invite_code"], confirm=True)
        after = await guest.cursor()
        await host.call("send_message", channel=general, body="before the topic")
        after = await guest.wait_until("before the topic", after)
        try:
            told = await host.call("set_channel_topic", channel=general, topic="boats\nships")
            print("set_channel_topic:", told.data)
        except AssertionError as refused:
            print("refused:", refused)
        await host.call("send_message", channel=general, body="after the topic")
        await guest.wait_until("after the topic", after)


@within(120)
async def test_a_name_with_a_space_at_its_end_does_not_silence_its_owner(
        binary, tmp_path, make_node):
    # `init` refuses it, but has kept it; `run` takes it.
    ann, bob = Node(binary, tmp_path, "Ann "), make_node("bob")
    ann.command("init", "--data-dir", str(ann.data), "--name", ann.name, check=False)
    async with connected(ann) as ann_client, connected(bob) as bob_client:
        host, guest = peer(ann, ann_client), peer(bob, bob_client)
        server = (await host.call("create_server", name="harbour")).data["server_id"]
        general = f"{server}/general"
        invite = await host.call(
            "generate_invite", recipient_peer_id=bob.peer_id, server=server, confirm=True)
        joined = await guest.call("accept_invite", code=invite.data["invite_code"], confirm=True)
        print("joined:", joined.data)
        after = await guest.cursor()
        await host.call("send_message", channel=general, body="anybody here")
        await guest.wait_until("anybody here", after)
