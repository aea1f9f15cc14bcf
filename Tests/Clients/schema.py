"""Checks frames against the official schema of their revision, where the files are at hand."""

import functools
import json

from jsonschema import Draft7Validator, Draft202012Validator

from harness import IS_SHARED_EXPECTED, SHARED, need_shared

FOLDER = SHARED / "mcp" / "schema"
MODERN = "2026-07-28"
LEGACY = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
RESULTS = {
    "initialize": "InitializeResult",
    "server/discover": "DiscoverResult",
    "ping": "EmptyResult",
    "tools/list": "ListToolsResult",
    "tools/call": "CallToolResult",
    "resources/list": "ListResourcesResult",
    "resources/templates/list": "ListResourceTemplatesResult",
    "resources/read": "ReadResourceResult",
    "resources/subscribe": "EmptyResult",
    "resources/unsubscribe": "EmptyResult",
    "subscriptions/listen": "SubscriptionsListenResult",
    "prompts/list": "ListPromptsResult",
    "prompts/get": "GetPromptResult",
    "completion/complete": "CompleteResult",
    "logging/setLevel": "EmptyResult",
}


class Schema:
    """One revision's definitions, or nothing at all when the files are absent."""

    unchecked = 0  # Frames and results of the running test that nothing was held against.

    def __init__(self, revision, folder=FOLDER):
        self.revision = revision
        path = folder / f"{revision}.json"
        self.is_present = path.exists()
        if not self.is_present:
            if IS_SHARED_EXPECTED:
                need_shared(path)
            return
        self.root = json.loads(path.read_text())
        self.key = "definitions" if "definitions" in self.root else "$defs"
        self.definitions = self.root[self.key]
        self.kind = Draft7Validator if "draft-07" in self.root["$schema"] else Draft202012Validator

    @functools.lru_cache(maxsize=None)
    def validator(self, name):
        return self.kind({
            "$schema": self.root["$schema"], self.key: self.definitions,
            "$ref": f"#/{self.key}/{name}"})

    def is_absent(self):
        """Whether nothing can be checked, which is counted and said at the end of the run."""
        Schema.unchecked += not self.is_present
        return not self.is_present

    def check(self, name, value):
        if self.is_absent():
            return
        errors = [
            f"  at {'/'.join(map(str, error.absolute_path)) or 'the root'}: {error.message}"
            for error in self.validator(name).iter_errors(value)]
        shown = json.dumps(value, ensure_ascii=False)[:2_000]
        assert not errors, "\n".join([f"not a {name} of {self.revision}:", *errors, shown])

    def first_of(self, *names):
        return next(name for name in names if name in self.definitions)

    def notification(self, method):
        for name, definition in self.definitions.items():
            told = definition.get("properties", {}).get("method", {}).get("const")
            if name.endswith("Notification") and name != "ClientNotification" and told == method:
                return name
        return None

    def check_request(self, frame):
        """A request that the server makes of its client."""
        if self.is_absent():
            return
        for name, definition in self.definitions.items():
            told = definition.get("properties", {}).get("method", {}).get("const")
            if name.endswith("Request") and told == frame["method"]:
                return self.check(name, frame)
        raise AssertionError(f"{self.revision} has no request {frame['method']}")

    def check_frame(self, frame, method=None):
        """`method` is that of the request which `frame` answers, if it answers one."""
        if self.is_absent():
            return
        if "method" in frame:
            name = self.notification(frame["method"])
            assert name, f"{self.revision} has no notification {frame['method']}"
            self.check(name, frame)
        elif "error" in frame:
            if frame.get("id") is not None or self.revision >= "2025-11-25":
                self.check(self.first_of("JSONRPCErrorResponse", "JSONRPCError"), frame)
        else:
            if method in RESULTS:
                self.check(RESULTS[method], frame["result"])
            self.check(self.first_of("JSONRPCResultResponse", "JSONRPCResponse"), frame)


@functools.lru_cache(maxsize=None)
def schema_of(revision):
    return Schema(revision)


@functools.lru_cache(maxsize=None)
def extension_schema(name):
    return Schema(name, SHARED / "mcp" / "extensions")


def require_schemas():
    need_shared(FOLDER)
