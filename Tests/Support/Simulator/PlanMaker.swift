package import PeerNet
import PeerState

/// Draws a plan from a seed: about ten nodes, some of them hostile, and at least 300 events.
package struct PlanMaker {
    private let seed: Seed
    private var plan: Plan
    private var random: SeededRandom
    private var nextStep = 0
    private var nextFault = 0

    /// When every node had time to join.
    private static let calm: UInt64 = 20_000

    package static func plan(_ seed: Seed) -> Plan {
        var maker = PlanMaker(seed)
        maker.drawActors()
        maker.drawSetup()
        maker.drawWork()
        maker.drawFaults()
        return maker.plan
    }

    private init(_ seed: Seed) {
        self.seed = seed
        var random = seed.stream("plan.size")
        let total = 8 + Int(random.next() % 4)
        // Half of all runs have hostile members, up to a third of all.
        let hostile = random.next() % 2 == 0 ? 0 : 1 + Int(random.next() % UInt64(total / 3))
        plan = Plan(
            seed: seed, honest: total - hostile, actors: [], steps: [], faults: [],
            end: Self.calm + 60_000 + random.next() % 120_000)
        plan.actors = (0..<hostile).map {
            Plan.Actor(node: total - hostile + $0, kind: .liar)
        }
        self.random = random
    }

    private mutating func drawActors() {
        var random = seed.stream("plan.actors")
        let kinds = ActorKind.allCases
        plan.actors = plan.actors.map { actor in
            var kind = kinds[Int(random.next() % UInt64(kinds.count))]
            // A fork leaves only safety to judge, so most runs have none.
            if kind == .equivocator, random.next() % 2 == 0 { kind = .liar }
            return Plan.Actor(node: actor.node, kind: kind)
        }
    }

    private mutating func add(
        _ kind: StepKind, at: UInt64, node: Int, _ a: UInt64 = 0, _ b: UInt64 = 0
    ) {
        plan.steps.append(
            Plan.Step(id: nextStep, at: at, node: node, kind: kind, a: a, b: b))
        nextStep += 1
    }

    private mutating func drawSetup() {
        random = seed.stream("plan.setup")
        let servers = 1 + random.next() % 2
        add(.found, at: 10, node: 0)
        if servers == 2 { add(.found, at: 20, node: 1) }
        for node in 1..<plan.nodeCount {
            let kind = plan.actors.first { $0.node == node }?.kind
            if kind == .stranger || kind == .exMember || kind == .garbage { continue }
            add(.invite, at: 100 + UInt64(node) * 300, node: 0, UInt64(node), 0)
        }
        if servers == 2 {
            for node in 2..<plan.honest where random.next() % 2 == 0 {
                add(.invite, at: 150 + UInt64(node) * 300, node: 1, UInt64(node), 1)
            }
        }
        // A ring and some chords, so that the network holds together without its founder.
        let total = UInt64(plan.nodeCount)
        for node in 0..<plan.nodeCount where node < plan.honest {
            let next = (node + 1) % plan.honest
            add(.addPeer, at: 6_000 + random.next() % 4_000, node: node, UInt64(next))
            for _ in 0..<(random.next() % 2) {
                add(.addPeer, at: 6_000 + random.next() % 9_000, node: node, random.next() % total)
            }
        }
        for actor in plan.actors {
            let friend = Int(random.next() % UInt64(plan.honest))
            add(.addPeer, at: 9_000, node: friend, UInt64(actor.node))
        }
    }

    private mutating func drawWork() {
        random = seed.stream("plan.work")
        let count = 340 + random.next() % 60
        let span = plan.end - Self.calm
        for _ in 0..<count {
            let node = Int(random.next() % UInt64(plan.honest))
            let at = Self.calm + random.next() % span
            let (a, b) = (random.next() >> 32, random.next() >> 32)
            add(Self.kind(random.next() % 100), at: at, node: node, a, b)
        }
    }

    private static func kind(_ draw: UInt64) -> StepKind {
        switch draw {
        case 0..<62: .post
        case 62..<78: .reply
        case 78..<80: .longPost
        case 80..<84: .postTwice
        case 84..<88: .name
        case 88..<93: .markRead
        case 93..<95: .channel
        case 95..<97: .addPeer
        default: .forbidden
        }
    }

    private mutating func drawFaults() {
        random = seed.stream("plan.faults")
        for kind in FaultKind.allCases {
            var random = seed.stream("plan.fault.\(kind.rawValue)")
            let share: UInt64 = kind == .clone ? 12 : 3
            guard random.next() % share == 0 else { continue }
            let windows = kind == .clone || kind == .restore ? 1 : 1 + random.next() % 4
            for _ in 0..<windows { add(kind, &random) }
        }
        plan.faults.sort { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    private mutating func add(_ kind: FaultKind, _ random: inout SeededRandom) {
        let span = plan.end - Self.calm
        let at = Self.calm + random.next() % span
        let length = kind == .oneByte ? 3_000 : 1_000 + random.next() % 60_000
        plan.faults.append(
            Plan.Fault(
                id: nextFault, at: at, duration: min(length, plan.end - at), kind: kind,
                node: Int(random.next() % UInt64(plan.honest)), a: random.next() >> 32,
                b: random.next() >> 32))
        nextFault += 1
    }
}
