import PeerNet
import PeerState

/// Who reads a channel, and whether it lives.
extension NodeCore {
    mutating func create(_ plan: ChannelPlan, in server: Server.ID) throws(NodeFailure) -> Outcome {
        if let idle = plan.idleMilliseconds, !ChannelCreated.idleRange.contains(idle) {
            throw NodeFailure(.invalidArgument, "idle: from 1 h to 90 d")
        }
        try checkRoles(plan.readers ?? [], in: server)
        try checkRights(in: server) { state in
            plan.readers.map { state.holds(oneOf: $0, me) } ?? true
        }
        let body = ChannelCreated(
            name: plan.name, topic: plan.topic, isVoice: plan.isVoice,
            history: plan.sharesHistory ? .all : .sinceJoin, readers: plan.readers,
            idleMilliseconds: plan.idleMilliseconds)
        // All or nothing: a restricted channel may be refused after its name was free.
        return try wholly(in: server) { (core) throws(NodeFailure) in
            try core.openChannel(body, in: server)
        }
    }

    /// What opening or closing a channel takes, its key among it: all that is missing at once.
    ///
    /// Who is no active member is told so by the rules.
    /// - Errors: `noPermission`; `notReader` where nothing else is missing.
    private func checkRights(
        in server: Server.ID, isReader: (ServerState) -> Bool
    ) throws(NodeFailure) {
        let state = try hosted(server).state
        guard state.standing(of: me) != nil, !state.isSuspended(me) else { return }
        let wanted: Permissions = [.manageChannels, .sendMessages]
        var missing = wanted.subtracting(state.permissions(of: me, at: state.now)).words
        let code: RuleCode = missing.isEmpty ? .notReader : .noPermission
        if !isReader(state) { missing.append("reader") }
        guard missing.isEmpty else {
            throw NodeFailure(
                rule: Failure(code, "needs \(missing.joined(separator: ", "))"))
        }
    }

    private func checkRoles(_ roles: [Event.ID], in server: Server.ID) throws(NodeFailure) {
        guard roles.count <= ChannelCreated.readersMax else {
            throw NodeFailure(.invalidArgument, "roles: at most \(ChannelCreated.readersMax)")
        }
        let state = try hosted(server).state
        for role in roles where state.role(role) == nil {
            throw NodeFailure(.unknownRole, "no role \(role.short) in this server")
        }
    }

    /// - Parameter readers: `nil` = every member.
    mutating func setReaders(
        _ channel: Channel.ID, _ readers: [Event.ID]?, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let info = try channelInfo(channel, in: server)
        try checkRoles(readers ?? [], in: server)
        let wanted = readers.map { Set($0).sorted() }
        if info.readers == wanted { return changed(channel, nil, in: server) }
        try checkRights(in: server) { state in state.isReader(me, of: channel, at: state.now) }
        return try wholly(in: server) { (core) throws(NodeFailure) in
            let event = try core.write(
                ChannelReadersSet(channel: channel, readers: wanted), in: server)
            var outcome = core.changed(channel, event, in: server)
            if core.mayRotate(channel, in: server) {
                try core.rotate(channel, in: server)
                outcome.rotated = [channel]
            }
            return outcome
        }
    }

    mutating func revive(
        _ channel: Channel.ID, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let info = try channelInfo(channel, in: server)
        guard info.idleMilliseconds != nil else {
            var outcome = changed(channel, nil, in: server)
            outcome.idleState = ChannelIdle.State.active.rawValue
            return outcome
        }
        let event = try write(ChannelRevived(channel: channel), in: server)
        var outcome = changed(channel, event, in: server)
        let now = ChannelIdle(
            try channelInfo(channel, in: server), nowMilliseconds: now.wallMilliseconds)
        outcome.idleState = now.state.rawValue
        return outcome
    }

    mutating func shareHistory(
        _ channel: Channel.ID, with peer: Peer.ID, since: UInt64?, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        _ = try channelInfo(channel, in: server)
        try checkReads(channel, in: server)
        let slot = try hosted(server)
        guard slot.state.standing(of: peer) != nil else {
            throw NodeFailure(.unknownPeer, "\(peer.short) is not an active member")
        }
        guard slot.state.isReader(me, of: channel, at: slot.state.now),
            slot.state.isReader(peer, of: channel, at: slot.state.now)
        else { throw NodeFailure(.notReader, "both of you must be readers of the channel") }
        guard slot.state.currentPrekey(of: peer) != nil else {
            throw NodeFailure(.noKey, "\(peer.short) has published no key to seal to yet")
        }
        let body = Rotation.history(
            of: channel, to: peer, since: since ?? 0, state: slot.state, keys: slot.keys, &entropy)
        var event: Event?
        if let body { event = try write(body, in: server) }
        var outcome = changed(channel, event, in: server)
        outcome.epochs = body?.epochs.count ?? 0
        return outcome
    }
}
