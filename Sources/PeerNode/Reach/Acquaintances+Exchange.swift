package import PeerNet
package import PeerState

// Peer exchange: members of one server tell each other where members can be reached.
extension Acquaintances {
    /// What a member said of others.
    package struct Learned: Sendable {
        /// The members among them, with addresses.
        package var contacts: [Contact] = []
        package var new: UInt64 = 0
        /// Addresses of others than members, and those without a place.
        package var refused: UInt64 = 0
    }

    /// Whether a link may be told of a server again; it counts as told then.
    package mutating func mayTell(_ link: LinkID, of server: Server.ID, _ now: Instant) -> Bool {
        if let last = told[link]?[server], now < last + Limits.ownExchangePeriod {
            return false
        }
        told[link, default: [:]][server] = now
        return true
    }

    package mutating func linkDown(_ link: LinkID) {
        told[link] = nil
    }

    /// What to tell a member: our own addresses and some others'.
    ///
    /// - Parameter isNear: whether loopback addresses mean something to it.
    package mutating func contacts(
        for receiver: Peer.ID, among members: Set<Peer.ID>, own: [String], isNear: Bool
    ) -> [Contact] {
        func usable(_ addresses: [String]) -> [String] {
            Array(
                addresses.filter { Address($0) != nil && (isNear || !Self.isLoopback($0)) }
                    .prefix(Limits.maxAddresses))
        }
        var known = book.peers.filter { members.contains($0) && $0 != me && $0 != receiver }
        known.shuffle(using: &random)
        let all = [(me, own)] + known.map { ($0, book.addresses(of: $0)) }
        return Array(
            all.lazy.map { Contact(peer: $0, addresses: usable($1)) }
                .filter { !$0.addresses.isEmpty }.prefix(Limits.peersPerFrame))
    }

    /// Takes what a member says of others; nil when it says so too often.
    package mutating func learn(
        _ contacts: [Contact], of server: Server.ID, from sender: Peer.ID,
        among members: Set<Peer.ID>, _ now: Instant
    ) -> Learned? {
        if let last = heard[sender]?[server], now < last + Limits.exchangePeriod { return nil }
        heard[sender, default: [:]][server] = now
        var learned = Learned()
        for contact in contacts where contact.peer != me {
            guard members.contains(contact.peer) else {
                learned.refused += 1
                continue
            }
            let addresses = contact.addresses.filter { Address($0) != nil }
            for address in addresses where !book.knows(address, of: contact.peer) {
                let isNew = book.learn(address, contact.peer, from: sender)
                learned.new += isNew ? 1 : 0
                learned.refused += isNew ? 0 : 1
            }
            if !addresses.isEmpty {
                learned.contacts.append(Contact(peer: contact.peer, addresses: addresses))
            }
        }
        return learned
    }

    static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address.hasPrefix("[::1]") || address.hasPrefix("localhost:")
    }
}
