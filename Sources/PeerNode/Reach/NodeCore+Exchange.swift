import PeerNet
import PeerState

// Peer exchange: members of one server tell each other where members can be reached.
extension NodeCore {
    /// Tells a member addresses of others, now and then.
    mutating func tellPeers(of server: Server.ID, to link: LinkID) {
        guard let slot = links[link], let receiver = slot.peer,
            let members = reach.neighbours.members(of: server), members.contains(receiver),
            // Who has no history yet does not know whose addresses these are.
            sync.agrees(link, on: server)
        else { return }
        if let last = reach.told[link]?[server], now.monotonic < last + Limits.ownExchangePeriod {
            return
        }
        reach.told[link, default: [:]][server] = now.monotonic
        let isNear = Self.isLoopback(slot.address)
        func usable(_ addresses: [String]) -> [String] {
            Array(
                addresses.filter { Address($0) != nil && (isNear || !Self.isLoopback($0)) }
                    .prefix(Limits.maxAddresses))
        }
        var known = reach.book.peers.filter { members.contains($0) && $0 != me && $0 != receiver }
        known.shuffle(using: &reach.random)
        let all = [(me, listenAddresses)] + known.map { ($0, reach.book.addresses(of: $0)) }
        let contacts = all.lazy.map { peer, addresses in
            Neighbourhood.Contact(peer: peer, addresses: usable(addresses))
        }.filter { !$0.addresses.isEmpty }.prefix(Limits.peersPerFrame)
        guard !contacts.isEmpty else { return }
        session(link, .send(frame: SyncMessage.peers(server, Array(contacts)).bytes))
    }

    /// Takes addresses of members, at most one frame a minute from one peer and server.
    mutating func learnPeers(
        _ contacts: [Neighbourhood.Contact], of server: Server.ID, from link: LinkID
    ) {
        guard let sender = links[link]?.peer,
            let members = reach.neighbours.members(of: server), members.contains(sender)
        else { return }
        let last = reach.heard[sender]?[server]
        if let last, now.monotonic < last + Limits.exchangePeriod {
            reach.counters.count(.peersIgnored)
            return
        }
        reach.heard[sender, default: [:]][server] = now.monotonic
        var fresh: [Neighbourhood.Contact] = []
        for contact in contacts where contact.peer != me {
            guard members.contains(contact.peer) else {
                reach.counters.count(.addressesRefused)
                continue
            }
            let addresses = contact.addresses.filter { Address($0) != nil }
            for address in addresses where !reach.book.knows(address, of: contact.peer) {
                let isNew = reach.book.learn(address, contact.peer, from: sender)
                reach.counters.count(isNew ? .addressesLearned : .addressesRefused)
                reach.isStale = reach.isStale || isNew
            }
            if !addresses.isEmpty {
                fresh.append(Neighbourhood.Contact(peer: contact.peer, addresses: addresses))
            }
        }
        if !fresh.isEmpty { views(.learned(server, fresh, from: sender)) }
    }

    static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address.hasPrefix("[::1]") || address.hasPrefix("localhost:")
    }

    /// An address kept by an earlier version moves into the book.
    mutating func moveAddress(_ address: String, _ setting: String, _ peer: Substring) {
        current.batch.settings.append(Setting(name: setting, value: nil))
        guard let peer = Peer.ID(hex: String(peer)) else { return }
        reach.book.met(address, peer, now.wallMilliseconds)
    }
}
