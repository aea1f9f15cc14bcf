import PeerNode
import PeerState

/// A rare state that a campaign has to reach: a test of what never happens tests nothing.
///
/// Each is seen from outside, in effects, counters and states; the product holds no mark of it.
/// - Source: HOSTILE 1.9.
package enum Sometimes: String, CaseIterable, Sendable {
    // Authority
    case removalCycle = "removal cycle resolved"
    case removalVoided = "removal voided by a removal"
    case puppetFell = "puppet removed with its maker"
    case extended = "removal extended"
    case enactKilled = "enact below its threshold"
    case proposalFailed = "proposal failed"
    case proposalExpired = "proposal expired"
    case proposalWithdrawn = "proposal withdrawn"
    case proposalEnacted = "proposal enacted"
    case forkKnown = "fork known to all"
    case proofFirst = "fork proof before either branch"
    case branchConfirmed = "branch confirmed"
    case linkOverclaimed = "link claimed too often"
    // Keys and texts
    case lateKey = "key arrives after messages that were forgotten"
    case textReopened = "text looked up again"
    case epochsCross = "two epochs from the same parents"
    // Sync
    case repaired = "repair by range reconciliation"
    case takenOver = "fetch taken over from a peer that stalls"
    case promiseUnmet = "peer claims events and gives none"
    case simultaneousDial = "two links to one peer"
    case scoreRefused = "link closed for its score"
    case pendingFull = "as many events wait as may"
    // Storage
    case recoveryEntered = "recovering state entered"
    case recoveryLeft = "recovering state left"
    case crashInCommit = "crash between commit and send"
    case checkpointRefused = "checkpoint dropped"
    case refolded = "state made again from all events"
    case diskFreed = "disk full, then free"
    case memoryReread = "memory read again after a refused batch"

    /// What the plans of one short campaign come to once or never: told, and no failure.
    package static let seldom: Set<Sometimes> = [
        .proposalFailed, .linkOverclaimed, .refolded, .proofFirst,
    ]

    /// Points of HOSTILE 1.9 that nothing here looks for.
    package static let notBuilt = [
        "fork proof and pin in either order",
        "grant beside a removal of its target", "kick races a promotion",
        "two removals cross and no epoch qualifies", "message under a stale epoch",
        "pending evicted, then fetched again", "graft after two failed announcers",
        "digest equal at the first hello", "clock discarded for a new incarnation",
        "migration resumed",
        "relay replaced, wait woken at its timeout, cursor expired, listener resynced, token "
            + "revoked during a call, blob taken over: tests of nodes and clients, by name",
    ]
}

extension Simulator {
    func reach(_ point: Sometimes) { reached[point, default: 0] += 1 }

    /// What one life of a node came to; asked before it ends.
    func reachPoints(of node: SimNode) {
        guard let counters = node.core?.reachSnapshot().counters else { return }
        if counters[.repairs] > 0 { reach(.repaired) }
        if counters[.takeovers] > 0 { reach(.takenOver) }
        if counters[.promisesUnmet] > 0 { reach(.promiseUnmet) }
        if counters[.linksSuperseded] > 0 { reach(.simultaneousDial) }
        if counters[.closedForScore] > 0 { reach(.scoreRefused) }
    }

    /// What a settled server shows of its history.
    func reachPoints(of state: ServerState) {
        if !state.forks.isEmpty { reach(.forkKnown) }
        for proposal in state.proposalInfos {
            switch proposal.status {
            case .open: break
            case .enacted: reach(.proposalEnacted)
            case .failed: reach(.proposalFailed)
            case .withdrawn: reach(.proposalWithdrawn)
            case .expired: reach(.proposalExpired)
            }
        }
        var parents: Set<[Epoch.ID]> = []
        for epoch in state.epochs.values.sorted(by: { $0.id < $1.id })
        where !epoch.parents.isEmpty {
            if !parents.insert(epoch.parents.sorted()).inserted { reach(.epochsCross) }
        }
        var lowered: Set<[Peer.ID]> = []
        for id in state.graph.eventIDs {
            guard let event = event(id) else { continue }
            reachPoints(of: event, state.verdict(on: id)?.code, &lowered)
        }
    }

    private func reachPoints(
        of event: Event, _ verdict: RuleCode?, _ lowered: inout Set<[Peer.ID]>
    ) {
        switch verdict {
        case nil:
            if event.body is RemovalExtended { reach(.extended) }
            if event.body is BranchConfirmed { reach(.branchConfirmed) }
        case .voidedProof?: reach(.puppetFell)
        case .overClaimed?: reach(.linkOverclaimed)
        case .voidedByRemoval? where EventKinds.isLowering(event.kind): reach(.removalVoided)
        case .belowThreshold? where event.body is Enacted: reach(.enactKilled)
        default: break
        }
        guard let body = event.body as? MemberRemoved else { return }
        lowered.insert([event.author, body.target])
        if lowered.contains([body.target, event.author]) { reach(.removalCycle) }
    }
}
