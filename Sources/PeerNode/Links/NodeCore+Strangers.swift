import PeerNet
import PeerState

// Peers that nothing here connects with: they may ask, but leave no trace and fill no place.
extension NodeCore {
    func sharesServer(with peer: Peer.ID) -> Bool {
        servers.values.contains {
            $0.state.standing(of: peer) != nil || $0.introducers.contains(peer)
        }
    }

    /// Whether a server or the operator names that peer.
    private func isFamiliar(_ peer: Peer.ID) -> Bool {
        sharesServer(with: peer) || dialling.isFixed(peer)
    }

    /// Remembers where peers can be dialled: where they were, or their address with their port.
    ///
    /// Who becomes familiar while its link is up is noted then. Strangers never are: their
    /// addresses would take the places of others.
    mutating func meetFamiliar() {
        let fresh = links.filter { !$0.value.isMet && $0.value.peer.map(isFamiliar) == true }
        for link in fresh.keys.sorted(by: { $0.number < $1.number }) {
            guard let slot = fresh[link], let peer = slot.peer else { continue }
            links[link]?.isMet = true
            if !slot.isRelayed { arrivals.metHosts.note(Self.hostGroup(of: slot.address)) }
            guard let place = slot.place else { continue }
            if !slot.isDialler {
                dialling.add(place, identity: peer)
                dialling.connected(place, to: peer, now.monotonic)
            }
            reach.acquaintances.book.met(place, peer, now.wallMilliseconds)
        }
    }

    /// Ends a link where strangers hold more than they may: the oldest of the host that has most,
    /// so that one host never keeps others out. Whoever is served as a relay's client may stay.
    mutating func limitStrangers() {
        guard links.count > Limits.strangerLinks else { return }
        let strangers = links.filter { link, slot in
            guard case .accepted = slot.origin, let peer = slot.peer else { return false }
            return !isFamiliar(peer) && !reach.relay.serves(link)
        }
        guard strangers.count > Limits.strangerLinks else { return }
        let hosts = Dictionary(grouping: strangers.keys) {
            Self.hostGroup(of: strangers[$0]?.address ?? "")
        }
        .values.map { links in links.sorted { $0.number < $1.number } }
        let victim = hosts.max { ($0.count, $1[0].number) < ($1.count, $0[0].number) }?.first
        guard let victim else { return }
        reach.counters.count(.strangersClosed)
        session(victim) { session, now in
            session.close(NetFailure(.overQuota, "too many links of strangers"), now: now)
        }
    }
}

extension LinkSlot {
    fileprivate var host: String? { NodeCore.host(of: address) }

    /// Where the other end can be dialled.
    var place: String? {
        switch origin {
        case .dialled(let address): return address
        case .accepted:
            guard let host, let port = session.peer?.listenPort, port > 0 else { return nil }
            return "\(host):\(port)"
        case .relayed: return nil
        }
    }
}
