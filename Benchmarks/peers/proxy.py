"""A TCP proxy that counts what passes, and that can be cut and healed."""

import asyncio
import time

PIECE = 1 << 16
HOST = "127.0.0.1"


class Passage:
    """One connection: bytes each way, and when it began and last carried anything."""

    def __init__(self):
        self.begun = self.last = time.perf_counter()
        self.out, self.back = bytearray(), bytearray()
        self.bytes_out = self.bytes_back = 0

    def note(self, data, is_out, keeps):
        self.last = time.perf_counter()
        if is_out:
            self.bytes_out += len(data)
        else:
            self.bytes_back += len(data)
        if keeps:
            (self.out if is_out else self.back).extend(data)


class Proxy:
    """Passes connections on to (host, port); `out` is from who dials, `back` is to him.

    With `keeps` the bytes themselves are kept, for who knows where a message ends; connections are
    passed on from the address `source`.
    """

    def __init__(self, host, port, keeps=False, source=HOST):
        self.target, self.keeps, self.source = (host, port), keeps, source
        self.passages = []
        self._tasks = set()
        self._server = self._port = None

    async def open(self):
        """Listens: any port at first, the same one after a cut."""
        self._server = await asyncio.start_server(self._pass, HOST, self._port or 0)
        self._port = self._server.sockets[0].getsockname()[1]

    @property
    def address(self):
        return f"{HOST}:{self._port}"

    async def cut(self):
        """Ends every connection and takes no more."""
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def await_passage(self, number):
        """Waits until so many connections were passed on, and returns that one."""
        while len(self.passages) < number:
            await asyncio.sleep(0.002)
        return self.passages[number - 1]

    async def await_quiet(self, passage, seconds):
        """Waits until nothing has passed for so long."""
        while time.perf_counter() - passage.last < seconds:
            await asyncio.sleep(0.05)

    async def _pass(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        ends = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection(
                *self.target, local_addr=(self.source, 0))
            ends.append(far_writer)
            passage = Passage()
            self.passages.append(passage)
            await asyncio.gather(
                self._pump(reader, far_writer, passage, True),
                self._pump(far_reader, writer, passage, False))
        except (OSError, asyncio.CancelledError):
            pass  # The other end is not there, or it is cut: both sides see the end.
        finally:
            for end in ends:
                end.transport.abort()
            self._tasks.discard(task)

    async def _pump(self, reader, writer, passage, is_out):
        while data := await reader.read(PIECE):
            passage.note(data, is_out, self.keeps)
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError


def records(data):
    """Lengths of Noise messages in a stream, the two bytes before each left out."""
    found, at = [], 0
    while at + 2 <= len(data):
        length = int.from_bytes(data[at:at + 2], "big")
        found.append(length)
        at += 2 + length
    return found
