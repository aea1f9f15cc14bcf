"""Message brokers that fan messages out: NATS, NATS with its store, and an XMPP room."""

import asyncio
import json
import shutil
import socket
import subprocess
import time

from table import Kind

START_SECONDS = 15
RECEIVERS = 7


class Broker:
    """One sender, `RECEIVERS` receivers; `received(text)` is called once for each that has it."""

    def __init__(self, bench, received):
        self.bench, self.received = bench, received

    async def start(self, *command, **options):
        """Runs a server until the part ends."""
        with open(self.folder / "log", "ab") as log:
            process = await asyncio.create_subprocess_exec(
                *map(str, command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)

        async def stop():
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), 5)
                except asyncio.TimeoutError:
                    if process.returncode is None:
                        process.kill()
                    await process.wait()

        self.bench.on_end(stop)
        return process

    @property
    def folder(self):
        folder = self.bench.folder / type(self).__name__
        folder.mkdir(exist_ok=True)
        return folder


class Nats(Broker):
    title, kind = "NATS", Kind("no", "no", "no (TLS possible)")
    program = "nats-server"
    flags = []

    async def open(self):
        import nats
        await self.start(
            self.program, "--addr", "127.0.0.1", "--port", "-1", "--ports_file_dir", self.folder,
            *self.flags)
        address = await self._address()
        clients = [await nats.connect(address) for _ in range(RECEIVERS + 1)]
        for client in clients:
            self.bench.on_end(client.close)
        self.sender = clients[0]
        await self.subscribe(clients[1:])

    async def _address(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            for file in self.folder.glob("*.ports"):
                if told := file.read_text().strip():
                    return json.loads(told)["nats"][0]
            await asyncio.sleep(0.02)
        raise RuntimeError("nats-server tells no port")

    async def note(self, message):
        self.received(message.data.decode())

    async def subscribe(self, clients):
        for client in clients:
            await client.subscribe("harbour.general", cb=self.note)
            await client.flush()

    async def send(self, text):
        await self.sender.publish("harbour.general", text.encode())
        await self.sender.flush()


class NatsStore(Nats):
    title, kind = "NATS JetStream", Kind("no", "written", "no (TLS possible)")

    @property
    def flags(self):
        return ["--jetstream", "--store_dir", self.folder / "store"]

    async def subscribe(self, clients):
        self.stream = self.sender.jetstream()
        await self.stream.add_stream(name="harbour", subjects=["harbour.*"])
        for client in clients:
            await client.jetstream().subscribe(
                "harbour.general", ordered_consumer=True, cb=self.note)

    async def send(self, text):
        await self.stream.publish("harbour.general", text.encode())


class Prosody(Broker):
    title, kind = "prosody room", Kind("no", "written", "no (TLS possible)")
    program = "prosody"

    async def open(self):
        names = [f"peer{number}" for number in range(RECEIVERS + 1)]
        port = free_port()
        self.configure(port, names)
        process = await self.start(self.program, "--config", self.folder / "prosody.cfg.lua", "-F")
        await answers(port, process)
        self.sent = {}
        clients = [await self.enter(name, port) for name in names]
        self.sender = clients[0]

    def configure(self, port, names):
        data = self.folder / "data"
        accounts = data / "localhost/accounts"
        accounts.mkdir(parents=True)
        for name in names:
            (accounts / f"{name}.dat").write_text('return { ["password"] = "harbour" };\n')
        (self.folder / "prosody.cfg.lua").write_text(f"""
            run_as_root = true
            pidfile = "{self.folder}/prosody.pid"
            data_path = "{data}"
            log = {{ {{ levels = {{ min = "error" }}, to = "console" }} }}
            certificates = "{self.folder}"
            network_backend = "epoll"
            interfaces = {{ "127.0.0.1" }}
            c2s_ports = {{ {port} }}
            modules_enabled = {{ "roster", "saslauth", "disco" }}
            modules_disabled = {{ "s2s", "tls" }}
            authentication = "internal_plain"
            c2s_require_encryption = false
            VirtualHost "localhost"
            Component "rooms.localhost" "muc"
                modules_enabled = {{ "muc_mam" }}
                muc_log_by_default = true
                muc_room_locking = false
        """)

    async def enter(self, name, port):
        import slixmpp
        client = slixmpp.ClientXMPP(f"{name}@localhost", "harbour", plugin_config={
            "feature_mechanisms": {"unencrypted_scram": True}})
        client.enable_starttls = client.enable_direct_tls = False
        client.enable_plaintext = True
        client.register_plugin("xep_0045")
        begun = asyncio.get_running_loop().create_future()
        client.add_event_handler("session_start", lambda _: begun.set_result(None))
        client.add_event_handler("failed_all_auth", lambda told: begun.set_exception(
            RuntimeError("prosody refuses the account")))
        client.add_event_handler("groupchat_message", lambda message: self.note(name, message))
        client.connect("127.0.0.1", port)

        async def leave():
            await client.disconnect(wait=0)

        self.bench.on_end(leave)
        await asyncio.wait_for(begun, START_SECONDS)
        await client.plugin["xep_0045"].join_muc_wait(
            "general@rooms.localhost", name, maxstanzas=0, timeout=START_SECONDS)
        return client

    def note(self, name, message):
        if name != "peer0":
            self.received(message["body"])
        elif waiting := self.sent.pop(message["body"], None):
            waiting.set_result(None)

    async def send(self, text):
        """The room gives it back to its sender as well, which is his receipt."""
        self.sent[text] = asyncio.get_running_loop().create_future()
        waiting = self.sent[text]
        self.sender.send_message(mto="general@rooms.localhost", mbody=text, mtype="groupchat")
        await asyncio.wait_for(waiting, START_SECONDS)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


async def answers(port, process):
    """Waits until something listens there."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.02)
    raise RuntimeError("the server does not listen")


def is_there(broker):
    return shutil.which(broker.program) is not None
