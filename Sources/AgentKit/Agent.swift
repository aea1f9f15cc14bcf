import FoundationEssentials
import Glibc

/// An agent's seat at a node: it calls tools, waits for messages and answers.
///
/// ```swift
/// let agent = try await Agent.connect(token: token)
/// for try await message in agent.messages() where message.text.hasPrefix("!ping") {
///     try await agent.reply("pong", to: message)
/// }
/// ```
///
/// Calls may run at the same time. A value may be shared between tasks; the connection ends with
/// `close`, or when the last reference goes.
public final class Agent: Sendable {
    let connection: Connection
    /// The process, when this library started it.
    private let child: Child?

    init(_ connection: Connection, child: Child? = nil) {
        self.connection = connection
        self.child = child
    }

    deinit {
        connection.close()
        child?.end()
    }

    /// Takes a seat at the node that runs on a data directory.
    ///
    /// - Parameters:
    ///   - dataDirectory: `nil` = `PEER_AGENT_HOME`, else `~/.peer-agent`.
    ///   - token: made with `peer-agent token create`; `nil` = `PEER_AGENT_TOKEN`. With a token the
    ///     agent has its own name in the audit log, its own read marks, and exactly the token's
    ///     rights. Without one it acts as the owner of the node, within `scope`.
    ///   - scope: `read-only`, `messaging`, `admin` or `full`; ignored with a token.
    ///   - label: what the agent is, for people who look at connections.
    /// - Throws: `AgentError.unreachable` when no node runs there, `refused`.
    public static func connect(
        dataDirectory: String? = nil, token: String? = nil, scope: String = "messaging",
        label: String = "agent"
    ) async throws -> Agent {
        let socket = try NodeSocket.open(dataDirectory ?? NodeSocket.usualDirectory)
        let connection = Connection(reading: socket, writing: socket)
        var hello: [String: Value] = [
            "peer_agent_hello": 1, "scope": .string(scope), "label": .string(label),
        ]
        if let token = token ?? NodeSocket.environment("PEER_AGENT_TOKEN") {
            hello["token"] = .string(token)
        }
        try connection.write(.object(hello))
        let answer = try JSONDecoder().decode(Value.self, from: Data(NodeSocket.line(socket)))
        guard answer["ok"]?.bool == true else {
            throw AgentError.refused(answer["error"]?.string ?? "no reason was given")
        }
        try connection.start()
        return Agent(connection)
    }

    /// Starts a node, or attaches to the one that runs there, and takes its seat.
    ///
    /// - Parameters:
    ///   - program: path of `peer-agent`, or its name to be looked for in `PATH`.
    ///   - arguments: of `peer-agent run`, such as `["--data-dir", path, "--scope", "full"]`.
    /// - Throws: `AgentError.unreachable`.
    public static func spawn(
        program: String = "peer-agent", arguments: [String] = []
    ) async throws -> Agent {
        let child = try Child(program, ["run"] + arguments)
        let connection = Connection(reading: child.output, writing: child.input)
        try connection.start()
        let agent = Agent(connection, child: child)
        // The first answer says that it runs.
        _ = try await connection.request("server/discover", [:])
        return agent
    }

    /// Ends the conversation. Whoever waits gets `AgentError.disconnected`.
    public func close() {
        connection.close()
        child?.end()
    }

    /// Calls a tool by its name and returns its structured content.
    ///
    /// - Throws: `AgentError.tool` with the word and the advice of the tool.
    @discardableResult
    public func call(_ tool: String, _ arguments: [String: Value] = [:]) async throws -> Value {
        let result = try await connection.request(
            "tools/call", ["name": .string(tool), "arguments": .object(arguments)])
        let content = result["structuredContent"] ?? .null
        guard result["isError"]?.bool == true else { return content }
        let text = result["content"]?.array?.first?["text"]?.string
        let error = content["error"]
        throw AgentError.tool(
            code: error?["code"]?.string ?? "error",
            message: error?["message"]?.string ?? text ?? "no reason was given",
            retryAfterMilliseconds: error?["retry_after_ms"]?.integer)
    }

    /// Reads a resource such as `peer://server/members`.
    public func read(_ uri: String) async throws -> Value {
        let result = try await connection.request("resources/read", ["uri": .string(uri)])
        guard let text = result["contents"]?.array?.first?["text"]?.string else {
            throw AgentError.badAnswer("\(uri) has no text")
        }
        return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}
