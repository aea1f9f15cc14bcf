import AgentServer
import PeerNet
import PeerNode
import PeerState

/// The way of every command to a node: the one that runs, or one for the length of the command.
///
/// - Source: MCP 16.1.
struct NodeAccess {
    private let options: NodeOptions
    private let agent: AgentServerConfiguration
    private let label: String

    /// - Parameters:
    ///   - isListening: whether a node that must be started accepts peers.
    ///   - label: which of the owner's programs asks.
    /// - Errors: `usage`, `badConfiguration`.
    init(
        _ arguments: Arguments, path: String, isListening: Bool = false,
        label: String = "command line"
    ) throws(CLIFailure) {
        self.label = label
        var options = try arguments.nodeOptions(path)
        options.log = Log(level: .error)
        if !isListening { options.listen = nil }
        self.options = options
        agent = AgentServerConfiguration(version: Invocation.version, scope: .full)
    }

    /// Lends a conversation with the node.
    ///
    /// - Errors: `keyMissing` where no node was ever made; those of starting one; those of `body`.
    func run<Value>(_ body: (NodeClient) throws -> Value) async throws -> Value {
        if let client = try open() {
            return try body(client)
        }
        guard Paths.exists(options.identity ?? options.dataDirectory + "/identity") else {
            throw StoreFailure(
                .keyMissing,
                "there is no node in \(options.dataDirectory); make one with peer-agent init")
        }
        let loop = try Descriptors.loop()
        loop.start()
        let node = try await Node.start(options, on: loop)
        return try await serve(node, loop, body)
    }

    private func open() throws(CLIFailure) -> NodeClient? {
        try NodeClient.open(dataDirectory: options.dataDirectory, label: label)
    }

    private func serve<Value>(
        _ node: Node, _ loop: EventLoop, _ body: (NodeClient) throws -> Value
    ) async throws -> Value {
        let desk: AgentDesk
        do {
            desk = try await AgentDesk.open(
                node, options, loop: loop, agent: agent, http: nil)
        } catch {
            await node.stop()
            throw error
        }
        let result = Result { try talk(body) }
        await desk.server.stop()
        await node.stop()
        await desk.close(options.log)
        return try result.get()
    }

    private func talk<Value>(_ body: (NodeClient) throws -> Value) throws -> Value {
        guard let client = try open() else {
            let path = SocketFile.path(in: options.dataDirectory)
            throw CLIFailure(
                .nodeUnreachable, "\(path) cannot be used; is the path of the directory too long?")
        }
        return try body(client)
    }
}
