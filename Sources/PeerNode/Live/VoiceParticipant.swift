package import PeerState

/// Somebody in a voice room.
package struct VoiceParticipant: Hashable, Sendable {
    package var peer: Peer.ID
    package var displayName: String
    package var isMuted: Bool
    package var isDeafened: Bool
    /// ms since 1970.
    package var since: UInt64

    package init(
        peer: Peer.ID, displayName: String, isMuted: Bool, isDeafened: Bool, since: UInt64
    ) {
        self.peer = peer
        self.displayName = displayName
        self.isMuted = isMuted
        self.isDeafened = isDeafened
        self.since = since
    }
}
