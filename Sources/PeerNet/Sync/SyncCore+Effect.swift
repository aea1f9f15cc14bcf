package import PeerState

extension SyncCore {
    /// What the owner of the core has to do, in this order.
    package enum Effect: Hashable, Sendable {
        case send(LinkID, [UInt8])
        /// Envelopes for insertion. With a want id `.consumed` must follow for all their bytes.
        case deliver(Server.ID, [[UInt8]], from: LinkID, wantID: UInt64?)
        case read(ReadRequest)
        /// Call with `.timer` then; replaces the wake before.
        case wake(at: Instant)
        /// A frame that does not read or contradicts an earlier one; the Reject has been sent.
        /// Penalised; the third in 10 min closes.
        case badFrame(LinkID, type: UInt64, server: Server.ID?)
        /// Close with Bye of that code: `overCredit` (penalised) or `lowScore`.
        case close(LinkID, code: String)
        /// The peer does not talk about this server with us, and says why.
        case rejected(LinkID, Server.ID, code: String)
        /// A peer claimed events and gave none of them.
        case unmet(LinkID, Server.ID)
        /// An Offer that checks; show it to the user.
        case offered(Server.ID, [[UInt8]], from: Peer.ID)
        /// Lowerings of this node, unasked: show who lowered us and write nothing more there.
        case lowered(Server.ID, [[UInt8]], from: LinkID)
        /// Everything that peer announced is here.
        case caughtUp(Server.ID, LinkID)
        /// A peer holds the same events and another state; the answer to it follows.
        case doubted(Server.ID, by: LinkID)
        /// A member has other events or knows of other forks, or a peer is no member any more, and
        /// that may be why: those known here are told again.
        case differs(Server.ID, from: LinkID)
        case progress(Server.ID, LinkID, have: UInt64, total: UInt64)
        /// For the node: ForkProof, Peers, StateTell, Ephemeral (of members), JoinAsk and
        /// JoinAnswer (of anybody). For `BlobCore`: frames about chunks, Credit that names no want
        /// of ours.
        case unhandled(LinkID, SyncMessage)
    }
}
