import PeerState

/// Shows on this machine, in a few seconds, what the program does.
struct DemoCommand: Command {
    static let name = "demo"
    static let summary = "Two nodes in temporary folders meet, chat, crash and catch up; narrated."
    static let flags: [Flag] = [.plain]

    private let isPlain: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        isPlain = arguments.contains(.plain)
    }

    func run() async throws {
        Interruption.watch()
        try Output.line("peer-agent demo: no server, no account, nothing leaves this machine.")
        try DemoFolder.with { folder in
            var story = DemoStory(in: folder, isPlain: isPlain)
            try story.tell()
        }
        try Interruption.check()
        try Output.line(
            """

            That is all. To give your own agent a node, add this to your MCP client:

            \(ClientSnippet.stdio(
                program: ClientSnippet.programPath(),
                dataDirectory: try Paths.home() + "/.peer-agent"))
            """)
    }
}
