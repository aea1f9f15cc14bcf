"""The official SDK's first edition, as `test_matrix.py` asks it: at each revision it can offer."""

import contextlib

from mcp import ClientSession, StdioServerParameters, stdio_client, types
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from pydantic import AnyUrl

from matrix_common import Asking, Told, text

SETS_REVISION = True
CLIENTS = [("mcp", one) for one in ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]]


@contextlib.asynccontextmanager
async def connected(library, mode, place, url=None):
    self = Adapter(mode)

    async def elicited(context, params):
        return types.ElicitResult(action="accept", content={"confirm": self.answers.pop()})

    async def note(message):
        if isinstance(message, types.ServerNotification):
            if isinstance(message.root, types.ResourceUpdatedNotification):
                self.told.note(message.root.params.uri)

    async with contextlib.AsyncExitStack() as stack:
        if place.way == "HTTP":
            headers = None if url else place.headers
            http = await stack.enter_async_context(create_mcp_http_client(headers=headers))
            streams = await stack.enter_async_context(
                streamable_http_client(url or place.served.url, http_client=http))
        else:
            log = place.node.new_log()
            streams = await stack.enter_async_context(stdio_client(StdioServerParameters(
                command=place.node.binary, args=place.arguments(),
                env=place.node.environment, cwd=place.node.home), errlog=log.writer))
            log.spawned()
        self.client = await stack.enter_async_context(ClientSession(
            streams[0], streams[1], elicitation_callback=elicited, message_handler=note))
        assert (await self.client.initialize()).protocolVersion == mode
        yield self


class Adapter(Asking):
    def __init__(self, revision):
        self.revision, self.answers, self.told = revision, [], Told()
        self.completes = revision >= "2025-03-26"
        self.is_asked = revision >= "2025-06-18"

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def ask(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments)
        return result.isError, text(result.content) + "\n" + str(result.structuredContent)

    async def call_with_progress(self, tool, told):
        async def note(progress, total, message):
            told.append(progress)

        await self.client.call_tool(tool, {}, progress_callback=note)

    async def read(self, uri):
        return (await self.client.read_resource(AnyUrl(uri))).contents[0].text

    async def told_of(self, uri, act):
        await self.client.subscribe_resource(AnyUrl(uri))
        await act()
        await self.told.wait_for(uri)
        await self.client.unsubscribe_resource(AnyUrl(uri))
        return True

    async def prompt(self, name, arguments):
        return (await self.client.get_prompt(name, arguments)).messages[0].content.text

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(type="ref/prompt", name=prompt)
        done = await self.client.complete(ref, {"name": name, "value": value})
        return done.completion.values
