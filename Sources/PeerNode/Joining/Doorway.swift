import PeerNet
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
    /// A lowering without effect here that whoever answers for this node shows all the same.
    var shown: ShownLowering?
    /// What holds against this node although its own state says otherwise.
    var overruling: ShownLowering?
    /// Why a peer that may admit no longer counts this node, which came by a link, as a member.
    var refusal: NodeFailure?
    /// Whether a member said that this node is none, and whoever let it in was not asked yet.
    var isDoubted = false
    /// When that was last asked.
    var askedAt: Instant?
}

/// A lowering of this node that its state knows and takes for void.
///
/// Whoever shows it may not know yet what voids it; who still stands by it when this node's own
/// events have been fetched knows more than this node, which is served nothing any more.
struct ShownLowering: Sendable {
    let lowering: Lowering
    /// On which link it was shown.
    let link: LinkID
    /// Under what this node acted then; another grant ends it.
    let proof: Event.ID?
}
