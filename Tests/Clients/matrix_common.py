"""What the adapters of the client matrix share."""

import anyio


def text(content):
    return "\n".join(getattr(block, "text", "") for block in content)


class Told:
    """Addresses of resources that a client was told of."""

    def __init__(self):
        self.send, self.receive = anyio.create_memory_object_stream(64)

    def note(self, uri):
        self.send.send_nowait(str(uri))

    async def wait_for(self, uri):
        while await self.receive.receive() != uri:
            pass


class Asking:
    """Calls whose outcome is known beforehand, for adapters that have `ask`."""

    async def call(self, tool, **arguments):
        error, said = await self.ask(tool, arguments)
        assert not error, said
        return said

    async def refused(self, tool, **arguments):
        error, said = await self.ask(tool, arguments)
        assert error, said
        return said
