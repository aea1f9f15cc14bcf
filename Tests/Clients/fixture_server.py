"""The conformance fixture server: no tokens, only what MCP 12 lists, both eras at one address."""

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness import ROOT, Log
from http_node import WireClient
from schema import MODERN, extension_schema

LEGACY = "2025-11-25"
EVERYTHING = {"elicitation": {}, "sampling": {}, "roots": {}}
TASKS = {"extensions": {"io.modelcontextprotocol/tasks": {}}}


class FixtureServer:
    """One process; it keeps what it must not forget in a folder of the test."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.start()

    def start(self, port=0):
        log = Log()
        self.process = subprocess.Popen(
            [self.binary, "--data-dir", str(self.folder), "--port", str(port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log.writer)
        log.spawned()
        line = self.process.stdout.readline()
        assert line, "\n".join(log.lines)
        self.url = json.loads(line)["url"]
        self.port = urlsplit(self.url).port

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(10)

    def modern(self, **capabilities):
        return ModernClient(self.port, capabilities)

    def legacy(self, revision=LEGACY, **capabilities):
        client = LegacyClient(self.port, "", revision)
        client.capabilities = capabilities
        client.initialize()
        return client


def fixture_binary():
    built = os.environ.get("PEER_AGENT_BIN")
    folder = Path(built).parent if built else ROOT / ".build/debug"
    path = folder / "mcp-conformance-server"
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not there: run ./dev build")
    return path


class ModernClient(WireClient):
    """Declares the given capabilities with every request."""

    def __init__(self, port, capabilities):
        super().__init__(port, "", MODERN)
        self.capabilities = capabilities
        self.level = None
        self.seen = []

    def frame(self, method, params=None, id=None):
        frame = super().frame(method, params, id)
        meta = frame["params"]["_meta"]
        meta["io.modelcontextprotocol/clientCapabilities"] = self.capabilities
        if self.level:
            meta["io.modelcontextprotocol/logLevel"] = self.level
        return frame

    def round(self, method, params):
        """The result, its notifications in `seen`, checked for its kind."""
        frame = self.frame(method, params)
        answer = self.post(frame)
        self.last = answer
        frames = answer.frames()
        self.seen = frames[:-1]
        for one in self.seen:
            self.schema.check_frame(one)
            assert "id" not in one, "a request on a stream"
        reply = frames[-1]
        assert reply["id"] == frame["id"]
        if "error" in reply:
            self.schema.check_frame(reply)
            return reply
        result = reply["result"]
        assert "io.modelcontextprotocol/serverInfo" in result["_meta"]
        match result["resultType"]:
            case "input_required":
                self.schema.check("InputRequiredResult", result)
            case "task":
                extension_schema("tasks").check("CreateTaskResult", result)
            case kind:
                assert kind == "complete"
                if method.startswith("tasks/"):
                    name = {"get": "GetTaskResult", "update": "UpdateTaskResult",
                            "cancel": "CancelTaskResult"}[method.removeprefix("tasks/")]
                    extension_schema("tasks").check(name, result)
                else:
                    self.schema.check_frame(reply, method)
        return result

    def tool(self, name, responses=None, state=None, /, meta=None, **arguments):
        params = {"name": name, "arguments": arguments}
        if responses is not None:
            params["inputResponses"] = responses
        if state is not None:
            params["requestState"] = state
        if meta:
            params["_meta"] = meta
        return self.round("tools/call", params)


class LegacyClient(WireClient):
    """Answers what the server asks in the middle of a call."""

    capabilities = {}

    def initialize(self):
        greeting = self.result("initialize", {
            "protocolVersion": self.revision, "capabilities": self.capabilities,
            "clientInfo": {"name": "conformance", "version": "1"}})
        self.session = self.last.headers["mcp-session-id"]
        assert self.post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status == 202
        return greeting

    def call_answering(self, name, answers=None, /, meta=None, **arguments):
        """The result, the notifications and the requests of one call."""
        params = {"name": name, "arguments": arguments}
        if meta:
            params["_meta"] = meta
        frame = self.frame("tools/call", params)
        answer = self.post(frame)
        notifications, requests = [], []
        if not answer.is_stream:
            reply = answer.json
            self.schema.check_frame(reply, "tools/call")
            return reply["result"], notifications, requests
        for _, data in answer.events():
            if not data:
                continue
            one = json.loads(data)
            if "method" not in one:
                assert one["id"] == frame["id"]
                self.schema.check_frame(one, "tools/call")
                return one["result"], notifications, requests
            if "id" not in one:
                self.schema.check_frame(one)
                notifications.append(one)
                continue
            self.schema.check_request(one)
            requests.append(one)
            reply = {"jsonrpc": "2.0", "id": one["id"], "result": answers[one["method"]]}
            assert self.post(reply).status == 202
        raise AssertionError("the stream ended without an answer")
