// Speaks to the node's MCP endpoint as any modern client does: one POST for each request.

const version = "2026-07-28";
const meta = {
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientInfo": { name: "peer-agent-page", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
};

/** What the node said no to; `code` is one of docs/errors.md, or a status of HTTP. */
export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class Client {
  #token;
  #ask;
  #next = 0;

  /** @param ask - puts a question to the person: `async (text) => boolean` */
  constructor(token, ask) {
    this.#token = token;
    this.#ask = ask;
  }

  /** Calls a tool and returns its structured result; asks the person where the node wants that. */
  async call(name, args = {}) {
    const params = { name, arguments: args };
    // The node asks five times at most (MCP 9, I4).
    for (;;) {
      const result = await this.#request("tools/call", params, name);
      if (result.resultType === "input_required") {
        params.inputResponses = await this.#answers(result.inputRequests);
        params.requestState = result.requestState;
        continue;
      }
      const value = result.structuredContent ?? {};
      if (result.isError) throw new Refusal(value.error?.code, value.error?.message ?? "refused");
      return value;
    }
  }

  /** Reads a resource that holds JSON. */
  async read(uri) {
    const result = await this.#request("resources/read", { uri }, uri);
    return JSON.parse(result.contents[0].text);
  }

  /** The names of the tools that the token may use. */
  async tools() {
    const names = new Set();
    let cursor;
    do {
      const page = await this.#request("tools/list", cursor ? { cursor } : {});
      for (const tool of page.tools) names.add(tool.name);
      cursor = page.nextCursor;
    } while (cursor);
    return names;
  }

  /** Yields the notifications of one subscription until the node ends it or `signal` does. */
  async *listen(notifications, signal) {
    const response = await this.#post("subscriptions/listen", { notifications }, "", signal);
    for await (const message of events(response)) {
      if (message.error) throw new Refusal(message.error.code, message.error.message);
      if (message.method) yield message;
    }
  }

  async #answers(requests) {
    const answers = {};
    for (const [key, request] of Object.entries(requests)) {
      const confirm = await this.#ask(request.params.message);
      answers[key] = { action: "accept", content: { confirm } };
    }
    return answers;
  }

  async #request(method, params, name) {
    const response = await this.#post(method, params, name);
    for await (const message of events(response)) {
      if (message.error) throw new Refusal(message.error.code, message.error.message);
      if (message.result) return message.result;
    }
    throw new Refusal(response.status, "The node ended the answer early.");
  }

  async #post(method, params, name, signal) {
    this.#next += 1;
    const headers = {
      Authorization: `Bearer ${this.#token}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": version,
      "Mcp-Method": method,
    };
    if (name) headers["Mcp-Name"] = name;
    const body = { jsonrpc: "2.0", id: this.#next, method, params: { ...params, _meta: meta } };
    const response = await fetch("/mcp", {
      method: "POST", headers, body: JSON.stringify(body), signal,
    });
    if (response.status === 401) {
      const said = await response.json();
      throw new Refusal(401, `The token is ${said.error?.data?.reason ?? "not valid"}.`);
    }
    if (response.status === 429) throw new Refusal(429, "Too many requests; wait a moment.");
    return response;
  }
}

/** The JSON-RPC messages of an answer, whether it is one object or a stream. */
async function* events(response) {
  if (!(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) {
    yield await response.json();
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").filter((line) => line.startsWith("data:"));
      const text = data.map((line) => line.slice(5)).join("\n");
      if (text.trim()) yield JSON.parse(text);
    }
  }
}
