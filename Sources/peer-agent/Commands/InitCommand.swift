import PeerNet
import PeerNode
import PeerState

/// Sets up a data directory: identity, store, display name and perhaps a first server.
struct InitCommand: Command {
    static let name = "init"
    static let summary = "Makes the identity and the store, and prints the peer id."
    static let flags: [Flag] = [
        .dataDirectory, .name, .serverName, .network, .identity, .force,
    ]

    private let options: NodeOptions
    private let serverName: String?
    private let isForced: Bool
    /// How a node on this data directory is started, as a terminal takes it.
    private let start: String

    init(_ arguments: Arguments) throws(CLIFailure) {
        var options = NodeOptions(dataDirectory: try arguments.dataDirectoryPath())
        options.displayName = try arguments.displayName()
        options.network = try arguments.name(.network) ?? options.network
        options.identity = try arguments.identityPath(options.dataDirectory)
        options.listen = nil
        options.log = Log(level: .error)
        self.options = options
        serverName = arguments[.serverName]
        isForced = arguments.contains(.force)
        let isNamed = arguments.origin(of: .dataDirectory) == .flag
        let path = options.dataDirectory.printable
        start = "peer-agent run" + (isNamed ? " --data-dir \(path)" : "")
    }

    func run() async throws {
        let identity = options.identity ?? options.dataDirectory + "/identity"
        guard isForced || !Paths.exists(identity) else {
            throw CLIFailure(
                .alreadySetUp,
                "\(options.dataDirectory) was set up before; --force adds to it, and keeps its key")
        }
        let loop = try Descriptors.loop()
        loop.start()
        let node = try await Node.start(options, on: loop)
        do {
            if let name = options.displayName {
                _ = try await node.perform(.setDisplayName(server: nil, name: name))
            }
            if let serverName {
                _ = try await node.perform(.createServer(name: serverName, description: ""))
            }
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
        Log.standardError("peer-agent: ready in \(options.dataDirectory); start it with: \(start)")
        try Output.line(node.peerID.hex)
    }
}
