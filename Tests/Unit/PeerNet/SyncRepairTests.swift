import PeerNet
import PeerState
import PeerTesting
import Testing

/// Repairs that begin by themselves: what heads do not explain, and who takes over.
@Suite struct SyncRepairTests {
    private static let home = SyncWorld.home

    /// Two nodes with the same heads, of whom the second lacks ten events in the middle.
    private static func holed(_ seed: UInt64) -> (SyncWorld, [ToyEvent]) {
        var world = SyncWorld(Seed(seed), nodes: 2)
        let chain = toyChain(toyPeer(900), home, 40)
        for node in 0..<2 {
            for event in chain { _ = world.nodes[node].replica.insert(event) }
            world.nodes[node].replica.listsEvents = true
        }
        for event in chain[10..<20] {
            world.nodes[1].replica.held[home]?.events[event.id] = nil
        }
        return (world, chain)
    }

    @Test func `equal heads and another number of events lead to a comparison of events`() {
        var (world, chain) = Self.holed(31)
        world.connectAll()
        world.run(for: .seconds(5))
        #expect(world.received[1]?.isSuperset(of: chain[10..<20].map(\.envelope)) == true)
        #expect(world.violations.isEmpty, "\(world.violations)")
    }

    @Test func `a hole that does not close is looked at less and less often`() {
        var (world, _) = Self.holed(32)
        world.connectAll()
        world.run(for: .seconds(3_600))
        // After 0, 1, 3, 7, 15, 31 and 63 minutes, on either side.
        let repairs = world.nodes.map(\.core.repairs)
        #expect(repairs.reduce(0, +) >= 6)
        #expect(repairs.allSatisfy { $0 <= 7 }, "\(repairs)")
        #expect(world.violations.isEmpty, "\(world.violations)")
    }

    @Test func `what seems whole is looked through now and then`() {
        var world = SyncWorld(Seed(33), nodes: 2)
        for event in toyChain(toyPeer(900), Self.home, 20) {
            for node in 0..<2 { _ = world.nodes[node].replica.insert(event) }
        }
        for node in 0..<2 { world.nodes[node].replica.listsEvents = true }
        world.connectAll()
        world.run(for: .seconds(5 * 3_600))
        #expect(world.frames[14] == nil)
        world.run(for: .seconds(24 * 3_600))
        #expect(world.frames[14] ?? 0 >= 2)
        #expect(world.violations.isEmpty, "\(world.violations)")
    }

    @Test func `S-097 a range that one peer withholds is asked from another`() throws {
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        _ = node.handle(toyUp(2, 3))
        let range = SeqRange(author: toyPeer(9), from: 1, to: 5)
        let first = node.handle(.fetch(SyncCoreTests.home, range, from: LinkID(1)))
        #expect(try SyncCoreTests.wants(first).map(\.ranges) == [[range]])
        let before = node.handle(.timer, at: Limits.idleTimeout.count - 1)
        #expect(try SyncCoreTests.wants(before).isEmpty)
        let after = node.handle(.timer, at: Limits.idleTimeout.count)
        let sent = after.compactMap { effect -> LinkID? in
            guard case .send(let link, let bytes) = effect,
                case .want(_, _, [range], _)? = try? SyncMessage(decoding: bytes)
            else { return nil }
            return link
        }
        #expect(sent == [LinkID(2)])
        #expect(node.core.takeovers == 1)
        // Both stall: they are not asked in turns for ever.
        var asked = 0
        for second in stride(from: UInt64(30_000), to: 59_000, by: 1_000) {
            asked += try SyncCoreTests.wants(node.handle(.timer, at: second)).count
        }
        #expect(asked == 0)
    }
}
