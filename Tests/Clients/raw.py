"""A client that writes bytes and looks at bytes: no library hides what the node sends."""

import json
import queue
import threading
import time

from jsonschema import Draft202012Validator

from schema import LEGACY, MODERN, schema_of

REPLY_SECONDS = 10
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}
END = object()


class RawClient:
    """Speaks one revision on a node's pipes and checks every frame it receives.

    `lines` keeps the bytes of each frame, because JSON libraries round large numbers.
    """

    def __init__(self, process, revision):
        self.process = process
        self.revision = revision
        self.schema = schema_of(revision)
        self.lines = []
        self.methods = {}
        self.output_schemas = {}
        self.notifications = []
        self._next_id = 100
        self._queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._queue.put(line)
        self._queue.put(END)

    # Writing

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, frame, end="\n"):
        for one in frame if isinstance(frame, list) else [frame]:
            if isinstance(one, dict) and "id" in one and "method" in one:
                self.methods[json.dumps(one["id"])] = one["method"]
        self.write((json.dumps(frame, ensure_ascii=False) + end).encode())

    def request(self, method, params=None, id=None):
        """A request frame with the envelope of this revision."""
        if id is None:
            self._next_id += 1
            id = self._next_id
        frame = {"jsonrpc": "2.0", "id": id, "method": method}
        if self.revision == MODERN:
            params = (params or {}) | {"_meta": META | (params or {}).get("_meta", {})}
        return frame | ({"params": params} if params is not None else {})

    def notify(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    # Reading

    def receive(self, seconds=REPLY_SECONDS):
        """The next line as a frame, or as a list of frames where batches exist."""
        try:
            line = self._queue.get(timeout=max(seconds, 0))
        except queue.Empty:
            raise AssertionError(f"no frame within {seconds} s") from None
        assert line is not END, "the node closed its output"
        assert line.endswith(b"\n") and not line.endswith(b"\r\n"), line[-40:]
        frame = json.loads(line.decode("utf-8"))  # Both are strict.
        self.lines.append(line)
        if isinstance(frame, list):
            assert self.revision == "2025-03-26", "only that revision has batches"
            for one in frame:
                self._check(one)
        else:
            self._check(frame)
        return frame

    def _check(self, frame):
        assert frame.get("jsonrpc") == "2.0", frame
        answered = self.methods.pop(json.dumps(frame.get("id")), None)
        self.schema.check_frame(frame, answered)
        if answered == "tools/list" and "result" in frame:
            for tool in frame["result"]["tools"]:
                self.output_schemas[tool["name"]] = tool.get("outputSchema")

    def answer(self, id, seconds=REPLY_SECONDS):
        """The response with exactly this id; notifications on the way are kept aside."""
        deadline = time.monotonic() + seconds
        while True:
            frame = self.receive(deadline - time.monotonic())
            if "method" in frame:
                self.notifications.append(frame)
                continue
            is_ours = json.dumps(frame.get("id")) == json.dumps(id)
            assert is_ours, f"not the answer to {id!r}: {frame}"
            return frame

    def ask(self, method, params=None, id=None):
        frame = self.request(method, params, id)
        self.send(frame)
        return self.answer(frame["id"])

    def result(self, method, params=None):
        response = self.ask(method, params)
        assert "result" in response, response
        return response["result"]

    def error(self, method, params=None):
        response = self.ask(method, params)
        assert "error" in response, response
        return response["error"]

    def call(self, tool, **arguments):
        """Calls a tool and holds its facts against the schema that the tool advertises."""
        result = self.result("tools/call", {"name": tool, "arguments": arguments})
        if schema := self.output_schemas.get(tool):
            Draft202012Validator(schema).validate(result["structuredContent"])
        return result

    def start(self):
        """Settles the era of the pipe, as a client of this revision does."""
        if self.revision in LEGACY:
            greeting = self.result("initialize", {
                "protocolVersion": self.revision, "capabilities": {},
                "clientInfo": {"name": "raw", "version": "1"}})
            assert greeting["protocolVersion"] == self.revision
            self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
            return greeting
        return self.result("server/discover")

    def nothing_more(self):
        """Shows that no other frame is under way: the next answer is to a question asked now."""
        self.result("ping" if self.revision in LEGACY else "server/discover")

    def close(self, seconds=5):
        """Ends our side; returns the exit code, after checking that nothing odd was written."""
        self.process.stdin.close()
        code = self.process.wait(seconds)
        while (line := self._queue.get(timeout=seconds)) is not END:
            json.loads(line.decode("utf-8"))
        return code
