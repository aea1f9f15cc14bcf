"""The official SDK's second edition and fastmcp, as `test_matrix.py` asks them."""

import contextlib

import fastmcp
import mcp_types as types
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from matrix_common import Asking, Told, text

SETS_REVISION = False
CLIENTS = [("mcp", "auto"), ("mcp", "legacy"), ("fastmcp", "auto"), ("fastmcp", "legacy")]
REVISION = {"auto": "2026-07-28", "legacy": "2025-11-25"}


@contextlib.asynccontextmanager
async def connected(library, mode, place, url=None):
    kind = {"mcp": OfSDK, "fastmcp": OfFastMCP}[library]
    async with kind.open(mode, place, url) as client:
        yield client


class Common(Asking):
    completes = is_asked = True

    def __init__(self, mode):
        self.mode, self.revision, self.answers, self.told = mode, REVISION[mode], [], Told()


class OfSDK(Common):
    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, mode, place, url):
        self = cls(mode)

        async def elicited(context, params):
            return types.ElicitResult(action="accept", content={"confirm": self.answers.pop()})

        async def note(message):
            if isinstance(message, types.ResourceUpdatedNotification):
                self.told.note(message.params.uri)

        options = {"mode": mode, "elicitation_callback": elicited, "message_handler": note}
        async with contextlib.AsyncExitStack() as stack:
            if place.way == "HTTP":
                headers = None if url else place.headers
                http = await stack.enter_async_context(create_mcp_http_client(headers=headers))
                transport = streamable_http_client(url or place.served.url, http_client=http)
            else:
                log = place.node.new_log()
                stack.callback(log.spawned)
                transport = stdio_client(StdioServerParameters(
                    command=place.node.binary, args=place.arguments(),
                    env=place.node.environment, cwd=place.node.home), errlog=log.writer)
            self.client = await stack.enter_async_context(Client(transport, **options))
            assert self.client.protocol_version == self.revision
            yield self

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def ask(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments)
        return result.is_error, text(result.content) + "\n" + str(result.structured_content)

    async def call_with_progress(self, tool, told):
        async def note(progress, total, message):
            told.append(progress)

        await self.client.call_tool(tool, {}, progress_callback=note)

    async def read(self, uri):
        return (await self.client.read_resource(uri)).contents[0].text

    async def told_of(self, uri, act):
        if self.mode == "auto":
            async with self.client.listen(resource_subscriptions=[uri]) as changes:
                await act()
                async for event in changes:
                    return event.uri == uri
        await self.client.subscribe_resource(uri)
        await act()
        await self.told.wait_for(uri)
        await self.client.unsubscribe_resource(uri)
        return True

    async def prompt(self, name, arguments):
        return (await self.client.get_prompt(name, arguments)).messages[0].content.text

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(type="ref/prompt", name=prompt)
        done = await self.client.complete(ref, {"name": name, "value": value})
        return done.completion.values


class OfFastMCP(Common):
    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, mode, place, url):
        self = cls(mode)

        async def elicited(message, kind, params, context):
            return ElicitResult(action="accept", content={"confirm": self.answers.pop()})

        async def note(message):
            root = getattr(message, "root", message)
            if isinstance(root, types.ResourceUpdatedNotification):
                self.told.note(root.params.uri)

        if place.way == "HTTP":
            transport = StreamableHttpTransport(
                url or place.served.url, headers=None if url else place.headers)
        else:
            log = place.node.new_log()
            transport = StdioTransport(
                command=place.node.binary, args=place.arguments(), env=place.node.environment,
                cwd=str(place.node.home), keep_alive=False, log_file=log.writer)
        async with fastmcp.Client(
                transport, mode=mode, elicitation_handler=elicited,
                message_handler=note) as client:
            if place.way == "stdio":
                log.spawned()
            self.client = client
            yield self

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def ask(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments, raise_on_error=False)
        return result.is_error, text(result.content) + "\n" + str(result.structured_content)

    async def call_with_progress(self, tool, told):
        async def note(progress, total, message):
            told.append(progress)

        await self.client.call_tool(tool, {}, progress_handler=note)

    async def read(self, uri):
        return (await self.client.read_resource(uri))[0].text

    async def told_of(self, uri, act):
        return False  # It has no call for it.

    async def prompt(self, name, arguments):
        return (await self.client.get_prompt(name, arguments)).messages[0].content.text

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(type="ref/prompt", name=prompt)
        return (await self.client.complete(ref, {"name": name, "value": value})).values
