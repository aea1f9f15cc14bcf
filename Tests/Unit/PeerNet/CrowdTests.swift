import PeerNet
import PeerState
import Testing

/// Large servers through the cores as a node drives them.
@Suite struct CrowdTests {
    private static func settled(_ seed: UInt64, _ count: Int) -> Crowd {
        var crowd = Crowd(Seed(seed), count)
        crowd.run(for: Milliseconds(UInt64(count) * 5 + 130_000))
        for _ in 0..<8 {
            crowd.publish(0)
            crowd.run(for: 3_000)
        }
        crowd.run(for: 30_000)
        return crowd
    }

    private static func report(_ name: String, _ crowd: Crowd) {
        let receivers = max(1, crowd.figures.published * (crowd.nodes.count(where: \.isAlive) - 1))
        let links = crowd.nodes.filter(\.isAlive).map(\.links.count)
        print(
            "crowd \(name), seed \(crowd.seed): \(crowd.nodes.count) nodes,",
            "\(Double(crowd.figures.payloads) / Double(receivers)) payloads per node and event,",
            "last hop \(crowd.figures.hopsMax), missed \(crowd.missed), links",
            "\(links.min() ?? 0)…\(links.max() ?? 0), \(crowd.figures.dials) dials,",
            "\(crowd.figures.released) released")
    }

    @Test
    func `S-220 a thousand nodes get one speaker's events with little more than one payload each`()
    {
        var crowd = Self.settled(1, 1_000)
        Self.report("forming", crowd)
        crowd.reset()
        for _ in 0..<20 {
            crowd.publish(0)
            crowd.run(for: 200)
        }
        crowd.run(for: 5_000)
        Self.report("one speaker", crowd)
        let receivers = 20 * 999
        #expect(crowd.missed == 0)
        #expect(crowd.figures.payloads >= receivers)
        #expect(Double(crowd.figures.payloads) <= 1.2 * Double(receivers))
        #expect(crowd.figures.hopsMax <= 15)
        // Few links each, however many members.
        let active = crowd.nodes.map { $0.neighbours.active(in: CrowdNode.home).count }
        #expect(active.allSatisfy { (1...Limits.activeView).contains($0) })
        let links = crowd.nodes.reduce(0) { $0 + $1.links.count }
        #expect(links <= 1_000 * (Limits.activeView + 3))
    }

    @Test func `S-220 half of the members leave at once and the others go on`() {
        var crowd = Self.settled(2, 200)
        for number in 0..<200 where number % 2 == 1 { crowd.kill(number) }
        crowd.run(for: .seconds(90))
        for _ in 0..<8 {
            crowd.publish(0)
            crowd.run(for: 1_000)
        }
        crowd.run(for: .seconds(60))
        Self.report("half left", crowd)
        #expect(crowd.missed == 0)
        let alive = crowd.nodes.filter(\.isAlive)
        #expect(alive.allSatisfy { !$0.neighbours.active(in: CrowdNode.home).isEmpty })
    }

    @Test func `nine members are all linked with all`() {
        var crowd = Crowd(Seed(3), 9)
        crowd.run(for: .seconds(1))
        #expect((0..<9).allSatisfy { crowd.nodes[$0].neighbours.isFullMesh(CrowdNode.home) })
        crowd.publish(4)
        crowd.run(for: .seconds(60))
        #expect(crowd.missed == 0)
    }
}
