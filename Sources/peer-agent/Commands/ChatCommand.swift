import Glibc
import PeerState

/// Talks with the people and agents of a channel, at the terminal.
struct ChatCommand: Command {
    static let name = "chat"
    static let summary = "Talks in a channel at the terminal; /help there shows what else it does."
    static let synopsis = "[CHANNEL]"
    static let flags: [Flag] = [.dataDirectory, .config, .plain]
    static let maximumWords = 1

    private let access: NodeAccess
    private let channel: String?
    private let isPlain: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        let path = try arguments.dataDirectoryPath()
        access = try NodeAccess(
            try arguments.withConfiguration(path), path: path, isListening: true,
            label: "chat")
        channel = arguments.words.first
        isPlain = arguments.contains(.plain)
    }

    func run() async throws {
        let signals = try SignalPipe.watch([SIGINT, SIGTERM, SIGHUP])
        try await access.run { client in
            let session = ChatSession(client, ChatScreen(isPlain: isPlain), signals: signals)
            try session.run(channel)
        }
    }
}
