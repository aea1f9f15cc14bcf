import AgentServer
import PeerNet
import PeerState

extension Limits {
    /// Bytes that wait for a client to read; above it no request is taken.
    ///
    /// - Source: MCP 14, `out.buffer`.
    static let agentOutputBytes = 1 << 20
    /// How long a client may leave all of it unread before the pipe is given up.
    static let agentStuckTimeout = Milliseconds.seconds(30)
    /// How long the last answers may take to leave.
    static let agentFlushTimeout = Milliseconds(500)
}

/// Joins the agent's side of the node to the standard streams of this process.
///
/// A client that does not read its answers is not read either, and is given up in the end.
actor AgentPipe: LoopActor {
    nonisolated let loop: EventLoop
    private let log: Log
    /// Of a client that came while the node was starting.
    private var reception: MCPReception
    private let isPushing: Bool
    private var pipe: StdioPipe?
    private var session: StdioSession?
    private var timer: Timer?
    private var isEnded = false
    private var isClosed = false
    private var waiting: CheckedContinuation<Void, Never>?
    /// What the client is told once it reads again.
    private var ring = NoticeRing()
    private var storeTag: UInt32 = 0
    /// By a token; `nil` = what the configuration says.
    private var access: Access?

    init(_ configuration: AgentServerConfiguration, loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
        reception = MCPReception(configuration)
        isPushing = configuration.pushes
    }

    /// Answers how the client begins, before there is a node to ask, while the caller goes on.
    ///
    /// - Parameter output: the descriptor that frames go to.
    nonisolated func greetSoon(output: Int32) {
        loop.perform { [weak self] in self?.assumeIsolated { $0.greet(output: output) } }
    }

    private func greet(output: Int32) {
        guard pipe == nil, !isEnded else { return }
        do throws(NetFailure) {
            try open(output)
        } catch {
            return log.log(.error, "standard input and output cannot be used: \(error)")
        }
        pipe?.onBytes = { [unowned self] bytes in assumeIsolated { $0.receive(bytes) } }
        pipe?.resumeReading()
    }

    /// Serves until standard input ends or `end` is called; what was being answered is finished.
    ///
    func run(_ dispatcher: MCPDispatcher, output: Int32) async {
        greet(output: output)
        guard pipe != nil else { return }
        begin(dispatcher)
        await until { isEnded }
        pipe?.pauseReading()
        await session?.finish()
        await leave()
    }

    /// Lets the last answers go out, and closes both directions.
    func leave() async {
        isEnded = true
        guard let pipe else { return }
        flush(untilFull: false)
        pipe.finish()
        timer?.arm(at: loop.now + Limits.agentFlushTimeout)
        await until { isClosed }
        timer?.close()
    }

    /// Goes on under other rights, or begins with them.
    func change(to access: Access) {
        var access = access
        access.pushes = isPushing
        self.access = access
        session?.assumeIsolated { $0.change(to: access) }
    }

    /// Takes the rights of a token, for as long as it is good.
    ///
    /// - Errors: `nodeRefused` for one that is not.
    func take(_ token: String, from server: MCPHTTPServer) async throws {
        let pipe = TokenPipe(
            change: { access in Task { [weak self] in await self?.change(to: access) } },
            end: { Task { [weak self] in await self?.end() } })
        guard let access = await server.access(byToken: token, for: pipe) else {
            throw CLIFailure(.nodeRefused, "the token for standard input is not valid here")
        }
        change(to: access)
    }

    /// Ends as if standard input had ended.
    func end() {
        isEnded = true
        wake()
    }

    private func open(_ output: Int32) throws(NetFailure) {
        let pipe = try StdioPipe(loop, output: output)
        self.pipe = pipe
        timer = try Timer(loop) { [unowned self] in assumeIsolated { $0.giveUp() } }
        pipe.onEnd = { [unowned self] in assumeIsolated { $0.end() } }
        pipe.onDrain = { [unowned self] in assumeIsolated { $0.drained() } }
        pipe.onClose = { [unowned self] _ in assumeIsolated { $0.closed() } }
    }

    /// What comes before the session is there.
    private func receive(_ bytes: [UInt8]) {
        let answers = reception.receive(bytes)
        if !answers.isEmpty { write(answers) }
        if reception.isFull { pipe?.pauseReading() }
    }

    private func begin(_ dispatcher: MCPDispatcher) {
        storeTag = dispatcher.storeTag
        let loop = loop
        // Frames come from the loop, or from a task that reports progress beside it.
        let server = StdioServer(dispatcher, executor: loop)
        let session = server.openSession(access: access, after: reception) {
            [unowned self] frame in
            if loop.isCurrent {
                assumeIsolated { $0.write(frame) }
            } else {
                loop.perform { [weak self] in self?.assumeIsolated { $0.write(frame) } }
            }
        }
        self.session = session
        pipe?.onBytes = { bytes in session.assumeIsolated { $0.receive(bytes) } }
        let reception = reception
        session.assumeIsolated { $0.goOn(after: reception) }
        if !isFull { pipe?.resumeReading() }
    }

    private func write(_ frame: [UInt8]) {
        guard let pipe, !isClosed else { return }
        guard !isFull, ring.isEmpty else {
            if NoticeRing.isNews(frame) {
                _ = ring.add(news: frame)
            } else {
                ring.add(answer: frame)
            }
            return
        }
        pipe.write(frame)
        guard isFull, !isEnded else { return }
        pipe.pauseReading()
        timer?.arm(at: loop.now + Limits.agentStuckTimeout)
    }

    private var isFull: Bool { (pipe?.queuedBytes ?? 0) > Limits.agentOutputBytes }

    private func drained() {
        guard !isEnded else { return }
        timer?.disarm()
        flush(untilFull: true)
        if isFull {
            timer?.arm(at: loop.now + Limits.agentStuckTimeout)
        } else {
            pipe?.resumeReading()
        }
    }

    /// Tells what waited while the client did not read.
    private func flush(untilFull: Bool) {
        let now = SystemClock.wallMilliseconds()
        while !(untilFull && isFull), let next = ring.next(storeTag: storeTag, now: now) {
            pipe?.write(next.isResync ? next.bytes + [0x0A] : next.bytes)
        }
    }

    private func giveUp() {
        log.log(.warning, "the client does not read its answers; its pipe is closed")
        pipe?.close()
    }

    private func closed() {
        isClosed = true
        end()
    }

    private func wake() {
        waiting?.resume()
        waiting = nil
    }

    private func until(_ condition: () -> Bool) async {
        while !condition() { await withCheckedContinuation { waiting = $0 } }
    }
}
