import PeerNet
import PeerState

/// Acts that say which events of somebody count, and acts that make limited members.
extension NodeCore {
    mutating func extend(
        _ lowering: Event.ID, to pin: Event.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let state = try hosted(server).state
        guard state.kind(of: lowering) != nil else {
            throw NodeFailure(.unknownMessage, "event_id: no such event is known here")
        }
        guard let seq = state.seq(of: pin) else {
            throw NodeFailure(.unknownMessage, "up_to: no such event is known here")
        }
        if let known = state.extent(of: lowering, towards: pin) {
            guard known.isOnChain else {
                throw NodeFailure(.conflict, "up_to: not an event of \(known.target.short)")
            }
            // Whoever may not extend it learns that from the refusal of the event.
            let isOwn = state.author(of: lowering) == me
            let mayAsk = isOwn || state.standing(of: me)?.level ?? .member > .member
            if let cut = known.accepted, known.isCovered, mayAsk {
                var outcome = outcome(.unchanged, nil, server)
                outcome.event = known.by
                outcome.lastAccepted = cut
                return outcome
            }
        }
        let event = try write(RemovalExtended(lowering: lowering, seq: seq, pin: pin), in: server)
        var outcome = outcome(.applied, event, server)
        outcome.lastAccepted = Cut(seq: seq, id: pin)
        return outcome
    }

    mutating func confirm(
        _ pin: Event.ID, _ level: Level?, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let state = try hosted(server).state
        guard let author = state.author(of: pin), let seq = state.seq(of: pin) else {
            throw NodeFailure(.unknownMessage, "event_id: no such event is known here")
        }
        guard state.branches(of: author) != nil else {
            throw NodeFailure(.conflict, "\(author.short) has one history only")
        }
        let event = try write(BranchConfirmed(author: author, seq: seq, pin: pin), in: server)
        var outcome = outcome(.applied, event, server)
        if let level, let standing = servers[server]?.state.standing(of: author),
            standing.level < level
        {
            try write(MemberGranted(target: author, level: level), in: server)
        }
        outcome.peer = author
        outcome.level = servers[server]?.state.standing(of: author)?.level
        outcome.lastAccepted = Cut(seq: seq, id: pin)
        return outcome
    }

    mutating func addAgent(
        _ target: Peer.ID, _ limits: Attenuation, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let state = try hosted(server).state
        guard state.standing(of: target) == nil else {
            throw NodeFailure(.alreadyMember, "\(target.short) is a member; its limits stay")
        }
        for channel in limits.channels ?? [] where state.channel(channel) == nil {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        let event = try write(
            MemberGranted(target: target, level: .member, attenuation: limits), in: server)
        var outcome = outcome(.applied, event, server)
        outcome.level = .member
        return outcome
    }
}
