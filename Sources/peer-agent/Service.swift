import AgentServer
import Glibc
import PeerNet
import PeerNode
import PeerState

/// A node at work, from its start to its ordered end.
struct Service {
    private enum Transport { case stdio, none }

    private let options: NodeOptions
    private let agent: AgentServerConfiguration
    private let transport: Transport
    private let log: Log

    init(_ arguments: Arguments, path: String) throws(CLIFailure) {
        log = Log(level: try arguments.logLevel())
        var options = NodeOptions(dataDirectory: path)
        options.log = log
        options.displayName = arguments[.name]
        options.network = arguments[.network] ?? options.network
        if let listen = arguments[.listen] { options.listen = listen == "none" ? nil : listen }
        options.peers = arguments.all(.peer)
        options.invite = arguments[.invite]
        options.overridesRecovery = arguments.contains(.overrideRecovery)
        self.options = options
        agent = try arguments.agentConfiguration()
        transport =
            try arguments.choice(.transport, [("stdio", Transport.stdio), ("none", .none)])
            ?? .stdio
    }

    /// Serves until standard input ends or a signal asks to stop.
    ///
    /// - Errors: of the start; what goes wrong later is answered or logged where it happens.
    func run() async throws {
        let output = try StandardStreams.takeOutput()
        let loop = EventLoop()
        loop.start()
        let stop = StopRequest(loop: loop, log: log)
        try await stop.watch()
        let node = try await Node.start(options, on: loop)
        log.log(.info, "peer \(node.peerID.hex), data in \(options.dataDirectory)")
        await serve(node, loop: loop, output: output, until: stop)
        await stop.begin()
        await node.stop()
        await stop.finish()
        log.log(.info, "stopped")
    }

    private func serve(
        _ node: Node, loop: EventLoop, output: Int32, until stop: StopRequest
    ) async {
        guard transport == .stdio else { return await stop.requested() }
        let pipe = AgentPipe(node: node, loop: loop, configuration: agent, log: log)
        await withTaskGroup { group in
            group.addTask {
                await pipe.run(output: output)
                await stop.begin()
            }
            await stop.requested()
            await pipe.end()
        }
    }
}
