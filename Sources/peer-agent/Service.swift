import AgentServer
import PeerNet
import PeerNode
import PeerState

/// A node at work, from its start to its ordered end.
struct Service {
    enum Transport: Hashable { case stdio, http }

    /// As the command line and the environment say, for reading the file again.
    private let arguments: Arguments
    /// The same, with what the file said at the start.
    private let merged: Arguments
    private let options: NodeOptions
    private let agent: AgentServerConfiguration
    private let transports: Set<Transport>
    private let http: HTTPOptions
    private let log: Log
    /// How to join a node that already runs there; `nil` = not wanted.
    private var attachment: Attachment?
    /// What the agent on standard input may do, if a token says that.
    private var token: String?

    /// - Parameter arguments: without what the configuration file says.
    init(_ given: Arguments, path: String) throws(CLIFailure) {
        self.arguments = given
        let arguments = try given.withConfiguration(path)
        merged = arguments
        let options = try arguments.nodeOptions(path)
        log = options.log
        self.options = options
        agent = try arguments.agentConfiguration()
        transports = try arguments.transports()
        http = try HTTPOptions(
            arguments, path, isServed: transports.contains(.http), log: options.log)
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
        guard OperatorLimit.choose(agent.bounds) else {
            throw CLIFailure(.badConfiguration, "a bound was used before it could be set")
        }
        var service = self
        service.token = try merged.stdioToken()
        service.attachment?.hello.token = service.token
        try await service.attachOrServe()
    }

    private func attachOrServe() async throws {
        let output = try StandardStreams.takeOutput()
        if try attachment?.run(output: output) == true { return }
        do {
            try await serve(output: output)
        } catch let failure as StoreFailure where failure.code == .locked {
            guard try attachment?.runWhenReady(output: output) == true else { throw failure }
        }
    }

    /// Signals are this node's from before its start until after its end, however it ends.
    private func serve(output: Int32) async throws {
        let loop = try Descriptors.loop()
        loop.start()
        let stop = StopRequest(loop: loop, log: log)
        try await stop.watch()
        let hangUp = HangUp(loop: loop, log: log)
        await hangUp.watch()
        do {
            try await serve(output: output, on: loop, stop, hangUp)
        } catch {
            await hangUp.finish()
            await stop.finish()
            guard await stop.isRequested else { throw error }
            log.log(.info, "stopped before it had started: \(error)")
            return
        }
        await stop.finish()
        log.log(.info, "stopped")
    }

    private func serve(
        output: Int32, on loop: EventLoop, _ stop: StopRequest, _ hangUp: HangUp
    ) async throws {
        let pipe =
            transports.contains(.stdio) ? AgentPipe(agent, loop: loop, log: log) : nil
        do {
            try await serve(pipe, output: output, on: loop, stop, hangUp)
        } catch {
            await pipe?.leave()
            throw error
        }
    }

    private func serve(
        _ pipe: AgentPipe?, output: Int32, on loop: EventLoop, _ stop: StopRequest,
        _ hangUp: HangUp
    ) async throws {
        let node = try await Node.start(options, on: loop) {
            // Whether a token is good is known later.
            if token == nil { pipe?.greetSoon(output: output) }
        }
        log.log(.info, "peer \(node.peerID.hex), data in \(options.dataDirectory)")
        let desk: AgentDesk
        do {
            desk = try await openDesk(node, loop: loop, output: output)
        } catch {
            await node.stop()
            throw error
        }
        do {
            if let pipe, let token { try await pipe.take(token, from: desk.server) }
        } catch {
            await end(desk, node)
            throw error
        }
        await hangUp.serve { await reload(desk, pipe) }
        await tellCurrentServer(node)
        if pipe != nil && StandardStreams.inputIsTerminal {
            log.log(
                .info,
                "an MCP client is expected on standard input, which is a terminal; people use "
                    + "peer-agent chat, or the page of --transport http")
        }
        let trimming = ProgramMemory.trimWhenStarted(node, log)
        await serve(pipe, desk.dispatcher, output: output, until: stop)
        trimming.cancel()
        await stop.begin()
        await hangUp.finish()
        await end(desk, node)
    }

    /// Says when the server that is to be the current one is none of the node's, so that nobody
    /// writes into another unawares.
    private func tellCurrentServer(_ node: any AgentPort) async {
        guard let wanted = options.currentServer else { return }
        let servers = await node.servers()
        guard !servers.contains(where: { $0.id.hex.hasPrefix(wanted) }) else { return }
        let entries = servers.filter { !$0.isDirect }.map {
            ServerChoice.Entry(id: $0.id.hex, name: $0.name)
        }
        log.log(
            .warning,
            "--server is \(wanted), which no server of this node is; "
                + "\(ServerChoice.choices(entries)). Until it is, the last one used is current")
    }

    private func end(_ desk: AgentDesk, _ node: Node) async {
        await desk.server.stop()
        await node.stop()
        await desk.close(log)
    }

    private func openDesk(_ node: Node, loop: EventLoop, output: Int32) async throws -> AgentDesk {
        let desk = try await AgentDesk.open(
            node, options, loop: loop, agent: agent, http: transports.contains(.http) ? http : nil)
        guard let address = await desk.server.address, !transports.contains(.stdio) else {
            return desk
        }
        let ready: JSON = [
            "ready": true, "url": .string("http://\(address)/mcp"),
            "peer_id": .string(node.peerID.hex),
            "token_file": desk.tokenFile.map { .string($0) } ?? .null,
        ]
        try Output.write(ready.encoded + [0x0A], to: output)
        if let page = await desk.server.pageURL { try announce(page, desk) }
        return desk
    }

    /// Says where people find their page; to a terminal with the token, which a browser sends to
    /// nobody in this place (MCP 9.2).
    private func announce(_ page: String, _ desk: AgentDesk) throws {
        let token = StandardStreams.errorIsTerminal ? try desk.startToken() : nil
        log.log(.info, "for people: \(page)\(token.map { "#\($0)" } ?? "")")
    }

    private func serve(
        _ pipe: AgentPipe?, _ dispatcher: MCPDispatcher, output: Int32, until stop: StopRequest
    ) async {
        guard let pipe else { return await stop.requested() }
        await withTaskGroup { group in
            group.addTask {
                await pipe.run(dispatcher, output: output)
                await stop.begin()
            }
            await stop.requested()
            await pipe.end()
        }
    }

    /// Takes over rights, limits and the log level that the configuration file names now.
    ///
    /// What it cannot be read from stays as it is, and so does everything else.
    private func reload(_ desk: AgentDesk, _ pipe: AgentPipe?) async {
        do {
            let now = try arguments.withConfiguration(options.dataDirectory)
            let agent = try now.agentConfiguration()
            if agent.bounds != self.agent.bounds {
                log.log(.warning, "changed bounds of limits.* hold from the next start on")
            }
            let isServed = transports.contains(.http)
            let issuer = isServed ? try now.issuer(options.dataDirectory) : nil
            log.set(try now.logLevel())
            try await desk.reload(agent, isServed ? now.grant() : nil)
            await desk.server.change(to: issuer)
            if token == nil { await pipe?.change(to: agent.access(principal: "stdio")) }
            log.log(.info, "the configuration was read again")
        } catch {
            log.log(.error, "the configuration stays as it was: \(error)")
        }
    }
}
