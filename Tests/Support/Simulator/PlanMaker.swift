package import PeerNet
import PeerState

/// Draws a plan from a seed: about ten nodes, some of them hostile, and at least 300 events.
package struct PlanMaker {
    let seed: Seed
    let scene: Scene?
    private let cover: CoveringPlan
    var plan: Plan
    private var random: SeededRandom
    private var nextStep = 0
    var nextFault = 0

    /// When every node had time to join.
    static let calm: UInt64 = 12_000
    /// Everyday acts of a run, at least; enough for 300 events where some nodes are often down.
    private static let work: UInt64 = 450
    /// How soon after that a fault which has to meet an actor begins first.
    private static let soon: UInt64 = 8_000

    package static func plan(_ seed: Seed) -> Plan {
        var maker = PlanMaker(seed)
        maker.drawSetup()
        maker.drawWork()
        maker.drawRights()
        maker.drawScene()
        maker.drawFaults()
        return maker.plan
    }

    private init(_ seed: Seed) {
        self.seed = seed
        scene = Scene(of: seed.value)
        cover = CoveringPlan(seed)
        var random = seed.stream("plan.size")
        // A third of all are hostile where any are.
        let hostile = cover.actors.count
        let sizes = hostile == 0 ? [8, 8, 8, 9, 10] : [9, 9, 9, 9, 10]
        let total = sizes[Int(random.next() % 5)]
        plan = Plan(
            seed: seed, honest: total - hostile, actors: [], steps: [], faults: [],
            end: Self.calm + 30_000 + random.next() % 30_000)
        plan.actors = cover.actors.enumerated().map { place, kind in
            Plan.Actor(node: total - hostile + place, kind: kind)
        }
        self.random = random
    }

    mutating func add(
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
            if plan.actor(node)?.isOutsider == true || isLate(node) { continue }
            let byLink = node == plan.honest - 1 && random.next() % 2 == 0
            add(
                byLink ? .link : .invite, at: 100 + UInt64(node) * 300, node: 0, UInt64(node), 0)
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
            add(.addPeer, at: 4_000 + random.next() % 4_000, node: node, UInt64(next))
            for _ in 0..<(random.next() % 2) {
                add(.addPeer, at: 4_000 + random.next() % 8_000, node: node, random.next() % total)
            }
        }
        for actor in plan.actors {
            let friend = Int(random.next() % UInt64(plan.honest))
            add(.addPeer, at: 7_000, node: friend, UInt64(actor.node))
        }
    }

    private mutating func drawWork() {
        random = seed.stream("plan.work")
        let count = Self.work + random.next() % 40
        let span = plan.end - Self.calm
        for _ in 0..<count {
            let node = Int(random.next() % UInt64(plan.honest))
            let at = Self.calm + random.next() % span
            let (a, b) = (random.next() >> 32, random.next() >> 32)
            add(StepKind.everyday(random.next() % 100), at: at, node: node, a, b)
        }
    }

    /// Who leads, what changes in people's rights, and the ends of those who attack from within.
    private mutating func drawRights() {
        random = seed.stream("plan.rights")
        for node in 1...3 { add(.raise, at: 8_000, node: 0, UInt64(node), node == 3 ? 1 : 2) }
        let span = plan.end - Self.calm
        for actor in plan.actors {
            let hasRank =
                actor.kind.isTrusted || (actor.kind == .ballotStuffer && random.next() % 2 == 0)
            if hasRank { add(.raiseActor, at: 9_000, node: 0, UInt64(actor.node)) }
            if actor.kind == .equivocator {
                for node in 0..<2 {
                    let at = Self.calm + span / 2 + random.next() % (span / 2)
                    add(.confirm, at: at, node: node, 0, random.next() >> 32)
                }
            }
            guard actor.kind.isRemoved else { continue }
            let at = Self.calm + span / 4 + random.next() % (span / 2)
            add(.kickActor, at: at, node: 0, UInt64(actor.node), random.next() >> 32)
        }
        // Calm servers see a few such acts, others many, at most three of them lowerings.
        let count = random.next() % 3 == 0 ? 0 : 4 + random.next() % 16
        var lowerings = 0
        for _ in 0..<count {
            let kind = StepKind.onRights(random.next() % 32)
            lowerings += kind.isLowering ? 1 : 0
            let leads = random.next() % 4 != 0
            let node = Int(random.next() % UInt64(leads ? 4 : plan.honest))
            let at = Self.calm + random.next() % span
            let (a, b) = (random.next() >> 32, random.next() >> 32)
            if kind.isLowering && lowerings > 3 { continue }
            add(kind, at: at, node: node, a, b)
        }
    }

    private mutating func drawFaults() {
        random = seed.stream("plan.faults")
        guard seed.value % 16 != 2 else { return }  // One run in sixteen is calm.
        for kind in FaultKind.allCases {
            var random = seed.stream("plan.fault.\(kind.rawValue)")
            let isCovered = cover.faults.contains(kind)
            let share: UInt64 = (kind == .clone ? 6 : 3) * (cover.faults.isEmpty ? 1 : 2)
            guard random.next() % share == 0 || isCovered else { continue }
            let windows = kind == .clone || kind == .restore ? 1 : 1 + random.next() % 4
            if isCovered { add(kind, within: Self.soon, &random) }
            for _ in (isCovered ? 1 : 0)..<windows { add(kind, within: .max, &random) }
        }
        plan.faults.sort { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    private mutating func add(
        _ kind: FaultKind, within: UInt64, _ random: inout SeededRandom
    ) {
        let span = min(within, plan.end - Self.calm)
        let at = Self.calm + random.next() % span
        let drawn = kind == .oneByte || kind == .diskFull ? 3_000 : 1_000 + random.next() % 20_000
        // Long enough to strike, where it has to.
        let length = kind.strikesRecords && within == Self.soon ? max(6_000, drawn) : drawn
        plan.faults.append(
            Plan.Fault(
                id: nextFault, at: at, duration: min(length, plan.end - at), kind: kind,
                node: Int(random.next() % UInt64(plan.honest)), a: random.next() >> 32,
                b: random.next() >> 32))
        nextFault += 1
    }
}
