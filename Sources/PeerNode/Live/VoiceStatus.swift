package import PeerState

/// The voice room this node is in.
package struct VoiceStatus: Hashable, Sendable {
    package var server: Server.ID
    package var channel: Channel.ID
    package var isMuted = false
    package var isDeafened = false
    /// ms since 1970.
    package var since: UInt64

    /// Who does not hear does not speak.
    package var isSilent: Bool { isMuted || isDeafened }

    package init(server: Server.ID, channel: Channel.ID, since: UInt64) {
        self.server = server
        self.channel = channel
        self.since = since
    }
}
