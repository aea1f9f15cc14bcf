"""What two agents do together, written once for every client library."""

import json
import re
from dataclasses import dataclass
from typing import Any, Awaitable, Callable

# Tools that a node of scope full must offer from the first release on.
TOOLS = {
    "accept_invite", "add_peer", "connection_info", "create_channel", "create_server",
    "generate_invite", "get_message", "inbox", "mark_read", "read_channel", "send_message",
    "send_reply", "set_display_name", "switch_channel", "switch_server", "wait_for_messages",
}
RESOURCES = {
    "peer://identity", "peer://connection", "peer://servers", "peer://server/channels",
    "peer://server/members",
}
MESSAGES_TEMPLATE = "peer://channel/{name}/messages{?after,before,limit,server}"
WAIT_SECONDS = 30
CURSOR = r"c1_[A-Za-z0-9_-]+"
HEX_ID = r"[0-9a-f]{64}"


@dataclass
class Result:
    """A tool's answer, whatever library brought it. `facts` is missing in old revisions."""

    text: str
    facts: dict[str, Any] | None
    is_error: bool

    @classmethod
    def read(cls, content, facts, is_error):
        text = "\n".join(block.text for block in content if block.type == "text")
        return cls(text, facts, bool(is_error))

    @property
    def data(self):
        """The facts of a result whose text is the same JSON."""
        return self.facts if self.facts is not None else json.loads(self.text.split("\n")[0])

    @property
    def cursor(self):
        if self.facts is not None:
            return self.facts["cursor"]
        found = re.findall(CURSOR, self.text)
        assert found, f"no cursor in {self.text!r}"
        return found[-1]

    def shows(self, body):
        """Whether a page holds a message with exactly this text."""
        if self.facts is not None:
            return body in [message["text"] for message in self.facts.get("messages", [])]
        return body in self.text

    @property
    def error_code(self):
        assert self.is_error, f"not an error: {self.text}"
        return self.facts["error"]["code"] if self.facts is not None else self.text


@dataclass
class Peer:
    """One agent: how it calls tools, and whose node it sits on."""

    peer_id: str
    call_raw: Callable[[str, dict[str, Any]], Awaitable[Result]]

    async def call(self, tool, **arguments):
        result = await self.call_raw(tool, arguments)
        assert not result.is_error, f"{tool}: {result.text}"
        return result

    async def refused(self, tool, **arguments):
        result = await self.call_raw(tool, arguments)
        assert result.is_error, f"{tool} was not refused: {result.text}"
        return result

    async def cursor(self):
        return (await self.call("wait_for_messages", timeout_s=0)).cursor

    async def wait_until(self, body, after):
        """Waits, by cursor only, until the message arrives; returns the next cursor."""
        for _ in range(20):
            page = await self.call("wait_for_messages", after=after, timeout_s=WAIT_SECONDS)
            after = page.cursor
            if page.shows(body):
                return after
            timed_out = page.facts.get("timed_out") if page.facts else "No new" in page.text
            assert not timed_out, f"{body!r} did not arrive in {WAIT_SECONDS} s"
        raise AssertionError(f"{body!r} is not among many messages")


async def invite(host, guest, server):
    """The host invites the guest, who accepts; returns the code."""
    unconfirmed = await host.refused(
        "generate_invite", recipient_peer_id=guest.peer_id, server=server)
    assert "consent_required" in unconfirmed.error_code or "confirm" in unconfirmed.text
    made = await host.call(
        "generate_invite", recipient_peer_id=guest.peer_id, server=server, confirm=True)
    code = made.data["invite_code"]
    assert code.startswith("pa1_"), code
    accepted = await guest.call("accept_invite", code=code, confirm=True)
    assert accepted.data["outcome"] in ("applied", "queued"), accepted.text
    assert accepted.data["server_id"] == server
    return code


async def meet_and_chat(host, guest, rounds=3):
    """A new server, an invite, then each waits for the other's words in turn."""
    created = await host.call("create_server", name="harbour")
    assert created.data["outcome"] == "applied", created.text
    server = created.data["server_id"]
    assert re.fullmatch(HEX_ID, server), server
    general = f"{server}/general"

    guest_after = await guest.cursor()
    await host.call("send_message", channel=general, body="said before you came")
    await invite(host, guest, server)
    guest_after = await guest.wait_until("said before you came", guest_after)

    host_after = await host.cursor()
    for number in range(rounds):
        question, answer = f"question {number}: ça va ? 🦊", f"answer {number}"
        asked = await host.call("send_message", channel=general, body=question)
        guest_after = await guest.wait_until(question, guest_after)
        replied = await guest.call(
            "send_reply", channel=general, parent_id=asked.data["message_id"], body=answer)
        assert replied.data["outcome"] in ("applied", "queued"), replied.text
        host_after = await host.wait_until(answer, host_after)

    for peer in (host, guest):
        page = await peer.call("read_channel", channel=general)
        assert all(page.shows(f"answer {number}") for number in range(rounds)), page.text
    return server


async def send_twice_and_too_late(host, guest, server):
    """The same client_msg_id posts once; an answer to old news is refused with what was missed."""
    general = f"{server}/general"
    first = await host.call("send_message", channel=general, body="once", client_msg_id="once-1")
    again = await host.call("send_message", channel=general, body="once", client_msg_id="once-1")
    assert again.data["message_id"] == first.data["message_id"]
    assert again.data["duplicate"] is True
    other = await host.refused("send_message", channel=general, body="2", client_msg_id="once-1")
    assert other.error_code == "conflict"

    before = await guest.call("read_channel", channel=general)
    after = await guest.cursor()
    await host.call("send_message", channel=general, body="you have not seen this")
    await guest.wait_until("you have not seen this", after)
    late = await guest.refused(
        "send_message", channel=general, body="late", expected_seq=before.data["channel_seq"])
    assert late.error_code == "stale"
    assert late.facts["error"]["code"] == "stale"
