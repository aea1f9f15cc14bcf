package import PeerState

/// What this node may let others know of itself just now; nothing of it is stored.
package enum LiveAct: Sendable {
    /// Somebody of this node is writing there.
    case typing(Channel.ID, in: Server.ID)
    /// In every server; the state is kept over restarts, the text is not.
    case presence(PresenceMode, text: String?)
    case joinVoice(Channel.ID, in: Server.ID)
    case leaveVoice
    case toggleMute
    case toggleDeafen
    /// To one participant of the room this node is in.
    case signal(VoiceSignal, in: Server.ID)
    /// A piece of a text that is still being written; a new text without a stream.
    case partial(String, stream: [UInt8]?, Channel.ID, in: Server.ID)

    /// The channel it is about.
    package var channel: Channel.ID? {
        switch self {
        case .typing(let channel, _), .joinVoice(let channel, _), .partial(_, _, let channel, _):
            channel
        case .signal(let signal, _): signal.channel
        case .presence, .leaveVoice, .toggleMute, .toggleDeafen: nil
        }
    }
}
