package import PeerState

/// A member who is writing somewhere.
package struct TypingSnapshot: Hashable, Sendable {
    package var peer: Peer.ID
    package var displayName: String
    package var server: Server.ID
    package var channel: Channel.ID
    package var channelName: String
    /// ms since 1970.
    package var since: UInt64

    package init(
        peer: Peer.ID, displayName: String, server: Server.ID, channel: Channel.ID,
        channelName: String, since: UInt64
    ) {
        self.peer = peer
        self.displayName = displayName
        self.server = server
        self.channel = channel
        self.channelName = channelName
        self.since = since
    }
}
