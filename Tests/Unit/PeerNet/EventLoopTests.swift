import Foundation
import PeerNet
import PeerState
import Testing

/// Runs `body` with a started loop, and stops it whatever happens.
func withLoop<Result>(_ body: (EventLoop) async throws -> Result) async rethrows -> Result {
    let loop = EventLoop()
    loop.start()
    defer { loop.stop() }
    return try await body(loop)
}

/// An actor on a loop that runs whatever a test hands it there.
actor LoopTester: LoopActor {
    nonisolated let loop: EventLoop
    var count = 0
    var kept: [AnyObject] = []

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func run<Value: Sendable>(
        _ body: @Sendable (isolated LoopTester) throws -> Value
    ) rethrows -> Value {
        try body(self)
    }

    /// Runs `body`, then waits until `resume` is called, once.
    func wait<Value: Sendable>(
        _ body:
            @Sendable (
                isolated LoopTester, _ resume: @escaping @Sendable (Value) -> Void
            ) throws -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try body(self) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    func keep(_ object: AnyObject) { kept.append(object) }
    func add() { count += 1 }
    func isOnLoop() -> Bool { loop.isCurrent }
}

@Suite struct EventLoopTests {
    @Test func `an actor of the loop runs on its thread`() async {
        await withLoop { loop in
            let tester = LoopTester(loop)
            #expect(await tester.isOnLoop())
            #expect(!loop.isCurrent)
            #expect(loop.isIsolatingCurrentContext() == false)
        }
    }

    @Test func `a callback enters its actor without a hop`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let count: Int = try await tester.wait { tester, resume in
                let timer = try Timer(tester.loop) {
                    // Nothing isolates this closure when libuv calls it.
                    tester.assumeIsolated { $0.count += 1 }
                    resume(tester.assumeIsolated { $0.count })
                }
                timer.arm(at: tester.loop.now)
                tester.keep(timer)
            }
            #expect(count == 1)
        }
    }

    @Test func `no job is lost, from many threads and from the loop itself`() async {
        await withLoop { loop in
            let tester = LoopTester(loop)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask { for _ in 0..<50 { await tester.add() } }
                }
            }
            #expect(await tester.count == 10_000)
            // A chain of jobs that each enqueue the next.
            await Self.chain(tester, 1_000)
            #expect(await tester.count == 11_000)
        }
    }

    private static func chain(_ tester: LoopTester, _ length: Int) async {
        for _ in 0..<length {
            let task = Task { await tester.add() }
            await task.value
        }
    }

    @Test func `jobs enqueued before the start run`() async {
        let loop = EventLoop()
        let tester = LoopTester(loop)
        let task = Task { await tester.add() }
        loop.start()
        await task.value
        #expect(await tester.count == 1)
        loop.stop()
        loop.stop()
    }

    @Test func `a loop that never starts closes`() {
        let loop = EventLoop()
        loop.stop()
    }

    @Test func `stop closes what is open and joins`() async throws {
        let closed = Locked(0)
        for _ in 0..<20 {
            try await withLoop { loop in
                let tester = LoopTester(loop)
                try await tester.run { tester in
                    let address = try #require(Address(listening: "127.0.0.1:0"))
                    let listener = try TCPListener(tester.loop, at: address) { _ in }
                    let timer = try Timer(tester.loop) {}
                    timer.arm(at: tester.loop.now + 3_600_000)
                    let dial = try TCPLink.dial(listener.address, on: tester.loop) { result in
                        guard case .success(let link) = result else { return }
                        link.onClose = { _ in closed.withLock { $0 += 1 } }
                    }
                    for object in [listener, timer, dial] as [AnyObject] { tester.keep(object) }
                }
            }
        }
    }

    @Test func `timers fire in order, never early, and only when armed`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let order: [Int] = try await tester.wait { tester, resume in
                let start = tester.loop.now
                let seen = Locked([Int]())
                for delay in [30, 10, 20] {
                    let timer = try Timer(tester.loop) {
                        let late = tester.loop.now.milliseconds(since: start)
                        #expect(late >= UInt64(delay))
                        let all = seen.withLock { seen in
                            seen.append(delay)
                            return seen
                        }
                        if all.count == 3 { resume(all) }
                    }
                    timer.arm(at: start + 1)
                    timer.arm(at: start + Milliseconds(UInt64(delay)))
                    tester.keep(timer)
                }
                let never = try Timer(tester.loop) { Issue.record("fired after disarm") }
                never.arm(at: start + 15)
                never.disarm()
                tester.keep(never)
            }
            #expect(order == [10, 20, 30])
        }
    }

    @Test func `closed handles are gone and let go of their owner`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let before = await tester.run { $0.loop.openHandleCount }
            let isGone: Bool = try await tester.wait { tester, resume in
                let timer = try Timer(tester.loop) {}
                weak let released = timer
                timer.close()
                timer.close()
                let check = try Timer(tester.loop) { resume(released == nil) }
                check.arm(at: tester.loop.now + 5)
                tester.keep(check)
            }
            #expect(isGone)
            #expect(await tester.run { $0.loop.openHandleCount } == before + 1)
        }
    }

    @Test func `a signal reaches its watcher`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let seen: Bool = try await tester.wait { tester, resume in
                let signal = try Signal(tester.loop, .hangUp) { resume(true) }
                tester.keep(signal)
                kill(getpid(), SIGHUP)
            }
            #expect(seen)
        }
    }

    @Test func `a hop to the loop and back is short`() async {
        await withLoop { loop in
            let tester = LoopTester(loop)
            let rounds = 2_000
            let start = SystemClock.now()
            for _ in 0..<rounds { await tester.add() }
            let each = (SystemClock.now().nanoseconds - start.nanoseconds) / UInt64(rounds)
            print("executor round trip: \(each) ns")
            #expect(await tester.count == rounds)
        }
    }

    @Test func `the clocks agree with themselves`() {
        let one = SystemClock.moment()
        let two = SystemClock.moment()
        #expect(one.monotonic <= two.monotonic && one.wallMilliseconds <= two.wallMilliseconds)
        #expect(one.wallMilliseconds > 1_700_000_000_000)
    }
}
