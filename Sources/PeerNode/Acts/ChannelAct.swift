package import PeerState

/// What may be done with channels besides writing in them.
package enum ChannelAct: Hashable, Sendable {
    case createVoice(name: String)
    case rename(Channel.ID, name: String)
    case setTopic(Channel.ID, topic: String)
    case delete(Channel.ID)
    /// Makes a new key for everyone who may read it.
    case rotateKey(Channel.ID)

    /// The channel it is about; `nil` for one that is not there yet.
    package var channel: Channel.ID? {
        switch self {
        case .createVoice: nil
        case .rename(let channel, _), .setTopic(let channel, _), .delete(let channel),
            .rotateKey(let channel):
            channel
        }
    }
}
