import AgentServer
import PeerState
import PeerTesting
import Testing

/// MCP 2.4 L5 and 11 N2: what streams said is told again once, in this process and in the next.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct SessionLogTests {
    private static let key = String(repeating: "ab", count: 32)

    private static func frame(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func tail(_ log: SessionLog, _ stream: Int, after number: Int) -> [String] {
        log.tail(after: SessionPlace(stream: stream, number: number)).events
            .map { String(decoding: $0.frame, as: UTF8.self) }
    }

    /// What the next process finds.
    private static func reopened(
        _ log: inout SessionLog, _ store: AgentStore
    ) async throws -> SessionLog {
        try await store.put([(session: key, changes: log.takeChanges())])
        return try await store.streams(of: key)
    }

    @Test func `only what is stored is told again`() {
        var log = SessionLog()
        let stream = log.open()
        let first = log.prime(stream)
        let second = log.append(Self.frame("one"), to: stream)
        #expect(log.isStoring(stream))
        #expect(Self.tail(log, stream, after: -1).isEmpty)
        log.stored(first)
        #expect(Self.tail(log, stream, after: -1) == [""])
        log.stored(second)
        #expect(Self.tail(log, stream, after: 0) == ["one"] && !log.isStoring(stream))
        #expect(log.place(second.text) == second && log.place("1-2") == nil)
        for wrong in ["", "1", "1-", "-1", "a-0", "7-0", "1-0-0"] {
            #expect(log.place(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `another process tells the same`() async throws {
        let store = try AgentStore.open(path: ":memory:")
        var log = SessionLog()
        let ended = log.open()
        let open = log.open()
        for stream in [SessionLog.standing, ended, open] {
            for number in 0..<3 { _ = log.append(Self.frame("\(stream) \(number)"), to: stream) }
        }
        log.finish(ended)
        log.mark(41)
        let id = try #require(
            MCPRequestID(JSON(9_007_199_254_740_993), raw: Self.frame("9007199254740993")))
        let waits = SessionRequest(
            id,
            wait: .init(
                arguments: ["timeout_s": 50], progressToken: "p", begunAt: 1_700_000_000_000))
        let other = try #require(MCPRequestID("nine"))
        log.expect([waits, SessionRequest(other, wait: nil)], on: open)
        var later = try await Self.reopened(&log, store)
        for stream in [SessionLog.standing, ended, open] {
            #expect(Self.tail(later, stream, after: 0) == ["\(stream) 1", "\(stream) 2"])
        }
        #expect(later.mark == 41 && later.hasStood)
        #expect(later.unfinished.map(\.stream) == [open])
        #expect(
            later.unfinished.first?.requests == [waits, SessionRequest(other, wait: nil)])
        #expect(later.unfinished.first?.requests.first?.id.raw == id.raw)
        #expect(later.append(Self.frame("more"), to: open).number == 3)
        #expect(later.open() == open + 1, "a number is never given twice")
        try await store.close()
    }

    @Test func `finished streams go first, then the oldest frames, also on disk`() async throws {
        let store = try AgentStore.open(path: ":memory:")
        var log = SessionLog()
        let ended = log.open()
        let last = log.append(Self.frame("x"), to: ended)
        log.finish(ended)
        for number in 0..<(Limits.sessionReplayFrames + 10) {
            let place = log.append(Self.frame("\(number)"), to: SessionLog.standing)
            log.stored(place)
        }
        #expect(log.place(last.text) == nil)
        let told = log.tail(after: SessionPlace(stream: SessionLog.standing, number: 0))
        #expect(told.events.count == Limits.sessionReplayFrames && !told.isWhole)
        #expect(log.tail(after: SessionPlace(stream: SessionLog.standing, number: 9)).isWhole)
        let later = try await Self.reopened(&log, store)
        #expect(
            Self.tail(later, SessionLog.standing, after: 0)
                == told.events.map { String(decoding: $0.frame, as: UTF8.self) })
        #expect(later.place(last.text) == nil)
        var next = later
        #expect(next.open() == ended + 1, "also not the number of a forgotten one")
        let big = [UInt8](repeating: 0x61, count: Limits.sessionReplayBytes)
        _ = next.append(big, to: SessionLog.standing)
        let place = next.append(big, to: SessionLog.standing)
        next.stored(place)
        #expect(Self.tail(next, SessionLog.standing, after: place.number - 2).count == 1)
        try await store.close()
    }

    @Test func `an ended session leaves nothing`() async throws {
        let store = try AgentStore.open(path: ":memory:")
        var log = SessionLog()
        _ = log.append(Self.frame("one"), to: log.open())
        _ = try await Self.reopened(&log, store)
        try await store.removeSessions([Self.key])
        let left = try await store.use { database throws(StoreFailure) in
            try database.rows(
                "SELECT (SELECT count(*) FROM streams) + (SELECT count(*) FROM stream_frames)"
            ) { $0.integer(0) }
        }
        #expect(left == [0])
        try await store.close()
    }
}
