import Foundation
import PeerNet
import PeerState
import PeerTesting
import Testing

/// Whole networks of membership and broadcast on virtual time. A larger network:
/// `PEER_BROADCAST_NODES=10000`.
@Suite struct BroadcastTests {
    static var size: Int {
        ProcessInfo.processInfo.environment["PEER_BROADCAST_NODES"].flatMap { Int($0) } ?? 1_000
    }

    /// A network whose views and whose tree for one speaker have settled.
    static func settled(_ seed: UInt64, _ size: Int) -> BroadcastSim {
        var sim = BroadcastSim(seed: Seed(seed), nodes: size)
        sim.assemble()
        sim.run(for: Milliseconds(UInt64(size) * 5 + 70_000))
        if size <= 12 { sim.introduce() }
        for _ in 0..<8 {
            sim.publish(by: 0)
            sim.run(for: 3_000)
        }
        sim.run(for: 60_000)
        return sim
    }

    static func report(_ name: String, _ sim: BroadcastSim) {
        let figures = sim.figures
        let receivers = max(1, figures.published * (sim.nodes.count(where: \.isAlive) - 1))
        print(
            "broadcast \(name), seed \(sim.seed): \(sim.nodes.count) nodes,",
            "\(figures.published) events,",
            "\(Double(figures.payloads) / Double(receivers)) payloads per node and event,",
            "last hop \(figures.hopsMax), last after \(figures.delayMax) ms,",
            "\(figures.announcements) IHave, \(figures.grafts) Graft, \(figures.prunes) Prune,",
            "\(figures.repaired) repaired, \(figures.faults) faults, missed \(sim.missed)")
    }

    @Test func `S-220 one speaker reaches everybody with little more than one payload each`() throws
    {
        var sim = Self.settled(1, Self.size)
        Self.report("forming", sim)
        #expect(sim.missed == 0)
        sim.reset()
        for _ in 0..<20 {
            sim.publish(by: 0)
            sim.run(for: 200)
        }
        sim.run(for: 3_000)
        Self.report("one speaker", sim)
        let figures = sim.figures
        let receivers = 20 * (Self.size - 1)
        #expect(figures.delivered == receivers && figures.repaired == 0 && sim.missed == 0)
        #expect(Double(figures.payloads) <= 1.2 * Double(receivers))
        #expect(figures.hopsMax <= 15)
        #expect(figures.faults == 0)
        try leaveByHalf(&sim)
    }

    /// Every second member goes at once; nobody who stays may be alone, and all get what follows.
    private func leaveByHalf(_ sim: inout BroadcastSim) throws {
        for number in sim.nodes.indices where number % 2 == 1 { sim.kill(number) }
        sim.run(for: .seconds(60))
        let alive = sim.nodes.filter(\.isAlive)
        #expect(alive.allSatisfy { !$0.view.active.isEmpty })
        for _ in 0..<8 {
            sim.publish(by: 0)
            sim.run(for: 1_000)
        }
        expectHeardByAll("half of them left", &sim)
        #expect(sim.figures.repaired == 0)
    }

    /// Ten events of one speaker come to all who are there, with little more than one payload each.
    private func expectHeardByAll(_ name: String, _ sim: inout BroadcastSim) {
        sim.reset()
        for _ in 0..<10 {
            sim.publish(by: 0)
            sim.run(for: 300)
        }
        sim.run(for: 5_000)
        Self.report(name, sim)
        let receivers = 10 * (sim.nodes.count(where: \.isAlive) - 1)
        #expect(sim.figures.delivered == receivers && sim.missed == 0)
        #expect(Double(sim.figures.payloads) <= 1.2 * Double(receivers))
    }

