package import PeerState

/// One ephemeral message that was accepted and opened.
package struct Heard: Sendable {
    let payload: LivePayload
    let author: Peer.ID
    let server: Server.ID
    /// When it stops to count.
    let until: Instant
    /// For display, ms since 1970.
    let atMilliseconds: UInt64

    package init(
        _ payload: LivePayload, by author: Peer.ID, in server: Server.ID, until: Instant,
        atMilliseconds: UInt64
    ) {
        self.payload = payload
        self.author = author
        self.server = server
        self.until = until
        self.atMilliseconds = atMilliseconds
    }
}
