import PeerNet
import PeerState

/// Acts on channels and on the server as a whole.
extension NodeCore {
    mutating func perform(_ act: ChannelAct, in server: Server.ID) throws(NodeFailure) -> Outcome {
        _ = try hosted(server)
        switch act {
        case .create(let plan): return try create(plan, in: server)
        case .rename(let channel, let name): return try rename(channel, to: name, in: server)
        case .setTopic(let channel, let topic): return try setTopic(channel, topic, in: server)
        case .delete(let channel):
            _ = try channelInfo(channel, in: server)
            let event = try write(ChannelDeleted(channel: channel), in: server)
            return changed(channel, event, in: server)
        case .rotateKey(let channel): return try renewKey(of: channel, in: server)
        case .setReaders(let channel, let readers):
            return try setReaders(channel, readers, in: server)
        case .revive(let channel): return try revive(channel, in: server)
        case .shareHistory(let channel, let peer, let since):
            return try shareHistory(channel, with: peer, since: since, in: server)
        }
    }

    /// Writes a channel and its first key.
    mutating func openChannel(
        _ body: ChannelCreated, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(body.name, .name, max: 100, "name")
        try checkText(body.topic, .multiline, max: 500, "topic")
        try checkFree(body.name, in: server)
        if try hosted(server).state.channelCount >= Limits.maxChannels {
            throw NodeFailure(.limit, "a server holds \(Limits.maxChannels) channels")
        }
        let event = try write(body, in: server)
        let channel = Channel.ID(event.id)
        try rotate(channel, in: server)
        var outcome = changed(channel, event, in: server)
        outcome.name = body.name
        return outcome
    }

    func channelInfo(
        _ channel: Channel.ID, in server: Server.ID
    ) throws(NodeFailure) -> ChannelInfo {
        guard let info = try hosted(server).state.channel(channel) else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        return info
    }

    private func checkFree(_ name: String, in server: Server.ID) throws(NodeFailure) {
        if try hosted(server).state.holdingChannels.contains(where: { $0.name == name }) {
            throw NodeFailure(.nameTaken, "a channel named \(name) exists; choose another name")
        }
    }

    mutating func changed(
        _ channel: Channel.ID, _ event: Event?, in server: Server.ID
    ) -> Outcome {
        change(.channels(server))
        var outcome = outcome(event == nil ? .unchanged : .applied, event, server)
        outcome.channel = channel
        return outcome
    }

    private mutating func rename(
        _ channel: Channel.ID, to name: String, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(name, .name, max: 100, "name")
        var event: Event?
        if try channelInfo(channel, in: server).name != name {
            try checkFree(name, in: server)
            event = try write(ChannelRenamed(channel: channel, name: name), in: server)
        }
        var outcome = changed(channel, event, in: server)
        outcome.name = name
        return outcome
    }

    private mutating func setTopic(
        _ channel: Channel.ID, _ topic: String, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(topic, .plain, max: 500, "topic")
        var event: Event?
        if try channelInfo(channel, in: server).topic != topic {
            event = try write(ChannelTopicSet(channel: channel, topic: topic), in: server)
        }
        return changed(channel, event, in: server)
    }

    private mutating func renewKey(
        of channel: Channel.ID, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        _ = try channelInfo(channel, in: server)
        try checkReads(channel, in: server)
        guard mayRotate(channel, in: server) else {
            throw NodeFailure(.noKey, "this channel's key has not reached this node yet")
        }
        try rotate(channel, in: server)
        let epoch = servers[server]?.state.newestEpoch(of: channel).map { Event.ID($0.id) }
        var outcome = changed(channel, nil, in: server)
        outcome.kind = .applied
        outcome.event = epoch
        outcome.seq = epoch.flatMap { servers[server]?.state.seq(of: $0) }
        outcome.rotated = [channel]
        return outcome
    }

    // Server

    mutating func perform(_ act: ServerAct, in server: Server.ID) throws(NodeFailure) -> Outcome {
        var event: Event?
        switch act {
        case .leave(let erases): return try leave(server, erases: erases)
        case .rename(let name):
            let current = try hosted(server).state.name
            try checkText(name, .name, max: 100, "name")
            if current != name { event = try write(ServerRenamed(name: name), in: server) }
        case .describe(let text):
            let current = try hosted(server).state.description
            try checkText(text, .multiline, max: 1_000, "description")
            if current != text {
                event = try write(ServerDescribed(description: text), in: server)
            }
        case .profile(let fields): event = try setProfile(fields, in: server)
        }
        if event != nil {
            change(.server(server))
            change(.servers)
        }
        return outcome(event == nil ? .unchanged : .applied, event, server)
    }

    private mutating func leave(
        _ server: Server.ID, erases: Bool
    ) throws(NodeFailure) -> Outcome {
        if let outcome = cancelJoin(server) { return outcome }
        guard try hosted(server).state.standing(of: me) != nil else {
            // An own leave that waits for a peer is known to nobody.
            if erases { beginErasing(server, isKnown: reach.queued[server] == nil) }
            return Outcome(erases ? .applied : .unchanged, server: server)
        }
        let event = try write(MemberLeft(), in: server)
        for changed in [NodeChange.members(server), .server(server), .servers] { change(changed) }
        if erases { beginErasing(server, isKnown: false) }
        return outcome(.applied, event, server)
    }
}
