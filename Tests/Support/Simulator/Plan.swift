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

    /// Whether one key writes two histories here. Until fork proofs are in force only safety is
    /// judged in such a run.
    package var hasForks: Bool {
        actors.contains { $0.kind == .equivocator } || faults.contains { $0.kind == .clone }
    }
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
}

/// How a dishonest participant behaves (HOSTILE 1.6).
package enum ActorKind: String, Hashable, Sendable, CaseIterable {
    case liar, withholder, equivocator, backdater, puppetMaster, flooder, grinder, replayer
    case keySaboteur, ballotStuffer, slowReader, fuzzer, exMember, stranger, garbage

    /// What its attack needs and the product has not yet; it takes part with what there is.
    package var waitsForState: String? {
        switch self {
        case .equivocator: "fork proofs"
        case .backdater: "removals, to publish after one with an older view"
        case .puppetMaster: "removals, to fall with its maker"
        case .keySaboteur: "key faults after a removal"
        case .ballotStuffer: "votes"
        case .exMember: "removals: until then it is a stranger that once saw the server"
        default: nil
        }
    }
}

/// What goes wrong (HOSTILE 1.5).
package enum FaultKind: String, Hashable, Sendable, CaseIterable {
    case delay, oneByte, cap, cut, swizzle, partition, oneWay, overlap, halfOpen
    case duplicate, reorder, corrupt, simultaneousDial
    case skew, jump, drift, timersLate
    case crash, crashInEffect, restore, clone
    case commitFails, diskFull, slowStore

    /// Faults of HOSTILE 1.5 that this simulator cannot make yet.
    package static let notBuilt = [
        "entropy repeats", "squeeze (limits by argument)", "cancel (whole-node mode)",
        "storage faults below SQLite (process-level tests have a VFS)",
    ]
}
