import PeerState

/// A bare Noise XX exchange with another implementation, for compatibility tests.
///
/// Empty handshake payloads; then the initiator sends messages and the responder returns each one.
/// After the message `rekey` both directions use new keys.
package enum NoiseProbe {
    package enum Role: String, Sendable, CaseIterable {
        case initiator, responder
    }

    /// Runs one exchange on the loopback address and returns the handshake hash.
    ///
    /// - Parameters:
    ///   - port: to dial, or to listen at (0 = any).
    ///   - write: receives the lines `port N` of a responder and `hash HEX` at the end.
    /// - Errors: `badHandshake`, `badFrame`, `linkClosed`, or why there is no connection.
    package static func run(
        role: Role, port: UInt16, write: @escaping @Sendable (String) -> Void
    ) async throws -> [UInt8] {
        let loop = EventLoop()
        loop.start()
        defer { loop.stop() }
        let probe = NoiseProbeActor(loop, role, write)
        let hash = try await probe.run(Address(host: "127.0.0.1", port: port))
        write("hash \(hash.hex)")
        return hash
    }
}

/// The one connection of a probe.
private actor NoiseProbeActor: LoopActor {
    private enum Step {
        case initiatorWaiting(InitiatorWaiting)
        case responderStart
        case responderWaiting(ResponderWaiting)
        case open
    }

    nonisolated let loop: EventLoop
    private let role: NoiseProbe.Role
    private let write: @Sendable (String) -> Void
    private let prologue = Handshake.prologue(network: "main")
    private let staticKey: ExchangeKey
    private var entropy = Entropy.system
    private var step = Step.responderStart
    private var transport: NoiseTransport?
    private var framer = Framer()
    private var unsent = NoiseProbeActor.messages
    private var awaited: [UInt8] = []
    private var listener: TCPListener?
    private var link: TCPLink?
    private var continuation: CheckedContinuation<[UInt8], any Error>?

    private static let messages = [
        [], [UInt8]("hello".utf8), [UInt8](repeating: 7, count: Limits.maxRecord - 16),
        [UInt8]("rekey".utf8), [UInt8]("after".utf8),
    ]

    init(_ loop: EventLoop, _ role: NoiseProbe.Role, _ write: @escaping @Sendable (String) -> Void)
    {
        self.loop = loop
        self.role = role
        self.write = write
        staticKey = ExchangeKey.generate(&entropy)
    }

    func run(_ address: Address) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            self.continuation = continuation
            do {
                try connect(address)
            } catch {
                finish(.failure(error))
            }
        }
    }

    private func connect(_ address: Address) throws {
        switch role {
        case .initiator:
            _ = try TCPLink.dial(address, on: loop) { result in
                switch result {
                case .success(let link): self.began(link)
                case .failure(let failure): self.finish(.failure(failure))
                }
            }
        case .responder:
            listener = try TCPListener(loop, at: address) { self.accepted($0) }
            write("port \(listener?.address.port ?? 0)")
        }
    }

    private func accepted(_ link: TCPLink) {
        listener?.close()
        listener = nil
        began(link)
    }

    private func began(_ link: TCPLink) {
        self.link = link
        link.onBytes = { self.received($0) }
        link.onClose = { self.closed($0) }
        link.resumeReading()
        guard role == .initiator else { return }
        attempt {
            let start = InitiatorStart(prologue: prologue, staticKey: staticKey, &entropy)
            let (message, next) = try start.send()
            step = .initiatorWaiting(next)
            send(message)
        }
    }

    private func received(_ bytes: [UInt8]) {
        framer.push(bytes)
        attempt { while let message = try framer.next() { try handle(message) } }
    }

    private func handle(_ message: [UInt8]) throws {
        switch step {
        case .initiatorWaiting(let waiting):
            let (_, finishing) = try waiting.receive(message)
            let (answer, transport) = try finishing.send { _ in [] }
            send(answer)
            open(transport)
            try sendNext()
        case .responderStart:
            let start = ResponderStart(prologue: prologue, staticKey: staticKey, &entropy)
            let (_, replying) = try start.receive(message)
            let (answer, next) = try replying.send { _ in [] }
            step = .responderWaiting(next)
            send(answer)
        case .responderWaiting(let waiting): open(try waiting.receive(message).transport)
        case .open: try exchange(message)
        }
    }

    private func open(_ transport: NoiseTransport) {
        self.transport = transport
        step = .open
    }

    private func exchange(_ message: [UInt8]) throws {
        guard let plain = try transport?.receiving.decrypt(message) else { return }
        if role == .responder {
            if let answer = try transport?.sending.encrypt(plain) { send(answer) }
        } else if plain != awaited {
            throw NetFailure(.badFrame, "the answer is not what was sent")
        }
        if plain == Self.messages[3] {
            transport?.sending.rekey()
            transport?.receiving.rekey()
        }
        if role == .initiator { try sendNext() }
    }

    private func sendNext() throws {
        guard !unsent.isEmpty else { return link?.finish() ?? () }
        awaited = unsent.removeFirst()
        if let message = try transport?.sending.encrypt(awaited) { send(message) }
    }

    private func send(_ message: [UInt8]) { link?.write(Framer.frame(message)) }

    private func attempt(_ body: () throws -> Void) {
        do { try body() } catch {
            finish(.failure(error))
            link?.close()
        }
    }

    private func closed(_ failure: NetFailure?) {
        if let transport, failure == nil {
            finish(.success(transport.handshakeHash))
        } else {
            finish(.failure(failure ?? NetFailure(.linkClosed, "ended too early")))
        }
    }

    private func finish(_ result: Result<[UInt8], any Error>) {
        let waiting = continuation
        continuation = nil
        waiting?.resume(with: result)
    }
}
