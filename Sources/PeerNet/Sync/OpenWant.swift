import PeerState

/// What we asked of one peer and what has come of it.
struct OpenWant {
    let server: Server.ID
    let ranges: [SeqRange]
    /// Whether the ranges were asked for by themselves, not because a head claimed them.
    let isRepair: Bool
    var lastActivity: Instant
    /// Bytes the peer may still send.
    var credit = Limits.creditWindow
    /// Delivered bytes the node is not done with.
    var unconsumed = 0
    /// Consumed bytes not yet returned as credit.
    var owed = 0
    var promised: SyncCore.Totals?
    var received = SyncCore.Totals(events: 0, bytes: 0)
    /// The authors of whom something came.
    var served: Set<Peer.ID> = []
    var isComplete = false
    /// When the rest was left to other peers.
    var abandonedAt: Instant?

    /// When to stop waiting for this peer; nil while the next move is ours.
    var deadline: Instant? {
        if let abandonedAt { return abandonedAt + Limits.abandonedWantKept }
        return isComplete || unconsumed > 0 ? nil : lastActivity + Limits.idleTimeout
    }
}
