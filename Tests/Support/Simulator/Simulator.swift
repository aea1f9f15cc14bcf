import PeerNet
import PeerNode
import PeerState

/// A network of whole nodes in virtual time: carries out one plan and judges what happened.
///
/// It interprets the effects of the product's cores as the `Node` actor does; delays of store,
/// signature checks and network are drawn from the seed (HOSTILE 1.1).
package final class Simulator {
    /// What is to happen outside the network.
    enum Timed: Sendable {
        case step(Plan.Step)
        case faultBegins(Plan.Fault)
        case faultEnds(Plan.Fault)
        case stored(node: Int, life: UInt64, generation: UInt64)
        case verified(node: Int, life: UInt64, NodeCore.JobID, Server.ID, [Envelope])
        case loaded(node: Int, life: UInt64, SyncCore.ReadRequest)
        case rescan(node: Int, life: UInt64, Server.ID)
        case reopen(node: Int, life: UInt64, Server.ID, [MessageSource])
        case dialFailed(node: Int, life: UInt64, String)
        case restart(node: Int)
        case ownerRestarts(node: Int, life: UInt64)
        case rebuild(node: Int, life: UInt64)
        case join(node: Int, code: String)
        case tick(hostile: Int)
    }

    let plan: Plan
    let sabotage: Sabotage?
    /// Whether the nodes write their logs to standard error.
    let isLogging: Bool
    /// ms of virtual time, for those logs.
    let logTime = Locked<UInt64>(0)
    let seed: Seed
    var network: MemoryNetwork
    var clock = VirtualClock()
    var now = Instant.zero
    private var queue = EventQueue<Timed>()
    private var entries: UInt64 = 0
    private var random: [String: UInt64] = [:]

    var nodes: [SimNode] = []
    var hostiles: [Int: HostileNode] = [:]
    /// Whose link each end is, for those that are gone from the network already.
    var linkNodes: [LinkID: Int] = [:]
    /// The last record written on a link, to repeat it or hold it back.
    var mangling: [Int: FaultKind] = [:]
    /// Nodes of which no record was struck since that began.
    var unstruck: Set<Int> = []
    var heldRecord: [LinkID: [UInt8]] = [:]

    var asked: [UInt64: Asked] = [:]
    var nextReply: UInt64 = 0
    var ledger = Ledger()
    /// Everything that honest nodes stored, and what of it was decoded to be judged.
    var envelopes: [Event.ID: (server: Server.ID, bytes: [UInt8])] = [:]
    var decoded: [Event.ID: Event] = [:]
    let checks = CheckCache()
    var deliveries = Deliveries()
    /// When a node stored an event, last.
    var lastStored = Instant.zero
    /// Nodes that could not write when all was over.
    var muted: Set<Int> = []
    /// Why acts were refused, and how often.
    package var refusals: [String: Int] = [:]
    package private(set) var trace: Trace
    package var coverage = Coverage()
    /// How often each rare state was come to.
    package var reached: [Sometimes: Int] = [:]
    package var tally = Tally()
    package private(set) var violations: [Violation] = []

    /// Something that must never happen, by its number in HOSTILE 2.
    package struct Violation: Hashable, Sendable, CustomStringConvertible {
        package let invariant: String
        package let text: String
        package let atMilliseconds: UInt64
        package var description: String { "\(invariant) at \(atMilliseconds) ms: \(text)" }
    }

    /// What a run amounted to.
    package struct Tally: Sendable {
        package var inputs: UInt64 = 0
        package var events: UInt64 = 0
        package var stores: UInt64 = 0
        package var checks: UInt64 = 0
        package var records: UInt64 = 0
        package var refused: UInt64 = 0
        package var crashes: UInt64 = 0
        /// Starts from a checkpoint, as tried at the end.
        package var resumed: UInt64 = 0
        package var skipped: UInt64 = 0
        package var hostileEvents: UInt64 = 0
        /// Void events without which the state was made again.
        package var voided: UInt64 = 0
        /// States compared with the oracle's.
        package var oracles: UInt64 = 0
        /// Events that were stable beside a removal that did not know them.
        package var marks: UInt64 = 0
        /// Forks of honest authors whose data directory was put back.
        package var restoredForks: UInt64 = 0
        /// Forks made when all had settled, of which everybody had to be told.
        package var forkTrials: UInt64 = 0
        /// In calm runs: events that came from others, and how many of them came again.
        package var calmEvents: UInt64 = 0
        package var calmRepeats: UInt64 = 0
        package var virtualMilliseconds: UInt64 = 0

        package init() {}

        package mutating func add(_ other: Tally) {
            inputs += other.inputs
            events += other.events
            stores += other.stores
            checks += other.checks
            records += other.records
            refused += other.refused
            crashes += other.crashes
            resumed += other.resumed
            skipped += other.skipped
            hostileEvents += other.hostileEvents
            voided += other.voided
            marks += other.marks
            oracles += other.oracles
            restoredForks += other.restoredForks
            forkTrials += other.forkTrials
            calmEvents += other.calmEvents
            calmRepeats += other.calmRepeats
            virtualMilliseconds += other.virtualMilliseconds
        }
    }

    package init(
        _ plan: Plan, isRecording: Bool = false, isLogging: Bool = false,
        sabotage: Sabotage? = nil
    ) throws {
        self.plan = plan
        self.isLogging = isLogging
        self.sabotage = sabotage
        seed = plan.seed
        network = MemoryNetwork(seed: plan.seed.child("network"))
        trace = Trace(isRecording: isRecording)
        for index in 0..<plan.honest { try addNode(index) }
        for actor in plan.actors { addHostile(actor) }
        for step in plan.steps { schedule(.step(step), after: step.at) }
        for fault in plan.faults { schedule(.faultBegins(fault), after: fault.at) }
    }

    static func address(_ node: Int) -> String { "10.0.0.\(node + 1):4646" }

    static func node(at address: String) -> Int? {
        let host = address.split(separator: ":").first ?? ""
        return host.split(separator: ".").last.flatMap { Int($0) }.map { $0 - 1 }
    }

    private func addNode(_ index: Int) throws {
        var entropy = Entropy.seeded(seed.stream("identity", UInt64(index)))
        let key = SigningKey(seed: entropy.bytes(32))
        let disk = hasDisk(index) ? FaultyDisk(seed: diskSeed(index)) : nil
        let store = try open(disk, &entropy)
        let node = SimNode(index: index, key: key, store: store, disk: disk)
        nodes.append(node)
        ledger.honest.insert(key.publicKey)
        start(node)
    }

    private func addHostile(_ actor: Plan.Actor) {
        let entropy = Entropy.seeded(seed.stream("hostile", UInt64(actor.node)))
        hostiles[actor.node] = HostileNode(actor, entropy: entropy, checks)
        schedule(.tick(hostile: actor.node), after: 500)
    }

    // Running

    /// Carries out the plan, lets everything settle with faults off, and judges.
    package func run() {
        run(until: Instant.zero + Milliseconds(plan.end))
        settle()
        tally.virtualMilliseconds = now.milliseconds(since: .zero)
    }

    func run(until end: Instant) {
        while violations.isEmpty, let next = nextTime, next <= end { step() }
        now = max(now, end)
        network.advance(to: now)
    }

    private var nextTime: Instant? {
        switch (queue.nextTime, network.nextTime) {
        case (let own?, let other?): min(own, other)
        case (let own, let other): own ?? other
        }
    }

    private func step() {
        tally.inputs += 1
        if let own = queue.nextTime, network.nextTime.map({ own <= $0 }) ?? true {
            guard let (at, timed) = queue.next() else { return }
            now = max(now, at)
            if isLogging { dateLogs() }
            network.advance(to: now)
            perform(timed)
        } else if let next = network.next() {
            now = max(now, next.now)
            if isLogging { dateLogs() }
            arrive(next)
        }
    }

    private func dateLogs() {
        let milliseconds = now.milliseconds(since: .zero)
        logTime.withLock { $0 = milliseconds }
    }

    func schedule(_ timed: Timed, after milliseconds: UInt64) {
        schedule(timed, afterNanoseconds: milliseconds &* 1_000_000)
    }

    func schedule(_ timed: Timed, afterNanoseconds: UInt64) {
        entries += 1
        var random = seed.stream("sim.tie", entries)
        let at = Instant(nanoseconds: now.nanoseconds &+ afterNanoseconds)
        queue.add(timed, at: at, tie: random.next())
    }

    /// One decision's own generator: the n-th for this purpose and subject.
    func stream(_ purpose: String, _ subject: Int) -> SeededRandom {
        let name = "\(purpose)/\(subject)"
        random[name, default: 0] += 1
        return seed.stream(purpose, UInt64(subject), random[name] ?? 0)
    }

    func violate(_ invariant: String, _ text: String) {
        guard violations.count < 20 else { return }
        violations.append(
            Violation(
                invariant: invariant, text: text,
                atMilliseconds: now.milliseconds(since: .zero)))
        trace.note(now, -1, "VIOLATION \(invariant) \(text)", code: 99)
    }

    func note(_ node: Int, _ text: @autoclosure () -> String, code: UInt64, _ bytes: [UInt8] = []) {
        trace.note(now, node, text(), code: code, bytes)
    }

    func isHostile(_ node: Int) -> Bool { hostiles[node] != nil }
}
