import PeerNet
import PeerState
import Testing

/// A listener and a dialler on one loop, and what they saw.
private actor Wire: LoopActor {
    nonisolated let loop: EventLoop
    private(set) var accepted: TCPLink?
    private(set) var dialled: TCPLink?
    private(set) var received = 0
    private(set) var checksum: UInt64 = 0
    private(set) var largestChunk = 0
    private(set) var closes: [NetFailure?] = []
    private(set) var drains = 0
    private(set) var ends = 0
    private var listener: TCPListener?
    private var waiting: (isMet: (isolated Wire) -> Bool, resume: CheckedContinuation<Void, Never>)?

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// Returns when `isMet` holds; looked at after each callback.
    func until(_ isMet: @escaping @Sendable (isolated Wire) -> Bool) async {
        if isMet(self) { return }
        await withCheckedContinuation { waiting = (isMet, $0) }
    }

    private func changed() {
        guard let waiting, waiting.isMet(self) else { return }
        self.waiting = nil
        waiting.resume.resume()
    }

    func connect() async throws {
        let address = try #require(Address(listening: "127.0.0.1:0"))
        let listener = try TCPListener(loop, at: address) { link in
            self.accepted = link
            self.watch(link)
            self.changed()
        }
        #expect(listener.address.port > 0)
        self.listener = listener
        let dial = try TCPLink.dial(listener.address, on: loop) { result in
            switch result {
            case .success(let link):
                self.dialled = link
                self.watch(link)
            case .failure(let failure): Issue.record(failure)
            }
            self.changed()
        }
        await until { $0.accepted != nil && $0.dialled != nil }
        withExtendedLifetime(dial) {}
        #expect(dialled?.remote == listener.address)
        #expect(accepted?.remote?.host == "127.0.0.1")
    }

    private func watch(_ link: TCPLink) {
        link.onBytes = { bytes in
            self.received += bytes.count
            self.largestChunk = max(self.largestChunk, bytes.count)
            for byte in bytes { self.checksum = self.checksum &* 31 &+ UInt64(byte) }
            self.changed()
        }
        link.onDrain = {
            self.drains += 1
            self.changed()
        }
        link.onClose = {
            self.closes.append($0)
            self.changed()
        }
    }

    func run<Value: Sendable>(_ body: @Sendable (isolated Wire) throws -> Value) rethrows -> Value {
        try body(self)
    }

    func countEnds() {
        accepted?.onEnd = {
            self.ends += 1
            self.changed()
        }
    }
}

@Suite struct TCPLinkTests {
    @Test func `an echo returns every byte in order`() async throws {
        try await withLoop { loop in
            let wire = Wire(loop)
            try await wire.connect()
            let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
            await wire.run { wire in
                wire.accepted?.onBytes = { wire.accepted?.write($0) }
                wire.accepted?.resumeReading()
                wire.dialled?.resumeReading()
                // Many small writes and one that is large.
                for start in 0..<1_000 { wire.dialled?.write(Array(content[start..<start + 1])) }
                wire.dialled?.write(Array(content[1_000...]))
            }
            await wire.until { $0.received == 3_000_000 }
            let sum = content.reduce(0 as UInt64) { $0 &* 31 &+ UInt64($1) }
            #expect(await wire.checksum == sum)
            #expect(await wire.largestChunk <= Limits.readChunk)
            #expect(await wire.run { $0.dialled?.queuedBytes } == 0)
        }
    }

    @Test func `a reader that pauses makes the writer's queue grow, and drain later`() async throws
    {
        try await withLoop { loop in
            let wire = Wire(loop)
            try await wire.connect()
            let size = 32 << 20
            let queued = await wire.run { wire in
                wire.dialled?.write([UInt8](repeating: 5, count: size))
                return wire.dialled?.queuedBytes
            }
            #expect(queued == size)
            // The listener's side has not begun to read, so nearly all of it stays here.
            let later = await wire.run { $0.dialled?.queuedBytes ?? 0 }
            #expect(later > size / 2)
            #expect(await wire.received == 0)
            #expect(await wire.drains == 0)
            await wire.run { wire in
                wire.accepted?.resumeReading()
                wire.accepted?.pauseReading()
            }
            #expect(await wire.received == 0)
            await wire.run { $0.accepted?.resumeReading() }
            await wire.until { $0.received == size && $0.drains == 1 }
        }
    }

    @Test func `close is reported once on each side`() async throws {
        try await withLoop { loop in
            let wire = Wire(loop)
            try await wire.connect()
            await wire.run { wire in
                wire.accepted?.resumeReading()
                wire.dialled?.close(NetFailure(.superseded, "first reason"))
                wire.dialled?.close(NetFailure(.timeout, "second reason"))
                wire.dialled?.write([1])
                wire.dialled?.finish()
                #expect(wire.closes.isEmpty, "never from inside the call")
            }
            await wire.until { $0.closes.count == 2 }
            #expect(await wire.closes.contains(NetFailure(.superseded, "first reason")))
            #expect(await wire.closes.contains(nil))
            #expect(await wire.received == 0)
        }
    }

    @Test func `finish delivers what is queued, also to one who sent more`() async throws {
        try await withLoop { loop in
            let wire = Wire(loop)
            try await wire.connect()
            let size = 4 << 20
            await wire.run { wire in
                // Unread bytes on our side must not reset the connection.
                wire.accepted?.write([UInt8](repeating: 1, count: 100_000))
                wire.dialled?.write([UInt8](repeating: 2, count: size))
                wire.dialled?.finish()
                wire.accepted?.resumeReading()
            }
            await wire.until { $0.closes.count == 2 }
            #expect(await wire.received == size)
            #expect(await wire.closes == [nil, nil])
        }
    }

