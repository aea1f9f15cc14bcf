import AgentServer
import PeerNet
import PeerNode
import PeerState

/// A node at work, from its start to its ordered end.
struct Service {
    enum Transport: Hashable { case stdio, http }

    private let options: NodeOptions
    private let agent: AgentServerConfiguration
    private let transports: Set<Transport>
    private let http: HTTPOptions
    private let log: Log
    /// How to join a node that already runs there; `nil` = not wanted.
    private let attachment: Attachment?

    init(_ arguments: Arguments, path: String) throws(CLIFailure) {
        let options = try arguments.nodeOptions(path)
        log = options.log
        self.options = options
        agent = try arguments.agentConfiguration()
        transports = try arguments.transports()
        http = try HTTPOptions(arguments)
        let joins = transports == [.stdio] && !arguments.contains(.noAttach)
        attachment =
            joins
            ? Attachment(
                dataDirectory: path, hello: try arguments.hello(agent), log: options.log) : nil
    }

    /// Serves until standard input ends or a signal asks to stop.
    ///
    /// - Errors: of the start; what goes wrong later is answered or logged where it happens.
    func run() async throws {
        let output = try StandardStreams.takeOutput()
        if try attachment?.run(output: output) == true { return }
        do {
            try await serve(output: output)
        } catch let failure as StoreFailure where failure.code == .locked {
            guard try attachment?.runWhenReady(output: output) == true else { throw failure }
        }
    }

    private func serve(output: Int32) async throws {
        let loop = EventLoop()
        loop.start()
        let stop = StopRequest(loop: loop, log: log)
        try await stop.watch()
        let node = try await Node.start(options, on: loop)
        log.log(.info, "peer \(node.peerID.hex), data in \(options.dataDirectory)")
        let desk: AgentDesk
        do {
            desk = try await openDesk(node, loop: loop, output: output)
        } catch {
            await node.stop()
            throw error
        }
        await serve(desk.dispatcher, loop: loop, output: output, until: stop)
        await stop.begin()
        await desk.server.stop()
        await node.stop()
        await desk.close(log)
        await stop.finish()
        log.log(.info, "stopped")
    }

    private func openDesk(_ node: Node, loop: EventLoop, output: Int32) async throws -> AgentDesk {
        let desk = try await AgentDesk.open(
            node, in: options.dataDirectory, loop: loop, agent: agent, log: log,
            http: transports.contains(.http) ? http : nil)
        guard let address = await desk.server.address, !transports.contains(.stdio) else {
            return desk
        }
        let ready: JSON = [
            "ready": true, "url": .string("http://\(address)/mcp"),
            "peer_id": .string(node.peerID.hex),
            "token_file": desk.tokenFile.map { .string($0) } ?? .null,
        ]
        try Output.write(ready.encoded + [0x0A], to: output)
        return desk
    }

    private func serve(
        _ dispatcher: MCPDispatcher, loop: EventLoop, output: Int32, until stop: StopRequest
    ) async {
        guard transports.contains(.stdio) else { return await stop.requested() }
        let pipe = AgentPipe(dispatcher, loop: loop, log: log)
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
