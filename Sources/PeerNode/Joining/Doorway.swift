import PeerState

/// What is under way at the door of one server: who was let in and not told, and this node's own
/// way in or out.
struct Doorway: Sendable {
    /// Whether this node asks for admission; nobody is believed before the answer.
    var isAsking = false
    /// Whether this node comes back: what its introducers hold counts although history is here.
    var isReturning = false
    /// Members whose admission is not durable yet: they are told of it before anything else.
    var unanswered: Set<Peer.ID> = []
    /// What ended the own membership, as a member showed it, while state cannot say so.
    var lowering: Lowering?
    /// Why a peer that may admit no longer counts this node, which came by a link, as a member.
    var refusal: NodeFailure?
    /// Whether a member said that this node is none, and whoever let it in was not asked yet.
    var isDoubted = false
    /// When that was last asked.
    var askedAt: Instant?
}
