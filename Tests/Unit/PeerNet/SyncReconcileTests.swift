import PeerNet
import PeerState
import PeerTesting
import Testing

/// Range reconciliation as part of the sync core.
@Suite struct SyncReconcileTests {
    static let home = SyncWorld.home

    /// Two nodes that hold the same `count` authors.
    static func pair(_ seed: UInt64, authors count: Int) -> SyncWorld {
        var world = SyncWorld(Seed(seed), nodes: 2)
        for number in 0..<count {
            let event = toyChain(toyPeer(10_000 + number), home, 1)[0]
            for node in 0..<2 { _ = world.nodes[node].replica.insert(event) }
        }
        return world
    }

    /// Adds the second event of some authors to one node.
    static func advance(_ world: inout SyncWorld, _ node: Int, _ authors: Range<Int>) {
        for number in authors {
            let event = toyChain(toyPeer(10_000 + number), home, 2)[1]
            _ = world.nodes[node].replica.insert(event)
        }
    }

    @Test(arguments: [0, 1])
    func `ten changed authors of 2,000 are found by ranges`(holder: Int) {
        var world = Self.pair(11, authors: 2_000)
        Self.advance(&world, holder, 500..<510)
        world.connectAll()
        world.run(for: .seconds(20)) { $0.hasConverged }
        #expect(world.hasConverged && world.violations.isEmpty, "\(world.violations)")
        #expect(world.frames[11] == nil, "no heads one by one")
        #expect((2...10).contains(world.frames[14] ?? 0))
    }

    @Test func `both sides learn what only the other has`() {
        var world = Self.pair(12, authors: 1_000)
        Self.advance(&world, 0, 0..<40)
        Self.advance(&world, 1, 30..<31)
        Self.advance(&world, 1, 300..<340)
        world.connectAll()
        world.run(for: .seconds(20)) { $0.hasConverged }
        #expect(world.hasConverged && world.violations.isEmpty, "\(world.violations)")
    }

    @Test func `a newcomer that dials is told by ranges of the other side`() {
        for isNewcomerFirst in [true, false] {
            var world = SyncWorld(Seed(13), nodes: 2)
            let holder = isNewcomerFirst ? 1 : 0
            for number in 0..<600 {
                let event = toyChain(toyPeer(10_000 + number), Self.home, 1)[0]
                _ = world.nodes[holder].replica.insert(event)
            }
            world.connectAll()
            world.run(for: .seconds(20)) { $0.hasConverged }
            #expect(world.hasConverged && world.violations.isEmpty, "\(world.violations)")
        }
    }

    @Test func `S-213 what a peer confirmed is the base of the next announcement, in one life`()
        throws
    {
        var node = SyncCoreTests.node(toyChain(toyPeer(9), Self.home, 2))
        let link = SyncCoreTests.link
        _ = node.handle(toyUp(1, 2))
        let first = try toyMessages(node.receive(SyncCoreTests.hello([:]), link))
        guard case .headsDelta(_, let whole)? = first.first else {
            Issue.record("no announcement")
            return
        }
        #expect(whole.base == nil && whole.entries.count == 1)
        for event in toyChain(toyPeer(8), Self.home, 1) {
            _ = node.replica.insert(event)
            _ = try SyncPushTests.commit(&node, [event], origin: nil)
        }
        let hello = SyncCoreTests.hello(
            [toyPeer(7): SyncCoreTests.head(toyChain(toyPeer(7), Self.home, 1)[0])],
            confirmed: whole.serial)
        let second = try toyMessages(node.receive(hello, link, at: 5_000))
        let deltas = second.compactMap { message -> SyncMessage.HeadsDelta? in
            if case .headsDelta(_, let delta) = message { delta } else { nil }
        }
        #expect(deltas.map(\.base) == [whole.serial])
        #expect(deltas.first?.entries.map(\.handle) == [toyPeer(8).prefix])
        // A new incarnation voids it.
        guard case .hello(_, var other) = hello else { return }
        other.incarnation = toyIncarnation(77)
        other.confirmed = 0
        let third = try toyMessages(node.receive(.hello(Self.home, other), link, at: 9_000))
        #expect(
            third.contains {
                if case .headsDelta(_, let delta) = $0 { delta.base == nil } else { false }
            })
    }

    static func neg(
        _ exchange: UInt64, salt: UInt8? = 1, _ bytes: [UInt8], _ scope: NegScope = .heads
    ) -> SyncMessage {
        .neg(
            home,
            SyncMessage.Neg(
                scope: scope, exchange: exchange,
                salt: salt.map { Array(repeating: $0, count: 32) }, bytes: bytes))
    }

    static func rejects(_ effects: [SyncCore.Effect]) throws -> [String] {
        try toyMessages(effects).compactMap {
            if case .reject(let reject) = $0 { reject.code } else { nil }
        }
    }

    @Test func `exchanges out of turn, unknown or too many are refused`() throws {
        var node = SyncCoreTests.node(toyChain(toyPeer(9), Self.home, 2))
        let link = SyncCoreTests.link
        _ = node.handle(toyUp(1, 2))
        // This node dialled, so the peer's numbers are even.
        #expect(try Self.rejects(node.receive(Self.neg(1, [0x61]), link)) == ["badNeg"])
        #expect(try Self.rejects(node.receive(Self.neg(2, salt: nil, [0x61]), link)) == ["badNeg"])
        let need = SyncMessage.negNeed(Self.home, exchange: 4, [])
        #expect(try Self.rejects(node.receive(need, link)) == ["badNeg"])
        let open = try toyMessages(node.receive(Self.neg(6, [0x61]), link))
        #expect(open == [Self.neg(6, salt: nil, [0x61])])
        #expect(try Self.rejects(node.receive(Self.neg(6, [0x61]), link)) == ["badNeg"])
        #expect(
            try Self.rejects(node.receive(Self.neg(8, [0x61], .events), link)) == ["unknownScope"])
        let broken = node.receive(Self.neg(10, [0x61, 5]), link)
        #expect(try Self.rejects(broken) == ["badNeg"])
        #expect(broken.contains(.badFrame(link, type: 14, server: Self.home)))
        _ = node.receive(Self.neg(12, [0x61]), link)
        #expect(try Self.rejects(node.receive(Self.neg(14, [0x61]), link)) == ["overQuota"])
        #expect(try Self.rejects(node.receive(Self.neg(16, [0x61]), link, at: 10_000)).isEmpty)
    }

    @Test func `a repair fetches the events of a hole`() throws {
        var world = SyncWorld(Seed(14), nodes: 2)
        let chain = toyChain(toyPeer(900), Self.home, 40)
        for event in chain {
            _ = world.nodes[0].replica.insert(event)
            _ = world.nodes[1].replica.insert(event)
        }
        world.nodes[0].replica.listsEvents = true
        world.nodes[1].replica.listsEvents = true
        world.connectAll()
        world.run(for: .seconds(5))
        for event in chain[10..<20] {
            world.nodes[1].replica.held[Self.home]?.events[event.id] = nil
        }
        world.repair(1, .author(toyPeer(900)))
        world.run(for: .seconds(5))
        #expect(world.violations.isEmpty, "\(world.violations)")
        #expect(world.received[1] == Set(chain[10..<20].map(\.envelope)))
    }
}
