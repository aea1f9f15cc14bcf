import PeerState

/// Who ended this node's membership of a server, as a member showed it.
struct MembershipEnd: Hashable, Sendable {
    let author: Peer.ID
    let isSuspension: Bool
}
