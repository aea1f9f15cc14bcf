import AgentServer
import Glibc
import PeerState

/// Shows what happens as it happens, one line each, until it is stopped.
///
/// - Source: MCP 6.7.
struct WatchCommand: Command {
    static let name = "watch"
    static let summary = "Shows new messages as they arrive, one a line, until it is stopped."
    static let flags: [Flag] = [
        .dataDirectory, .config, .json, .after, .types, .channels, .settle, .messages,
    ]

    private static let waitSeconds = 50

    private let access: NodeAccess
    private let after: String?
    private let types: [String]?
    private let channels: [String]?
    private let settle: UInt64?
    private let lines: WatchLines

    init(_ arguments: Arguments) throws(CLIFailure) {
        let path = try arguments.dataDirectoryPath()
        access = try NodeAccess(
            try arguments.withConfiguration(path), path: path, isListening: true,
            label: "watch")
        after = arguments[.after]
        types = arguments.list(.types)
        channels = arguments.list(.channels)
        settle = try arguments.seconds(.settle, in: 0...10_000)
        lines = WatchLines(
            isJSON: arguments.contains(.json), hasText: arguments.contains(.messages))
    }

    func run() async throws {
        let signals = try SignalPipe.watch([SIGINT, SIGTERM, SIGHUP])
        try await access.run { client in
            do throws(CLIFailure) {
                try watch(client, signals)
            } catch {
                // Whoever read has gone: that is how this command usually ends.
                guard error.code == .outputFailed else { throw error }
            }
        }
    }

    private func watch(_ client: NodeClient, _ signals: Int32) throws(CLIFailure) {
        var cursor =
            if let after { after } else {
                try client.call("inbox", ["include_messages": false])["cursor"]?.string ?? ""
            }
        while true {
            let id = try client.send("wait_for_messages", call(cursor))
            guard let frame = try answer(id, client, signals) else { return }
            let content = try ToolAnswer.content(of: frame)
            cursor = content["cursor"]?.string ?? cursor
            let messages = ShownMessage.list(content["messages"])
            guard !messages.isEmpty, types?.contains("MessageReceived") != false else { continue }
            if settle != nil {
                try Output.line(lines.settled(messages, cursor: cursor))
            } else {
                for message in messages { try Output.line(lines.line(message, cursor: cursor)) }
            }
        }
    }

    private func call(_ cursor: String) -> JSONObject {
        // One at a time, so that each line has the cursor that stands right behind it.
        var call: JSONObject = [
            "after": .string(cursor), "timeout_s": JSON(Self.waitSeconds),
            "limit": settle == nil ? 1 : 100, "format": "detailed",
        ]
        if let settle { call.append("settle_ms", JSON(settle)) }
        if let channels { call.append("channels", JSON(channels)) }
        return call
    }

    /// - Returns: `nil` when a signal or the end of the reader ends the watch.
    private func answer(
        _ id: Int64, _ client: NodeClient, _ signals: Int32
    ) throws(CLIFailure) -> JSON? {
        while true {
            let ready = Readiness.wait(
                [client.descriptor, signals], closing: [STDOUT_FILENO], milliseconds: 60_000)
            if ready.contains(signals) || ready.contains(STDOUT_FILENO) { return nil }
            guard ready.contains(client.descriptor) else { continue }
            if let frame = try client.arrived()[id] { return frame }
        }
    }
}
