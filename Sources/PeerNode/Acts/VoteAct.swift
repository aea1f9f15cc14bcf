package import PeerState

/// What electors do about proposals.
package enum VoteAct: Hashable, Sendable {
    case setThreshold(Threshold, reason: String)
    case vote(on: Event.ID, accepts: Bool)
    case withdraw(Event.ID)
}
