"""Nodes of ours as processes, each with an agent on its standard streams."""

import asyncio
import itertools
import json
import os
import re
from pathlib import Path

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}
LINE_BYTES = 8 << 20
WAIT_SECONDS = 50
# About eighty bytes, as people write.
TEXT = "message {} with a text of about eighty bytes, as people write, and no more"
# Without the limits that keep an agent from flooding; those between peers stay.
UNLIMITED = [word for kind in ("posting", "small-acts", "administrative", "requests",
                                 "verify-state", "search")
             for word in ("--limit", f"{kind}=0")]


class Refused(Exception):
    """A tool answered with an error."""


class Node:
    """One running process; `folder` outlives it, so that the same peer can be started again."""

    def __init__(self, program, folder, process):
        self.program, self.folder, self.process = program, folder, process
        self._ids = itertools.count(1)
        self._waiting = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, program, folder, *flags, listen="127.0.0.1:0"):
        folder.mkdir(exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PEER_AGENT_")}
        with open(folder / "log", "ab") as log:
            process = await asyncio.create_subprocess_exec(
                program, "run", "--data-dir", str(folder / "data"), "--name", folder.name,
                "--listen", listen, "--no-lan", "--no-attach", "--scope", "full", "--log-level",
                "info", *UNLIMITED, *flags, stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=log, limit=LINE_BYTES,
                env=kept | {"HOME": str(folder)})
        self = cls(program, folder, process)
        try:
            self.peer_id = (await self.call("connection_info"))["peer_id"]
        except BaseException:
            await self.stop()
            raise
        return self

    async def _read(self):
        while line := await self.process.stdout.readline():
            frame = json.loads(line)
            waiting = self._waiting.pop(frame.get("id"), None)
            if waiting and not waiting.done():
                waiting.set_result(frame)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(EOFError(f"{self.folder.name} ended"))

    # Asking

    def ask(self, method, **parameters):
        """Writes a request; the future is its answer."""
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        frame = {"jsonrpc": "2.0", "id": number, "method": method,
                 "params": parameters | {"_meta": META}}
        self.process.stdin.write(json.dumps(frame).encode() + b"\n")
        return answer

    async def call(self, tool, **arguments):
        """The facts of a tool's answer."""
        return self.facts(await self.ask("tools/call", name=tool, arguments=arguments))

    def facts(self, frame):
        if "result" not in frame:
            raise Refused(f"{self.folder.name}: {frame.get('error')}")
        result = frame["result"]
        if result.get("isError"):
            raise Refused(f"{self.folder.name}: {result['content'][0]['text']}")
        return result["structuredContent"]

    # Messages

    async def post(self, text, channel="#general"):
        return await self.call("send_message", channel=channel, body=text)

    async def post_many(self, count, in_flight=64, mark="", channel="#general"):
        """Posts `count` numbered texts, durably, with that many calls under way."""
        numbers = iter(range(count))

        async def work():
            for number in numbers:
                await self.post(mark + TEXT.format(number), channel)

        await asyncio.gather(*(work() for _ in range(min(in_flight, count))))

    async def place(self):
        """A cursor after everything that is here."""
        return (await self.call("wait_for_messages", timeout_s=0))["cursor"]

    async def wait(self, after, channel="#general"):
        """Waits for news in a channel; returns (messages, the next cursor)."""
        page = await self.call("wait_for_messages", after=after, timeout_s=WAIT_SECONDS,
                               limit=100, channels=[channel])
        return page.get("messages", []), page["cursor"]

    async def count(self, channel="#general"):
        """How many messages of a channel are shown here."""
        return (await self.call("read_channel", channel=channel, limit=1))["channel_seq"]

    async def await_count(self, wanted, channel="#general", every=0.004):
        """Waits until that many messages of a channel can be read."""
        await self.await_channel(channel)
        while await self.count(channel) < wanted:
            await asyncio.sleep(every)

    async def await_channel(self, channel):
        """Waits until a channel of somebody else is here."""
        while True:
            try:
                return await self.count(channel)
            except Refused:
                await asyncio.sleep(0.02)

    # State

    async def connection(self):
        return await self.call("connection_info")

    async def address(self):
        return (await self.connection())["listening"][0]

    async def linked(self):
        return {peer["peer_id"] for peer in (await self.connection())["peers"]}

    async def await_linked(self, others, every=0.05):
        wanted = {one.peer_id for one in others} - {self.peer_id}
        while not wanted <= await self.linked():
            await asyncio.sleep(every)

    async def agrees_with(self, others):
        """Whether all others, by their own word, hold the same state as this node."""
        told = await self.call("verify_state")
        same = {row["peer_id"] for row in told["peers"] if row["agrees"]}
        return {one.peer_id for one in others} - {self.peer_id} <= same

    @property
    def megabytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s*(\d+)", status)[1]) / 1024

    @property
    def processor_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def stop(self):
        """In order by the end of input; what does not end is killed."""
        if self.process.returncode is None:
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), 10)
            except asyncio.TimeoutError:
                if self.process.returncode is None:
                    self.process.kill()
                await self.process.wait()
        self._reader.cancel()


async def join(host, guest):
    """The host invites the guest into its server."""
    invite = await host.call("generate_invite", recipient_peer_id=guest.peer_id, confirm=True)
    await guest.call("accept_invite", code=invite["invite_code"], confirm=True)


async def mesh(bench, count, *flags):
    """A server with `count` members who are all linked with one another and can read it."""
    nodes = await asyncio.gather(*(bench.node(f"peer{n}", *flags) for n in range(count)))
    host = nodes[0]
    await host.call("create_server", name="harbour")
    for guest in nodes[1:]:
        await join(host, guest)
    for node in nodes:
        # Some were told of the others before those had joined.
        for other in nodes:
            if other is not node and other.peer_id not in await node.linked():
                await node.call("add_peer", address=await other.address(), confirm=True)
        await node.await_linked(nodes)
    # The keys are everywhere once everybody has read everybody.
    for node in nodes:
        await node.post(f"{node.folder.name} is here")
    for node in nodes:
        await node.await_count(count, every=0.02)
    return nodes
