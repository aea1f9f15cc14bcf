import AgentServer
import Glibc
import PeerNet
import PeerState

extension Limits {
    /// How long a command waits for an answer of the node on its own machine.
    static let nodeAnswerTimeout = Milliseconds.seconds(60)
}

/// A conversation of this user with a running node: tools and resources over the socket file.
///
/// Calls block the thread until the node has answered; letting go ends the conversation.
/// - Isolation: one thread. Source: MCP 9.7.
final class NodeClient {
    private static let version = "2026-07-28"

    let descriptor: Int32
    private var reader: LineReader
    private var lastRequest: Int64 = 0
    private var early: [Int64: JSON] = [:]
    /// Events that have come since they were last taken.
    private var events: [JSON] = []

    /// Begins one; returns `nil` when no node listens there.
    ///
    /// - Parameter label: which of the owner's programs asks.
    /// - Errors: `nodeRefused`, `nodeUnreachable`.
    static func open(
        dataDirectory: String, label: String = "command line"
    ) throws(CLIFailure) -> NodeClient? {
        let socket = SocketFile.connect(SocketFile.path(in: dataDirectory), timeoutSeconds: nil)
        guard socket >= 0 else { return nil }
        let client = NodeClient(socket)
        try client.greet(label)
        return client
    }

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        reader = LineReader(descriptor)
    }

    deinit {
        close(descriptor)
    }

    private func greet(_ label: String) throws(CLIFailure) {
        try Output.write(HelloLine(label: label).encoded, to: descriptor)
        let deadline = SystemClock.now() + Limits.nodeAnswerTimeout
        guard let answer = try reader.line(before: deadline) else { throw gone() }
        if let refusal = HelloLine.refusal(in: answer) { throw refusal }
    }

    private func gone() -> CLIFailure {
        reader.isAtEnd
            ? CLIFailure(.nodeGone, "the node ended the conversation")
            : CLIFailure(.timeout, "the node gave no answer in time")
    }

    /// Calls a tool and waits for its structured content.
    ///
    /// - Parameter patience: how long the tool itself may wait.
    /// - Errors: as `ToolAnswer` reads them; `unknownServer` where no server can be meant.
    func call(
        _ tool: String, _ arguments: JSONObject = JSONObject(), patience: Milliseconds = 0
    ) throws(CLIFailure) -> JSON {
        let id = try send(tool, arguments)
        let time = Milliseconds(Limits.nodeAnswerTimeout.count + patience.count)
        let frame = try answer(id, before: SystemClock.now() + time)
        if case .refused(let word, _, _) = try ToolAnswer(frame),
            ["unknown_server", "unknown_channel"].contains(word)
        {
            try needServer()
        }
        return try ToolAnswer.content(of: frame)
    }

    /// - Errors: `unknownServer`, with what a person can do, while this node is in no server.
    private func needServer() throws(CLIFailure) {
        if try servers().isEmpty { throw CLIFailure(.unknownServer, ServerChoice.choices([])) }
    }

    /// What `--server` can name.
    func servers() throws(CLIFailure) -> [ServerChoice.Entry] {
        let rows = try read("peer://servers")["servers"]?.array ?? []
        return rows.map {
            ServerChoice.Entry(id: $0["id"]?.string ?? "", name: $0["name"]?.string ?? "")
        }
    }

    /// The same for a caller that goes on after a refusal.
    ///
    /// - Errors: only those of the conversation.
    func answer(of tool: String, _ arguments: JSONObject) throws(CLIFailure) -> ToolAnswer {
        let id = try send(tool, arguments)
        let deadline = SystemClock.now() + Limits.nodeAnswerTimeout
        return try ToolAnswer(try answer(id, before: deadline))
    }

    /// Calls a tool and returns at once; `arrived` gives the answer when it is there.
    func send(_ tool: String, _ arguments: JSONObject) throws(CLIFailure) -> Int64 {
        try request("tools/call", ["name": .string(tool), "arguments": .object(arguments)])
    }

    /// Takes back a call that waits.
    func cancel(_ id: Int64) throws(CLIFailure) {
        let frame: JSON = [
            "jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": ["requestId": JSON(Int(id)), "_meta": Self.envelope],
        ]
        try Output.write(frame.encoded + [0x0A], to: descriptor)
    }

    /// Reads a resource, whose text is JSON.
    ///
    /// - Errors: as `ToolAnswer` reads them; `unknownServer` where no server can be meant.
    func read(_ uri: String) throws(CLIFailure) -> JSON {
        let id = try request("resources/read", ["uri": .string(uri)])
        let deadline = SystemClock.now() + Limits.nodeAnswerTimeout
        let frame = try answer(id, before: deadline)
        // Of the current server, while there is none, nothing is there.
        if frame["error"] != nil, uri.hasPrefix("peer://server/"),
            !uri.utf8.contains(UInt8(ascii: "?"))
        {
            try needServer()
        }
        let result = try ToolAnswer.result(of: frame)
        let text = result["contents"]?.array?.first?["text"]?.string ?? ""
        do {
            return try JSON(parsing: Array(text.utf8))
        } catch {
            throw CLIFailure(.nodeUnreachable, "\(uri) is no JSON")
        }
    }

    /// Asks for events from now on; `takeEvents` gives them, and an answer means their end.
    ///
    /// - Parameter wanted: as `peerEvents` of MCP 6.4.
    /// - Returns: the id of the request.
    func listen(_ wanted: JSONObject) throws(CLIFailure) -> Int64 {
        try request(
            "subscriptions/listen", ["notifications": ["peerEvents": .object(wanted)]])
    }

    func takeEvents() -> [JSON] {
        defer { events = [] }
        return events
    }

    private static let eventMethod = "notifications/peer-agent/event"
    private static let envelope: JSON = [
        "io.modelcontextprotocol/protocolVersion": .string(version),
        "io.modelcontextprotocol/clientCapabilities": ["extensions": ["peer-agent/events": [:]]],
        "io.modelcontextprotocol/clientInfo": [
            "name": "peer-agent", "version": .string(Invocation.version),
        ],
    ]

    private func request(
        _ method: String, _ params: JSONObject
    ) throws(CLIFailure) -> Int64 {
        lastRequest += 1
        var params = params
        params.append("_meta", Self.envelope)
        let frame: JSON = [
            "jsonrpc": "2.0", "id": .integer(lastRequest), "method": .string(method),
            "params": .object(params),
        ]
        do {
            try Output.write(frame.encoded + [0x0A], to: descriptor)
        } catch {
            throw CLIFailure(.nodeGone, "the node ended the conversation")
        }
        return lastRequest
    }

    private func answer(_ id: Int64, before deadline: Instant) throws(CLIFailure) -> JSON {
        while true {
            if let frame = early.removeValue(forKey: id) { return frame }
            guard let line = try reader.line(before: deadline) else { throw gone() }
            try keep(line)
        }
    }

    /// What has come for calls made with `send` or `listen`; blocks only when nothing has.
    ///
    /// - Errors: `nodeGone` at the end of the conversation.
    func arrived() throws(CLIFailure) -> [Int64: JSON] {
        if early.isEmpty { try reader.fill() }
        while let line = reader.line() { try keep(line) }
        if early.isEmpty && events.isEmpty && reader.isAtEnd { throw gone() }
        defer { early = [:] }
        return early
    }

    /// Whether `arrived` has something without looking at the descriptor.
    var hasArrived: Bool { !early.isEmpty }

    private func keep(_ line: [UInt8]) throws(CLIFailure) {
        let frame: JSON
        do {
            frame = try JSON(parsing: line)
        } catch {
            throw CLIFailure(.nodeUnreachable, "the node's answer is no JSON")
        }
        if let id = frame["id"]?.integer, frame["method"] == nil { early[id] = frame }
        if frame["method"]?.string == Self.eventMethod, let event = frame["params"] {
            events.append(event)
        }
    }
}
