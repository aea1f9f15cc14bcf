import PeerNet
import PeerNode
import PeerState
import Testing

/// A core whose store refuses to write (S-236), driven by hand.
@Suite struct StorePauseTests {
    /// A core, its clock and its database; the disk is full while `isFull`.
    private struct Bench {
        var core: NodeCore
        let store: StoreCore
        var isFull = false
        var milliseconds: UInt64 = 1_000
        var commits = 0
        var reloads = 0
        var closed = 0
        var replies: [UInt64: Result<Outcome, NodeFailure>] = [:]

        init() throws {
            var entropy = Entropy.seeded(SeededRandom(seed: 7))
            store = try StoreCore(entropy: &entropy)
            core = Self.core(Recovery())
        }

        private static func core(_ recovery: Recovery) -> NodeCore {
            let key = SigningKey(seed: [UInt8](repeating: 7, count: 32))
            return NodeCore(
                configuration: NodeConfiguration(key: key, displayName: "Ann"),
                incarnation: [UInt8](repeating: 1, count: 16),
                entropy: .seeded(SeededRandom(seed: 9)), now: moment(1_000), recovery: recovery)
        }

        /// Starts again as from a directory that was moved.
        mutating func recover() throws {
            core = Self.core(Recovery(since: .zero, affected: nil))
            core.restore(try NodeStorage.load(store, me: core.me))
            try feed(.wake)
        }

        private static func moment(_ milliseconds: UInt64) -> Moment {
            Moment(
                monotonic: Instant.zero + Milliseconds(milliseconds),
                wallMilliseconds: 1_767_225_600_000 + milliseconds)
        }

        mutating func feed(_ input: NodeCore.Input) throws {
            var effects = core.handle(input, now: Self.moment(milliseconds))
            while !effects.isEmpty {
                let effect = effects.removeFirst()
                switch effect {
                case .commit(let job, let batch):
                    commits += 1
                    effects += try commit(job, batch)
                case .reply(let id, let result): replies[id.number] = result
                case .close: closed += 1
                case .reload: reloads += 1
                default: break
                }
            }
        }

        private mutating func commit(
            _ job: NodeCore.JobID, _ batch: StoreBatch
        ) throws -> [NodeCore.Effect] {
            guard !isFull else {
                let failure = StoreFailure(.diskFull, "by the test")
                return core.handle(.commitFailed(job, failure), now: Self.moment(milliseconds))
            }
            try store.commit([batch])
            return core.handle(.committed(job), now: Self.moment(milliseconds))
        }

        mutating func rebuild() throws {
            core = core.rebuilt(
                from: try NodeStorage.load(store, me: core.me),
                entropy: .seeded(SeededRandom(seed: 8)),
                now: Self.moment(milliseconds))
            try feed(.wake)
        }

        mutating func act(_ id: UInt64, _ name: String) throws {
            try feed(
                .perform(NodeCore.ReplyID(id), .createServer(name: name, description: "")))
        }

        func code(_ id: UInt64) -> NodeCode? {
            guard case .failure(let failure)? = replies[id] else { return nil }
            return failure.code
        }
    }

    @Test func `an act between a refused write and the new memory is refused, not kept`() throws {
        var bench = try Bench()
        bench.isFull = true
        try bench.act(1, "Harbour")
        #expect(bench.code(1) == .diskFull)
        #expect(bench.reloads == 1)
        try bench.act(2, "Harbour")
        #expect(bench.code(2) == .diskFull)
        try bench.feed(.linkOpened(LinkID(1), .accepted(from: "10.0.0.2:5")))
        #expect(bench.closed == 1)
    }

    @Test func `S-236 on a full disk writes are refused, little is tried, and links go on`() throws
    {
        var bench = try Bench()
        try bench.act(1, "Harbour")
        bench.isFull = true
        try bench.act(2, "Docks")
        try bench.rebuild()
        bench.commits = 0
        try bench.feed(.linkOpened(LinkID(1), .accepted(from: "10.0.0.2:5")))
        for _ in 0..<600 {
            bench.milliseconds += 100
            try bench.feed(.wake)
            try bench.act(3, "Docks")
            #expect(bench.code(3) == .diskFull)
        }
        #expect(bench.closed <= 1, "only the link whose handshake never ended")
        #expect(bench.reloads == 1)
        #expect(4...12 ~= bench.commits, "\(bench.commits) in a minute")
        #expect(bench.core.servers.count == 1)
        bench.isFull = false
        for _ in 0..<101 where bench.reloads == 1 {
            bench.milliseconds += 100
            try bench.feed(.wake)
        }
        #expect(bench.reloads == 2)
        try bench.rebuild()
        try bench.act(4, "Docks")
        guard case .success? = bench.replies[4] else {
            Issue.record("\(String(describing: bench.replies[4]))")
            return
        }
        #expect(bench.core.servers.count == 2)
    }

    @Test func `a refused write does not end recovery`() throws {
        var bench = try Bench()
        try bench.act(1, "Harbour")
        try bench.recover()
        #expect(bench.core.isRecovering)
        bench.isFull = true
        try bench.act(2, "Docks")
        #expect(bench.reloads == 1)
        bench.isFull = false
        try bench.rebuild()
        #expect(bench.core.isRecovering)
    }

    @Test func `a server founded during recovery can be written to`() throws {
        var bench = try Bench()
        try bench.recover()
        try bench.act(1, "Harbour")
        #expect(bench.code(1) == nil)
        #expect(bench.core.servers.count == 1)
        #expect(!bench.core.isRecovering)
    }

    @Test func `who waits for a message still waits in the new memory`() throws {
        var bench = try Bench()
        let first = try bench.core.addWaiter(WaitFilter(principal: "test"))
        bench.isFull = true
        try bench.act(1, "Harbour")
        try bench.rebuild()
        #expect(try bench.core.addWaiter(WaitFilter(principal: "test")) != first)
    }
}
