package import PeerState

/// A channel and the epoch tests send under.
package struct RightsRoom: Sendable {
    package let channel: Channel.ID
    package let epoch: Event.ID

    package init(channel: Channel.ID, epoch: Event.ID) {
        self.channel = channel
        self.epoch = epoch
    }
}

extension RightsServer {
    /// A channel with its first key.
    package mutating func room(
        _ name: String, _ title: String, readers: [Event.ID]? = nil
    ) throws -> RightsRoom {
        let channel = Channel.ID(try write(name, .channel(title, readers: readers)))
        return RightsRoom(channel: channel, epoch: try rotate(name, channel))
    }

    /// - Returns: the new epoch.
    @discardableResult
    package mutating func rotate(_ name: String, _ channel: Channel.ID) throws -> Event.ID {
        try write(name, rotation(name, channel))
    }

    /// A rotation as it is right now, whoever signs it.
    package mutating func rotation(_ name: String, _ channel: Channel.ID) throws -> RightsAct {
        let draft = Rotation.draft(
            channel: channel, author: Self.peer(name), state: state, keys: KeyRing(), &entropy)
        guard let part = draft.parts.first else { throw Failure(RuleCode.badBody) }
        return RightsAct(part)
    }

    /// A proposal to the electorate of now; the threshold must be that of the server.
    package func proposal(
        _ action: VoteAction, _ threshold: Threshold = .majority, life: UInt64 = 1_000
    ) -> RightsAct {
        let electorate = ServerState.electorateDigest(state.electorate(at: state.now))
        return RightsAct(
            Proposed(
                action: action, threshold: threshold,
                electorateDigest: electorate, life: life, reason: ""))
    }

    @discardableResult
    package mutating func propose(
        _ name: String, _ action: VoteAction, _ threshold: Threshold = .majority,
        life: UInt64 = 1_000
    ) throws -> Event.ID {
        try write(name, proposal(action, threshold, life: life))
    }
}
