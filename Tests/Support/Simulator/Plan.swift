package import PeerNet

/// Everything one simulated run does, as data: who takes part, what they do, and what goes wrong.
///
/// It is made from a seed before the run; running it draws only fates, so leaving out an entry
/// changes no other (HOSTILE 1.3). Times are ms of virtual time.
package struct Plan: Hashable, Sendable {
    package var seed: Seed
    /// Nodes 0 … count − 1 run the product's core; hostile ones follow.
    package var honest: Int
    package var actors: [Actor]
    package var steps: [Step]
    package var faults: [Fault]
    /// When steps and faults have ended.
    package var end: UInt64

    package struct Actor: Hashable, Sendable {
        package let node: Int
        package let kind: ActorKind
        /// A member like any other that never attacks: what others are compared with. Not written
        /// down.
        var isIdle = false
    }

    /// One act of one node; `a` and `b` choose among what is there when it happens.
    package struct Step: Hashable, Sendable {
        package let id: Int
        package let at: UInt64
        package let node: Int
        package let kind: StepKind
        package let a: UInt64
        package let b: UInt64
    }

    /// Something that goes wrong from `at` on, for `duration` where it has one.
    package struct Fault: Hashable, Sendable {
        package let id: Int
        package let at: UInt64
        package let duration: UInt64
        package let kind: FaultKind
        package let node: Int
        package let a: UInt64
        package let b: UInt64
    }

    package var nodeCount: Int { honest + actors.count }

    func actor(_ node: Int) -> ActorKind? { actors.first { $0.node == node }?.kind }

    /// The same acts in a world where nothing goes wrong.
    package var calmed: Plan {
        var plan = self
        plan.steps.removeAll { step in actors.contains { $0.node == step.node } }
        plan.actors = []
        plan.faults = []
        return plan
    }

    /// The same with one more participant, whom the founder invites.
    package func joined(by kind: ActorKind, isIdle: Bool = false) -> Plan {
        var plan = self
        let node = nodeCount
        plan.actors.append(Actor(node: node, kind: kind, isIdle: isIdle))
        plan.steps.append(
            Step(id: 1_000_000, at: 400, node: 0, kind: .invite, a: UInt64(node), b: 0))
        return plan
    }

    /// Whether nothing goes wrong and nobody lies: what a broadcast costs is judged there.
    package var isCalm: Bool { actors.isEmpty && faults.isEmpty }
}

/// What a node may be asked to do.
package enum StepKind: String, Hashable, Sendable, CaseIterable {
    /// Founds a server.
    case found
    /// Invites node `a` into server `b` and lets it join.
    case invite
    /// Remembers node `a` as a peer to dial.
    case addPeer
    case channel
    case post
    case reply
    /// A post above the size that is pushed whole.
    case longPost
    /// Posts the same text under the same client id twice.
    case postTwice
    case name
    case markRead
    /// Something the rules or the node must refuse.
    case forbidden

    // On messages
    case edit, delete, react, unreact, pin, unpin
    // On oneself
    case profile, typing
    // On channels
    case rename, topic, readers, rotate, dropChannel
    // On people
    case kick, suspend, readmit, raise, lower, leave, extend, confirm
    /// Raises node `a`, or removes it: what an attack or a scene rests on.
    case raiseActor, kickActor
    // On roles and permissions
    case role, setRole, assign, unassign, permit, revoke
    // Votes
    case threshold, ballot, withdraw
    /// Makes a join link and lets node `a` come by it.
    case link
    /// Makes one of a single use and lets nodes `a` and `b` come by it.
    case narrowLink
    case revokeLink
    /// Writes its next checkpoint as something else, and dies.
    case spoil
}

/// How a dishonest participant behaves (HOSTILE 1.6).
package enum ActorKind: String, Hashable, Sendable, CaseIterable {
    case liar, withholder, equivocator, backdater, puppetMaster, flooder, grinder, replayer
    case keySaboteur, ballotStuffer, slowReader, fuzzer, exMember, stranger, garbage
    /// Signs what its rank does not allow.
    case trespasser

    /// Those that have nothing to say before they were a member.
    var isOutsider: Bool { self == .stranger || self == .garbage }

    /// Those whose attack begins with the rights of an admin.
    var isTrusted: Bool { self == .backdater || self == .puppetMaster }

    /// Those that are removed while they go on.
    var isRemoved: Bool { isTrusted || self == .exMember || self == .keySaboteur }
}

/// What goes wrong (HOSTILE 1.5).
package enum FaultKind: String, Hashable, Sendable, CaseIterable {
    case delay, oneByte, cap, cut, swizzle, partition, oneWay, overlap, halfOpen
    case duplicate, reorder, corrupt, simultaneousDial
    case skew, jump, drift, timersLate
    case crash, crashInEffect, restore, clone
    case commitFails, diskFull, slowStore
    /// A call to the disk fails; the power goes between two inputs; it goes during a write.
    case ioFails, powerLoss, tornWrites
    case squeeze, entropyRepeats

    /// Whether it does something to single records, if any are sent.
    var strikesRecords: Bool { self == .duplicate || self == .reorder || self == .corrupt }

    /// Whether it strikes below SQLite, so that the node's store needs a disk of its own.
    var strikesDisk: Bool { self == .ioFails || self == .powerLoss || self == .tornWrites }

    /// Whether it strikes a running process alone; it waits for one that is down.
    var needsProcess: Bool {
        switch self {
        case .crash, .crashInEffect, .restore, .clone, .squeeze, .powerLoss, .tornWrites: true
        default: false
        }
    }

    /// Faults of HOSTILE 1.5 that this simulator cannot make yet.
    package static let notBuilt = [
        "cancel (whole-node mode)"
    ]
}
