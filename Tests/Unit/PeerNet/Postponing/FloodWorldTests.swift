import PeerNet
import PeerState
import PeerTesting
import Testing

/// Several nodes, one of which writes far over its quota; all in virtual time.
@Suite struct FloodWorldTests {
    static let tick = Milliseconds(5)
    static let flooder = 3

    /// The longest time, in ms, that an event of the others took to all of them; and the end.
    static func run(_ seed: UInt64, flood: Bool) -> (longest: UInt64, world: SyncWorld) {
        var world = SyncWorld(Seed(seed), nodes: 4, MemoryConditions(medianDelay: 4))
        world.connectAll()
        world.run(for: .seconds(1))
        var open: [(id: Event.ID, since: Instant)] = []
        var longest: UInt64 = 0
        for number in 0..<1_400 {
            if number % 10 == 0, let id = world.writeFresh(number / 10 % flooder) {
                open.append((id, world.network.now))
            }
            if flood { _ = world.writeFresh(flooder) }
            world.pass(Self.tick)
            let now = world.network.now
            for (_, since) in open { longest = max(longest, now.milliseconds(since: since)) }
            open.removeAll { world.have($0.id, [0, 1, 2]) }
        }
        return (longest, world)
    }

    @Test(arguments: 1...4)
    func `nobody waits for others because somebody floods, and nothing is lost`(seed: Int) {
        let calm = Self.run(UInt64(seed), flood: false).longest
        var (longest, world) = Self.run(UInt64(seed), flood: true)
        #expect(longest <= 2 * calm, "seed \(seed): \(longest) ms, else \(calm)")
        for node in world.nodes.dropLast() {
            #expect(node.core.pushes.overAuthor > 300)
            #expect(node.core.pushes.overPeer == 0)
        }
        world.run(for: .seconds(20)) { $0.hasConverged }
        #expect(world.hasConverged, "seed \(seed)")
        #expect(world.violations.isEmpty, "seed \(seed): \(world.violations)")
        let own = world.nodes[Self.flooder].replica.heads(of: SyncWorld.home)
        #expect(own[toyPeer(Self.flooder)]?.seq == 1_400)
    }
}

extension SyncWorld {
    /// Writes an own event that rests on all heads but those of authors who flood.
    mutating func writeFresh(_ node: Int) -> Event.ID? {
        let doubtful = nodes[node].core.doubtfulAuthors(in: Self.home, network.now)
        write(node, deps: 8) { !doubtful.contains($0) }
        return nodes[node].replica.heads(of: Self.home)[nodes[node].peer]?.id
    }

    /// Lets exactly that much time pass.
    mutating func pass(_ duration: Milliseconds) {
        let end = network.now + duration
        network.schedule(0, at: end)
        run(for: duration)
    }

    func have(_ event: Event.ID, _ others: [Int]) -> Bool {
        others.allSatisfy { nodes[$0].replica.isKnown(event, in: Self.home) }
    }
}
