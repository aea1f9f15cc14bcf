import AgentServer
import PeerNet
import PeerState

/// Joins a server by an invite or a link, and waits until its history is here.
struct JoinCommand: Command {
    static let name = "join"
    static let summary = "Joins the server of an invite or a join link; ends when it is here."
    static let synopsis = "INVITE"
    static let flags: [Flag] = [.dataDirectory, .config, .timeout, .json]
    static let maximumWords = 1

    private static let timeoutSeconds: UInt64 = 30

    private let access: NodeAccess
    private let code: String
    private let patience: Milliseconds
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        let path = try arguments.dataDirectoryPath()
        guard let code = arguments.words.first else {
            throw CLIFailure(.usage, "join needs an invite or a link; both begin with pa1_")
        }
        access = try NodeAccess(
            try arguments.withConfiguration(path), path: path, isListening: true)
        self.code = code
        let seconds = try arguments.seconds(.timeout, in: 0...86_400)
        patience = .seconds(seconds ?? Self.timeoutSeconds)
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        try await access.run { client in
            let deadline = SystemClock.now() + patience
            var result: JSON
            repeat {
                // The node itself waits a while for each of these, and goes on meanwhile.
                result = try client.call(
                    "accept_invite", ["code": .string(code), "confirm": true],
                    patience: .seconds(10))
            } while result["outcome"]?.string == "queued" && SystemClock.now() < deadline
            guard result["outcome"]?.string != "queued" else {
                throw CLIFailure(
                    .timeout,
                    "nobody who can let this peer in was reached; a node that runs here "
                        + "keeps trying")
            }
            try show(result)
        }
    }

    private func show(_ result: JSON) throws(CLIFailure) {
        if isJSON { return try Output.line(result.text) }
        let name = TerminalText.line(result["name"]?.string ?? "")
        let isNew = result["outcome"]?.string == "applied"
        Log.standardError("peer-agent: \(isNew ? "joined" : "was already in") \(name)")
        try Output.line(result["server_id"]?.string ?? "")
    }
}
