package import PeerNet
import PeerNode
package import PeerState

/// Serves MCP, health and metrics to clients that speak HTTP, over TCP and a socket file.
///
/// It carries what the values beside it decide: `HTTPConnection` frames, `HTTPGate` and the header
/// rules admit, the front ends of both eras understand, `LegacySession` remembers.
/// - Isolation: the loop of the node.
package actor MCPHTTPServer: LoopActor {
    package nonisolated let loop: EventLoop
    let dispatcher: MCPDispatcher
    let settings: HTTPSettings
    let log: Log
    let store: AgentStore

    var book: TokenBook
    var issuer: Issuer?
    var issued = IssuedPrincipals()
    /// `nil` = no webhooks.
    var hooks: HookBook?
    /// When tokens were last used, ms since 1970, as far as no row says so yet.
    var usedTokens: [String: UInt64] = [:]
    /// Standard streams of this process that a token opened, by its id.
    var pipes: [String: TokenPipe] = [:]
    var failedAccess = FailedAccess()
    var refusals = RefusedAccess()
    var clients: [UInt64: HTTPClient] = [:]
    var clientsByAddress: [String: Int] = [:]
    var replies: [UInt64: HTTPReply] = [:]
    var flights: [UInt64: HTTPFlight] = [:]
    /// Requests whose work has not ended, also those that nobody waits for any more.
    var running = 0
    var runningByPrincipal: [String: Int] = [:]
    var sessions: [String: LegacySession] = [:]
    /// What streams of sessions said that is not stored yet, and whose logs have changed.
    var unsaid: [StreamEvent] = []
    var unstoredSessions: Set<String> = []
    var isStoringStreams = false
    var work: [UInt64: Task<Void, Never>] = [:]
    var probes: [HealthProbe] = []
    var metrics = HTTPMetrics()
    var isDraining = false
    var counter: UInt64 = 0
    let startedAt: Instant
    private var tcp: TCPListener?
    private var unix: UnixListener?
    private var timer: PeerNet.Timer?
    private var ticks = 0
    private var idle: [CheckedContinuation<Void, Never>] = []
    /// What `Date` says, and the second it is about.
    var date: (second: UInt64, text: String) = (0, "")

    private init(
        _ dispatcher: MCPDispatcher, _ settings: HTTPSettings, store: AgentStore, book: TokenBook,
        loop: EventLoop, log: Log
    ) {
        self.loop = loop
        self.dispatcher = dispatcher
        self.settings = settings
        self.store = store
        self.book = book
        issuer = settings.issuer
        self.log = log
        startedAt = loop.now
    }

    /// Reads tokens and sessions and begins to listen.
    ///
    /// - Parameter dispatcher: on the same loop.
    /// - Errors: `StoreFailure`; `NetFailure` when an address cannot be used.
    package static func start(
        _ settings: HTTPSettings, dispatcher: MCPDispatcher, store: AgentStore, book: TokenBook,
        hooks: HookBook? = nil, loop: EventLoop, log: Log
    ) async throws -> MCPHTTPServer {
        let server = MCPHTTPServer(
            dispatcher, settings, store: store, book: book, loop: loop, log: log)
        try await server.open(hooks)
        return server
    }

    private func open(_ hooks: HookBook?) async throws {
        self.hooks = hooks
        for row in try await store.tokens() { book.put(row) }
        try await restoreSessions(try await store.sessions())
        try await restoreTasks()
        timer = try PeerNet.Timer(loop) { self.tick() }
        if let bind = settings.bind {
            let listener = try TCPListener(loop, at: bind) { self.accept($0) }
            tcp = listener
            log.log(.info, "serving MCP at http://\(listener.address)/mcp")
        }
        if let path = settings.socketPath { openSocket(path) }
    }

    /// Without its socket file a node still works; only local commands cannot reach it.
    private func openSocket(_ path: String) {
        do {
            unix = try UnixListener(loop, at: path) { self.accept($0) }
        } catch {
            log.log(.warning, "no socket at \(path): \(error)")
        }
    }

    /// Where TCP clients connect, with the port that the system chose.
    package var address: Address? { tcp?.address }

    /// Beyond loopback nothing is shown to whoever has no token.
    var hasPage: Bool { settings.hasPage && settings.isLoopback }

    /// Where people find the page; `nil` = nowhere.
    package var pageURL: String? {
        hasPage ? tcp.map { "http://\($0.address)\(PageFiles.path)" } : nil
    }

    var isListening: Bool { (settings.bind == nil || tcp != nil) && !isDraining }

    private func gate(_ bind: HTTPGate.Bind) -> HTTPGate {
        HTTPGate(
            bind, allowedOrigins: settings.allowedOrigins, allowedHosts: settings.allowedHosts)
    }

    private func accept(_ link: TCPLink) {
        let port = tcp?.address.port ?? 0
        let remote = link.remote?.host ?? ""
        adopt(link, gate(settings.isLoopback ? .loopback(port: port) : .remote), remote)
    }

    private func accept(_ stream: ByteStream) { adopt(stream, gate(.unixSocket), "socket") }

    private func adopt(_ stream: ByteStream, _ gate: HTTPGate, _ address: String) {
        let isFull = clients.count >= Limits.httpConnections
        guard !isDraining, !isFull else { return stream.close() }
        counter += 1
        let id = counter
        let client = HTTPClient(stream, gate: gate, address: address, now: loop.now)
        clients[id] = client
        clientsByAddress[address, default: 0] += 1
        metrics.connections += 1
        stream.onBytes = { self.received($0, id) }
        stream.onEnd = { self.inputEnded(id) }
        stream.onDrain = { self.drained(id) }
        stream.onClose = { _ in self.closed(id) }
        if clients.count == 1 { timer?.arm(at: loop.now + Milliseconds.seconds(1)) }
        let isCrowded =
            clientsByAddress[address, default: 0] > Limits.httpConnectionsPerAddress
        guard client.isLocalSocket || !isCrowded else {
            let busy = HTTPResponse(503).with("Retry-After", "1").with("Connection", "close")
            stream.write(busy.head([.init(name: "Content-Length", value: "0")]))
            return stream.finish()
        }
        stream.resumeReading()
    }

    private func closed(_ id: UInt64) {
        guard let client = clients.removeValue(forKey: id) else { return }
        let left = clientsByAddress[client.address, default: 1] - 1
        clientsByAddress[client.address] = left > 0 ? left : nil
        abandon(client, id)
        if clients.isEmpty {
            for waiting in idle { waiting.resume() }
            idle = []
        }
    }

    /// Runs work that `stop` waits for.
    func own(_ body: @escaping @Sendable (isolated MCPHTTPServer) async -> Void) {
        counter += 1
        let id = counter
        work[id] = Task {
            await body(self)
            self.work[id] = nil
        }
    }

    private func tick() {
        ticks += 1
        let now = loop.now
        for id in clients.keys.sorted() { tick(id, now) }
        tickReplies(now)
        tickProbes(now)
        if ticks % 10 == 0 { endExpired() }
        recordRefusals(before: SystemClock.wallMilliseconds())
        let isIdle = clients.isEmpty && flights.isEmpty
        if ticks % 60 == 0 { expireSessions(now) }
        // The last one to leave may have used its token since.
        if ticks % 60 == 0 || isIdle, !usedTokens.isEmpty { own { await $0.keepUsedTokens() } }
        guard !isIdle || !refusals.isEmpty else { return }
        timer?.arm(at: now + Milliseconds.seconds(1))
    }

    /// Ends in order: listeners, streams, what is being answered, connections, then the rest.
    package func stop() async {
        guard !isDraining else { return }
        isDraining = true
        tcp?.close()
        unix?.close()
        endStandingStreams()
        leaveStreamsToTheNext()
        for flight in flights.values where flight.isLong { flight.task?.cancel() }
        for (id, client) in clients { drain(client, id) }
        if !clients.isEmpty {
            let limit = own(cancelAfter: Limits.drainTimeout)
            await withCheckedContinuation { idle.append($0) }
            limit.cancel()
        }
        timer?.close()
        recordRefusals(before: .max)
        await keepUsedTokens()
        for task in work.values { await task.value }
        await dispatcher.pauseTasks()
    }

    private func restoreTasks() async throws {
        let configuration = dispatcher.configuration
        var principals: [String: Access] = [:]
        for row in book.rows { principals[row.id] = access(of: row.id) }
        principals[Access.owner.principal] = .owner
        principals["stdio"] = configuration.access(principal: "stdio")
        if let anonymous = settings.anonymous { principals[anonymous.principal] = anonymous }
        let known = principals
        let issuer = issuer
        try await dispatcher.restoreTasks { known[$0] ?? issuer?.rememberedAccess($0) }
    }

    private func own(cancelAfter limit: Milliseconds) -> Task<Void, Never> {
        Task {
            do { try await dispatcher.port.sleep(limit) } catch { return }
            for flight in flights.keys.sorted() { cancel(flight) }
            for client in clients.values { client.stream.close() }
        }
    }
}
