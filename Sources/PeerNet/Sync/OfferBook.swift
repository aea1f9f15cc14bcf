package import PeerState

/// Remembers which Offers were shown, so that each is shown once and none fills the user's list.
///
/// - Bounds: `Limits.offersPerPeer` open per peer, `Limits.offersTotal` in all, for
///   `Limits.offerLife`; the last `Limits.declinedOffers` closed ones. What is over is ignored.
package struct OfferBook: Sendable {
    private struct Entry {
        let server: Server.ID
        let peer: Peer.ID
        let since: Instant
    }

    private var open: [Entry] = []
    private var closed: [Entry] = []

    package init() {}

    /// Whether an Offer by `peer` is new and has a place.
    package mutating func hasRoom(_ server: Server.ID, _ peer: Peer.ID, _ now: Instant) -> Bool {
        open.removeAll { $0.since + Limits.offerLife <= now }
        let isKnown = (open + closed).contains { $0.server == server && $0.peer == peer }
        return !isKnown && open.count < Limits.offersTotal
            && open.count { $0.peer == peer } < Limits.offersPerPeer
    }

    package mutating func add(_ server: Server.ID, _ peer: Peer.ID, _ now: Instant) {
        open.append(Entry(server: server, peer: peer, since: now))
    }

    package mutating func close(_ server: Server.ID, _ peer: Peer.ID) {
        guard let place = open.firstIndex(where: { $0.server == server && $0.peer == peer }) else {
            return
        }
        closed.append(open.remove(at: place))
        if closed.count > Limits.declinedOffers { closed.removeFirst() }
    }
}
