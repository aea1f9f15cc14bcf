package import PeerState

/// What two members say about who is linked with whom.
///
/// - Source: PROTOCOL 10, frames 32–38.
package enum ViewMessage: Hashable, Sendable {
    package typealias Contact = SyncMessage.PeerAddresses

    /// A newcomer, linked with its contact.
    case join(Peer.ID)
    /// The newcomer on its way to others.
    case forwardJoin(Contact, ttl: UInt64)
    case neighbor(isHigh: Bool)
    case neighborReply(isAccepted: Bool)
    /// The sender keeps the link no longer for this server.
    case disconnect(isAlive: Bool)
    case shuffle(origin: Peer.ID, ttl: UInt64, [Contact])
    case shuffleReply([Contact])
}
