import AgentServer
import PeerState

/// Shows what a data directory holds, without a node.
struct StatusCommand: Command {
    static let name = "status"
    static let summary = "Shows the peer id, servers, counts and whether a node is running."
    static let flags: [Flag] = [.dataDirectory, .json]

    private let path: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        let status = try Status.of(path)
        try Output.write(isJSON ? status.json.text + "\n" : status.text)
    }
}
