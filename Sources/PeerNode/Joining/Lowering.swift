package import PeerState

/// Who ended this node's membership of a server, and how, as a member of it has shown.
package struct Lowering: Hashable, Sendable {
    package let event: Event.ID
    package let author: Peer.ID
    package let isSuspension: Bool
    /// Whether this node itself has left, which a restored copy of its data may not know.
    package let isOwn: Bool
    package let reason: String
    /// Who had let this node in and was removed, which took the effect of that.
    package let grantor: Peer.ID?

    /// Returns `nil` for an event that is no lowering of `peer`.
    ///
    /// - Parameters:
    ///   - letIn: who let `peer` in, as far as it goes up.
    ///   - target: whom a proposal is about that an enactment names.
    init?(
        _ event: Event, of peer: Peer.ID, letIn: [(by: Peer.ID, seq: UInt64)] = [],
        target: (Event.ID) -> Peer.ID?
    ) {
        self.event = event.id
        author = event.author
        isOwn = event.author == peer
        if let cut = Self.cut(event.body),
            letIn.contains(where: { $0.by == cut.of && $0.seq > cut.seq })
        {
            (grantor, isSuspension, reason) = (cut.of, false, "")
            return
        }
        grantor = nil
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

    /// Whose membership it ends, and beyond which of his numbers nothing has effect.
    private static func cut(_ body: any EventBody) -> (of: Peer.ID, seq: UInt64)? {
        switch body {
        case let body as MemberRemoved: (body.target, body.cut?.seq ?? 0)
        case let body as MemberSuspended: (body.target, body.cut?.seq ?? 0)
        default: nil
        }
    }

    /// Why nothing is written there any more.
    var failure: NodeFailure {
        if let grantor {
            return NodeFailure(
                .notMember,
                "peer \(author.short) removed peer \(grantor.short) as of before it let this node "
                    + "in; ask another member for an invite")
        }
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
