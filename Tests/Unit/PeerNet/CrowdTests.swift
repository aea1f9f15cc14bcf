import PeerNet
import PeerState
import PeerTesting
import Testing

/// Large servers through the cores as a node drives them.
///
/// More seeds and members: `./dev sim --crowd 1000 --seeds 30`, `./dev sim --crowd 10000`.
@Suite struct CrowdTests {
    private static func expectBars(_ trial: CrowdTrial) {
        print(trial)
        let crowd = trial.crowd
        #expect(crowd.missed == 0, "seed \(crowd.seed), parts of \(crowd.islands)")
        #expect((1...CrowdTrial.payloadsMost).contains(trial.payloads), "seed \(crowd.seed)")
        // Few links each, however many members.
        let active = crowd.nodes.map { $0.neighbours.active(in: CrowdNode.home).count }
        #expect(active.allSatisfy { (1...Limits.activeView).contains($0) })
        let links = crowd.nodes.reduce(0) { $0 + $1.links.count }
        #expect(links <= crowd.nodes.count * (Limits.activeView + 3))
    }

    @Test
    func `S-220 a thousand nodes get one speaker's events with little more than one payload each`()
    {
        let trial = CrowdTrial(Seed(3), 1_000)
        Self.expectBars(trial)
        // One seed in thirty comes to 16 (docs/decisions/0073).
        #expect(trial.crowd.figures.hopsMax <= CrowdTrial.hopsMost)
    }

    @Test(arguments: UInt64(2)...8)
    func `S-220 whatever the seed, nobody who arrived in a crowd stays apart`(seed: UInt64) {
        Self.expectBars(CrowdTrial(Seed(seed), 200))
    }

    @Test func `S-220 half of the members leave at once and the others go on`() {
        var crowd = Crowd.settled(Seed(2), 200)
        for number in 0..<200 where number % 2 == 1 { crowd.kill(number) }
        crowd.run(for: .seconds(90))
        for _ in 0..<8 {
            crowd.publish(0)
            crowd.run(for: 1_000)
        }
        crowd.run(for: .seconds(60))
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
