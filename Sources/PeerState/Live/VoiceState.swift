/// Whether a member is in a voice room, speaks and listens.
///
/// - Source: PROTOCOL 11, topic 3.
package struct VoiceState: Hashable, Sendable {
    package var channel: Channel.ID
    package var isJoined: Bool
    package var isMuted: Bool
    package var isDeafened: Bool

    package init(channel: Channel.ID, isJoined: Bool, isMuted: Bool, isDeafened: Bool) {
        self.channel = channel
        self.isJoined = isJoined
        self.isMuted = isMuted
        self.isDeafened = isDeafened
    }
}
