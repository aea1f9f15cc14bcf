import PeerNet
import PeerState

// Links that no server needs any more.
extension NodeCore {
    /// Closes a link that no server needs, unless the operator asked for it.
    ///
    /// Not before both sides hold the same, or a while is over: whoever knows only members whose
    /// views are full has no other way to catch up than over links that it is refused on.
    mutating func release(_ link: LinkID) {
        guard let slot = links[link], let peer = slot.peer, !slot.isRelayed,
            !dialling.isFixed(peer), !reach.relayPeers.contains(peer),
            !reach.neighbours.needs(peer)
        else {
            reach.leaving[link] = nil
            return
        }
        let due = reach.leaving[link] ?? now.monotonic + Limits.releaseWait
        guard due <= now.monotonic || haveSame(link, peer) else {
            reach.leaving[link] = due
            return
        }
        reach.counters.count(.linksReleased)
        log.log(.debug, "link \(link.number): no server needs it, closed")
        hangUp(link)
        closeLink(link)
    }

    /// Closes a link that waited for that.
    mutating func releaseCaughtUp(_ link: LinkID) {
        if reach.leaving[link] != nil { release(link) }
    }

    /// Closes links that waited long enough.
    mutating func releaseDue() {
        for (link, due) in reach.leaving.sorted(by: { $0.key < $1.key })
        where due <= now.monotonic {
            release(link)
        }
    }

    /// Whether both sides said last that they hold the same, in each server they share.
    private func haveSame(_ link: LinkID, _ peer: Peer.ID) -> Bool {
        servers.allSatisfy { server, hosted in
            hosted.standing(of: peer) != .member || sync.agrees(link, on: server)
        }
    }
}
