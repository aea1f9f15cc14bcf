package import PeerState

/// What may be done with channels besides writing in them.
package enum ChannelAct: Hashable, Sendable {
    case createVoice(name: String)
    case rename(Channel.ID, name: String)
    case setTopic(Channel.ID, topic: String)
    case delete(Channel.ID)
    /// Makes a new key for everyone who may read it.
    case rotateKey(Channel.ID)
}
