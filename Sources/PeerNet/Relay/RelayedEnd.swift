package import PeerState

/// Through whom a relayed link runs, to whom, and which end asked for it.
package struct RelayedEnd: Hashable, Sendable {
    package let relay: Peer.ID
    package let peer: Peer.ID
    /// Whether this end asked, and so begins the handshake.
    package let isDialler: Bool

    package init(relay: Peer.ID, peer: Peer.ID, isDialler: Bool) {
        self.relay = relay
        self.peer = peer
        self.isDialler = isDialler
    }
}
