package import PeerState

/// Something that happened and is kept nowhere: it is told once, to whoever listens.
///
/// - Source: MCP 6.2, the types marked [E].
package struct LiveEvent: Hashable, Sendable {
    package enum What: Hashable, Sendable {
        case typingStarted, typingStopped
        case presence(PresenceState, text: String?)
        case voiceJoined, voiceLeft
        case voiceChanged(isMuted: Bool, isDeafened: Bool)
        case signal(VoiceSignal.Kind, text: String)
        case partial(stream: [UInt8], index: UInt64, text: String, message: Event.ID?)
    }

    package var server: Server.ID
    /// `nil` for presence, which is of the whole server.
    package var channel: Channel.ID?
    package var peer: Peer.ID
    package var what: What

    package init(server: Server.ID, channel: Channel.ID?, peer: Peer.ID, what: What) {
        self.server = server
        self.channel = channel
        self.peer = peer
        self.what = what
    }

    /// What reads differently after it; `nil` for what is told and never read.
    var change: NodeChange? {
        switch what {
        case .typingStarted, .typingStopped: channel.map { .typing(server, $0) }
        case .presence: .members(server)
        case .voiceJoined, .voiceLeft, .voiceChanged: channel.map { .voice(server, $0) }
        case .signal, .partial: nil
        }
    }
}
