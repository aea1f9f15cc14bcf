package import PeerState

/// What may be done with channels besides writing in them.
package enum ChannelAct: Hashable, Sendable {
    case create(ChannelPlan)
    case rename(Channel.ID, name: String)
    case setTopic(Channel.ID, topic: String)
    case delete(Channel.ID)
    /// Makes a new key for everyone who may read it.
    case rotateKey(Channel.ID)
    /// Lets the holders of these roles read it alone, or every member; makes a new key.
    case setReaders(Channel.ID, [Event.ID]?)
    /// Counts as activity in a channel that goes quiet by itself.
    case revive(Channel.ID)
    /// Hands a reader the keys of it that he lacks and this node holds.
    ///
    /// - Parameter since: keys of epochs older than this are kept back; ms since 1970.
    case shareHistory(Channel.ID, with: Peer.ID, since: UInt64?)

    /// The channel it is about; `nil` for one that is not there yet.
    package var channel: Channel.ID? {
        switch self {
        case .create: nil
        case .rename(let channel, _), .setTopic(let channel, _), .delete(let channel),
            .rotateKey(let channel), .setReaders(let channel, _), .revive(let channel),
            .shareHistory(let channel, _, _):
            channel
        }
    }
}

/// A channel to open.
package struct ChannelPlan: Hashable, Sendable {
    package var name: String
    package var topic = ""
    package var isVoice = false
    /// Whether newcomers get the keys of what was said before them.
    package var sharesHistory = true
    /// Roles whose holders alone may read it; `nil` = every member.
    package var readers: [Event.ID]?
    /// For a channel that goes quiet by itself.
    package var idleMilliseconds: UInt64?

    package init(name: String) {
        self.name = name
    }
}
