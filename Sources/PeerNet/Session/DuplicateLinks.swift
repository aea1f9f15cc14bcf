package import PeerState

/// Keeps one link for each pair of peers, the same one on both sides.
///
/// The link whose initiator has the smaller key stays. Of two with one initiator the newer stays:
/// he would not have dialled again if the older one worked. A direct link takes the place of a
/// relayed one. Source: PROTOCOL 8.1, 8.3.
package struct DuplicateLinks<Link: Hashable & Sendable>: Sendable {
    private struct Entry {
        var link: Link
        var initiator: Peer.ID
        var isRelayed: Bool
    }

    private let own: Peer.ID
    private var links: [Peer.ID: Entry] = [:]

    package init(own: Peer.ID) {
        self.own = own
    }

    /// A handshake has finished: the link to close with `superseded`, which may be this one.
    package mutating func established(
        _ link: Link, with peer: Peer.ID, isDialler: Bool, isRelayed: Bool = false
    ) -> Link? {
        let entry = Entry(link: link, initiator: isDialler ? own : peer, isRelayed: isRelayed)
        guard let other = links[peer] else {
            links[peer] = entry
            return nil
        }
        if entry.isRelayed != other.isRelayed {
            guard other.isRelayed else { return link }
        } else if entry.initiator > other.initiator {
            return link
        }
        links[peer] = entry
        return other.link
    }

    /// `link` has closed; it is forgotten unless another has taken its place.
    package mutating func closed(_ link: Link, with peer: Peer.ID) {
        if links[peer]?.link == link { links[peer] = nil }
    }

    /// The link to use for `peer`.
    package func link(to peer: Peer.ID) -> Link? { links[peer]?.link }

    package var count: Int { links.count }
}