    @Test func `a link over which nothing was said keeps no descriptor when it is finished`()
        async throws
    {
        try await withLoop { loop in
            let wire = Wire(loop)
            try await wire.connect()
            await wire.run { wire in
                wire.accepted?.finish()
                #expect(wire.accepted?.isClosing == true)
                // Whoever was told something may take a moment to read it.
                wire.dialled?.write([1])
                wire.dialled?.finish()
                #expect(wire.dialled?.isClosing == false)
            }
            await wire.until { $0.closes.count == 2 }
        }
    }

    @Test func `a finished link whose reader has stopped is closed`() async throws {
        try await withLoop { loop in
            let wire = Wire(loop)
            try await wire.connect()
            await wire.run { wire in
                wire.dialled?.stalledTimeout = Milliseconds(50)
                wire.dialled?.write([UInt8](repeating: 2, count: 32 << 20))
                wire.dialled?.finish()
            }
            await wire.until { $0.closes.count == 1 }
            #expect(await wire.closes.first??.code == .timeout)
        }
    }

    @Test func `the end of reading leaves writing open to who asks for it`() async throws {
        try await withLoop { loop in
            let wire = Wire(loop)
            try await wire.connect()
            await wire.countEnds()
            await wire.run { wire in
                wire.accepted?.resumeReading()
                wire.dialled?.write([1])
                wire.dialled?.finish()
            }
            await wire.until { $0.ends == 1 }
            // On a slow machine the dialled side may have stopped lingering; the other is open.
            #expect(await wire.closes.count <= 1)
            await wire.run { $0.accepted?.close() }
            await wire.until { $0.closes.count == 2 }
            #expect(await wire.ends == 1)
        }
    }

    @Test func `a refused dial fails once and leaves nothing`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let code: NetCode? = try await tester.wait { tester, resume in
                let any = try #require(Address(listening: "127.0.0.1:0"))
                let listener = try TCPListener(tester.loop, at: any) { _ in }
                let address = listener.address
                listener.close()
                tester.keep(
                    try TCPLink.dial(address, on: tester.loop) { result in
                        guard case .failure(let failure) = result else { return resume(nil) }
                        resume(failure.code)
                    })
            }
            #expect(code == .dialFailed)
            try await Self.expectNoHandles(tester)
        }
    }

    @Test func `a name is looked up, and one without an address fails`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let code: NetCode? = try await tester.wait { tester, resume in
                let address = try #require(Address("no-such-name.invalid:1"))
                tester.keep(
                    try TCPLink.dial(address, on: tester.loop) { result in
                        guard case .failure(let failure) = result else { return resume(nil) }
                        resume(failure.code)
                    })
            }
            #expect(code == .resolveFailed || code == .timeout)
            try await Self.expectNoHandles(tester)
        }
    }

    @Test func `a cancelled dial says nothing`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            try await tester.run { tester in
                let address = try #require(Address("127.0.0.1:9"))
                let dial = try TCPLink.dial(address, on: tester.loop) { _ in
                    Issue.record("answered after cancel")
                }
                dial.cancel()
                dial.cancel()
            }
            try await Self.expectNoHandles(tester)
        }
    }

    @Test func `a port in use and a name are refused as places to listen`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            try await tester.run { tester in
                let any = try #require(Address(listening: "127.0.0.1:0"))
                let first = try TCPListener(tester.loop, at: any) { _ in }
                let used = #expect(throws: NetFailure.self) {
                    try TCPListener(tester.loop, at: first.address) { _ in }
                }
                #expect(used?.code == .listenFailed)
                let name = try #require(Address(listening: "example.org:0"))
                #expect(throws: NetFailure.self) {
                    try TCPListener(tester.loop, at: name) { _ in }
                }
                first.close()
            }
            try await Self.expectNoHandles(tester)
        }
    }

    /// Waits for the loop to close what was asked to close.
    private static func expectNoHandles(_ tester: LoopTester) async throws {
        let left: Int = try await tester.wait { tester, resume in
            let timer = try Timer(tester.loop) { resume(tester.loop.openHandleCount) }
            timer.arm(at: tester.loop.now + 5)
            tester.keep(timer)
        }
        #expect(left == 1, "the timer that looks")
    }

    @Test func `sessions meet over sockets`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let frame = SessionPair.frame(count: Limits.maxFrame)
            let echoed: [UInt8] = try await tester.wait { tester, resume in
                let any = try #require(Address(listening: "127.0.0.1:0"))
                let now = tester.loop.now
                let listener = try TCPListener(tester.loop, at: any) { link in
                    let session = SessionPair.session(.listener, key: 2, now: now)
                    guard let one = try? SessionLink(link, session) else { return }
                    one.onFrame = { [weak one] in one?.send(frame: $0) }
                    one.start()
                }
                tester.keep(listener)
                let dial = try TCPLink.dial(listener.address, on: tester.loop) { result in
                    let session = SessionPair.session(.dialler(expected: nil), key: 1, now: now)
                    guard let link = try? result.get(), let two = try? SessionLink(link, session)
                    else { return }
                    two.onEstablished = { [weak two] _ in two?.send(frame: frame) }
                    two.onFrame = { [weak two] echoed in
                        two?.onClose = { failure in
                            #expect(failure.code == .superseded)
                            resume(echoed)
                        }
                        two?.close(NetFailure(.superseded))
                    }
                    two.start()
                }
                tester.keep(dial)
            }
            #expect(echoed == frame)
        }
    }
}