    @Test func `many speakers share the tree`() {
        let size = Self.size / 3
        var sim = Self.settled(2, size)
        let speakers = (0..<10).map { $0 * (size / 10) }
        for _ in 0..<4 {
            for speaker in speakers {
                sim.publish(by: speaker)
                sim.run(for: 500)
            }
        }
        sim.run(for: 5_000)
        sim.reset()
        for _ in 0..<3 {
            for speaker in speakers {
                sim.publish(by: speaker)
                sim.run(for: 300)
            }
        }
        sim.run(for: 5_000)
        Self.report("ten speakers", sim)
        let receivers = 30 * (size - 1)
        #expect(sim.figures.delivered == receivers && sim.missed == 0)
        // The tree follows whoever speaks; ten in turn keep it moving.
        #expect(Double(sim.figures.payloads) <= 1.3 * Double(receivers))
        #expect(sim.figures.hopsMax <= 30 && sim.figures.repaired == 0)
    }

    @Test func `lost frames are announced again by others`() {
        var sim = Self.settled(3, 200)
        sim.reset()
        sim.lossOneIn = 20
        for _ in 0..<20 {
            sim.publish(by: 7)
            sim.run(for: 500)
        }
        sim.run(for: 10_000)
        Self.report("one frame in 20 lost", sim)
        let receivers = 20 * 199
        // Before anti-entropy had its turn.
        #expect(sim.figures.delivered * 1_000 >= receivers * 990)
        sim.lossOneIn = 0
        sim.run(for: .seconds(120))
        #expect(sim.missed == 0)
    }

    @Test func `S-220 half of the members leave at once and nobody is cut off`() {
        var sim = Self.settled(4, 300)
        for number in 0..<300 where number % 2 == 1 { sim.kill(number) }
        sim.run(for: .seconds(30))
        for _ in 0..<10 {
            sim.publish(by: 0)
            sim.run(for: 1_000)
        }
        #expect(sim.nodes.count(where: \.isAlive) == 150)
        expectHeardByAll("half left", &sim)
        #expect(sim.nodes.allSatisfy { !$0.isAlive || !$0.view.active.isEmpty })
    }

    @Test func `cut links heal while events flow`() {
        var sim = Self.settled(5, 200)
        sim.reset()
        for round in 0..<20 {
            if round % 4 == 0 { sim.cutLinks(oneIn: 10) }
            sim.publish(by: round * 13 % 200)
            sim.run(for: 1_000)
        }
        sim.run(for: .seconds(120))
        Self.report("a tenth of the links cut, five times", sim)
        #expect(sim.missed == 0)
        #expect(sim.figures.repaired * 100 <= sim.figures.delivered)
    }

    @Test func `a small server is a full mesh in which everybody is eager`() {
        var sim = Self.settled(6, 8)
        sim.reset()
        sim.publish(by: 3)
        sim.run(for: 1_000)
        Self.report("mesh", sim)
        #expect(sim.nodes.allSatisfy { $0.view.active.count == 7 && $0.view.isFullMesh })
        #expect(sim.figures.prunes == 0 && sim.figures.grafts == 0)
        #expect(sim.figures.delivered == 7 && sim.figures.hopsMax <= 2)
    }

    @Test func `S-219 twelve members who all speak do not get it twice`() {
        var sim = Self.settled(7, 12)
        for round in 0..<5 {
            for speaker in 0..<12 { sim.publish(by: (speaker + round) % 12) }
            sim.run(for: 2_000)
        }
        sim.reset()
        for _ in 0..<20 {
            for speaker in 0..<12 {
                sim.publish(by: speaker)
                sim.run(for: 50)
            }
        }
        sim.run(for: 5_000)
        Self.report("twelve speakers", sim)
        let receivers = 20 * 12 * 11
        #expect(sim.figures.delivered == receivers && sim.missed == 0)
        // The tree follows whoever speaks: whole nodes, who know what they have, get less twice
        // (S-219 in `SyncMeshScenarioTests`).
        #expect(Double(sim.figures.payloads) <= 1.5 * Double(receivers))
        #expect(sim.figures.hopsMax <= 8)
    }

    @Test func `one seed gives one run`() {
        let traces = (0..<2).map { _ in Self.settled(8, 60).trace }
        #expect(traces[0] == traces[1] && traces[0] != 0)
        #expect(Self.settled(9, 60).trace != traces[0])
    }
}
