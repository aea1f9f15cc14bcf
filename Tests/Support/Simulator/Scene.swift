import PeerNet
import PeerState

/// A story that a plan tells beside what it draws: what chance alone brings to hardly any run.
///
/// Each run but the calm ones has one, in turn; its steps and faults are entries of the plan like
/// any other.
enum Scene: CaseIterable {
    /// A moderator removes somebody who is raised above it meanwhile, and removes it.
    case crossing
    /// Most of those who may vote are against a proposal.
    case outvoted
    /// Nobody votes on a proposal as long as it is open.
    case unheard
    /// A link of one use lets somebody in on each side of a partition.
    case twoDoors
    /// What somebody said before it knew of its removal is taken in later, while a newcomer has no
    /// key for it yet.
    case lateWords
    /// A checkpoint is not what was written.
    case spoiled
    /// Somebody writes as soon as it is back with the data of an earlier moment.
    case olderCopy
    /// Somebody leaves and gets a copy of its data back that does not know of it.
    case forgottenLeave

    init?(of seed: UInt64) {
        // One run in sixteen is calm: whose turn it would have been changes from one to the next.
        guard seed % 16 != 2 else { return nil }
        self = Self.allCases[Int(seed / 2 + seed / 16) % Self.allCases.count]
    }
}

extension PlanMaker {
    /// Who comes when its scene says so, not at the beginning.
    func isLate(_ node: Int) -> Bool {
        switch scene {
        case .twoDoors: node == plan.honest - 1 || node == plan.honest - 2
        case .lateWords: node == plan.honest - 1
        default: false
        }
    }

    mutating func drawScene() {
        var random = seed.stream("plan.scene")
        let start = Self.calm + 2_000 + random.next() % 10_000
        switch scene {
        case .crossing:
            part([0, 4], at: start, for: 6_000)
            add(.raiseActor, at: start + 500, node: 0, 4)
            add(.kickActor, at: start + 800, node: 3, 4)
            add(.kickActor, at: start + 3_500, node: 4, 3)
        case .outvoted:
            add(.threshold, at: start, node: 0, 0, 1)
            for ballot in 0..<4 {
                let at = start + 3_000 + UInt64(ballot) * 1_000
                add(.ballot, at: at, node: 1 + ballot % 2, 0, UInt64(ballot / 2))
            }
        case .unheard:
            fault(.squeeze, at: start, node: 1, for: 0)
            add(.threshold, at: start + 3_000, node: 1, 0, 1)
        case .twoDoors:
            let (first, second) = (plan.honest - 1, plan.honest - 2)
            add(.narrowLink, at: start, node: 0, UInt64(first), UInt64(second))
            part([0, first], at: start + 2_000, for: 8_000)
        case .lateWords:
            part([1, 4], at: start, for: 6_000)
            add(.kickActor, at: start + 500, node: 0, 4)
            for post in 0..<4 {
                add(.post, at: start + 1_000 + UInt64(post) * 1_000, node: 4, 0, 20)
            }
            add(.invite, at: start + 12_000, node: 0, UInt64(plan.honest - 1), 0)
            add(.extend, at: start + 13_000, node: 0, 0, 0)
        case .spoiled:
            add(.spoil, at: start, node: Int(random.next() % UInt64(plan.honest)))
        case .olderCopy:
            // Of the moment when half of what is written now had been.
            fault(.restore, at: start, node: 2, for: 2_000)
            for post in 0..<4 {
                add(.post, at: start + 2_005 + UInt64(post) * 40, node: 2, 0, UInt64(post))
            }
        case .forgottenLeave:
            add(.leave, at: start, node: 3)
            fault(.restore, at: start + 4_000, node: 3, for: 1_500)
        case nil: break
        }
    }

    /// Some nodes hear only one another for a while.
    private mutating func part(_ nodes: [Int], at: UInt64, for duration: UInt64) {
        let group = nodes.reduce(0 as UInt64) { $0 | 1 << UInt64($1) }
        fault(.partition, at: at, node: nodes[0], for: duration, group)
    }

    private mutating func fault(
        _ kind: FaultKind, at: UInt64, node: Int, for duration: UInt64, _ a: UInt64 = 0
    ) {
        plan.faults.append(
            Plan.Fault(
                id: nextFault, at: at, duration: duration, kind: kind, node: node, a: a, b: 0))
        nextFault += 1
    }
}
