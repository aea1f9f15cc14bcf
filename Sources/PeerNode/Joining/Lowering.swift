package import PeerState

/// Who ended this node's membership of a server, and how, as a member of it has shown.
package struct Lowering: Hashable, Sendable {
    package let event: Event.ID
    package let author: Peer.ID
    package let isSuspension: Bool
    /// Whether this node itself has left, which a restored copy of its data may not know.
    package let isOwn: Bool
    package let reason: String

    /// Returns `nil` for an event that is no lowering of `peer`.
    ///
    /// - Parameter target: whom a proposal is about that an enactment names.
    init?(_ event: Event, of peer: Peer.ID, target: (Event.ID) -> Peer.ID?) {
        self.event = event.id
        author = event.author
        isOwn = event.author == peer
        switch event.body {
        case is MemberLeft where isOwn:
            isSuspension = false
            reason = ""
        case let body as MemberRemoved where body.target == peer:
            isSuspension = false
            reason = body.reason
        case let body as MemberSuspended where body.target == peer:
            isSuspension = true
            reason = body.reason
        case let body as Enacted where target(body.proposal) == peer:
            isSuspension = false
            reason = "by vote"
        default: return nil
        }
    }

    /// Why nothing is written there any more.
    var failure: NodeFailure {
        if isOwn {
            return NodeFailure(
                .notMember, "this node has left; this copy of its data is older than that")
        }
        let what = isSuspension ? "suspended" : "removed"
        let because = reason.isEmpty ? "" : ": \(reason)"
        return NodeFailure(
            isSuspension ? .suspended : .notMember,
            "peer \(author.short) \(what) this node\(because)")
    }
}
