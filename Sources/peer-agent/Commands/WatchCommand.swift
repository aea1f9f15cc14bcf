import AgentServer
import Glibc
import PeerNode
import PeerState

/// Shows what happens as it happens, one line each, until it is stopped.
///
/// - Source: MCP 6.7.
struct WatchCommand: Command {
    static let name = "watch"
    static let summary = "Shows events as they happen, one a line, until it is stopped."
    static let flags: [Flag] = [
        .dataDirectory, .config, .json, .after, .types, .channels, .settle, .messages,
    ]

    private let access: NodeAccess
    private let wanted: WatchedEvents
    private let hasText: Bool
    private let lines: WatchLines

    init(_ arguments: Arguments) throws(CLIFailure) {
        let path = try arguments.dataDirectoryPath()
        access = try NodeAccess(
            try arguments.withConfiguration(path), path: path, isListening: true,
            label: "watch")
        let types = arguments.list(.types)
        let known = NodeEventKind.allCases.map(\.rawValue)
        if let unknown = types?.first(where: { !known.contains($0) }) {
            throw Arguments.unknown(unknown, known)
        }
        wanted = WatchedEvents(
            after: arguments[.after], types: types, channels: arguments.list(.channels),
            settle: try arguments.seconds(.settle, in: 0...10_000))
        hasText = arguments.contains(.messages)
        lines = WatchLines(isJSON: arguments.contains(.json))
    }

    func run() async throws {
        let signals = try SignalPipe.watch([SIGINT, SIGTERM, SIGHUP])
        try await access.run { client in
            do throws(CLIFailure) {
                if hasText {
                    try MessageWatch(
                        client: client, signals: signals, wanted: wanted, lines: lines
                    ).run()
                } else {
                    try EventWatch(
                        client: client, signals: signals, wanted: wanted, lines: lines
                    ).run()
                }
            } catch {
                // Whoever read has gone: that is how this command usually ends.
                guard error.code == .outputFailed else { throw error }
            }
        }
    }
}
