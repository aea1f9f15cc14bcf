import PeerNet
import PeerState

/// Proposals, ballots and what they carry out (PROTOCOL 5.7).
extension NodeCore {
    mutating func perform(_ act: VoteAct, in server: Server.ID) throws(NodeFailure) -> Outcome {
        try wholly(in: server) { (core) throws(NodeFailure) in
            switch act {
            case .setThreshold(let threshold, let reason):
                try core.setThreshold(threshold, reason, in: server)
            case .vote(let proposal, let accepts):
                try core.vote(on: proposal, accepts, in: server)
            case .withdraw(let proposal): try core.withdraw(proposal, in: server)
            }
        }
    }

    private mutating func setThreshold(
        _ threshold: Threshold, _ reason: String, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(reason, .multiline, max: 500, "reason")
        if try hosted(server).state.currentThreshold == threshold {
            return Outcome(.unchanged, server: server)
        }
        return try propose(.setThreshold(threshold), reason, in: server)
    }

    /// Opens a proposal, or supports the same one that is open already; carries it out when the
    /// own vote is enough.
    mutating func propose(
        _ action: VoteAction, _ reason: String, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let state = try hosted(server).state
        let open = state.proposalInfos.first { $0.status == .open && $0.body.action == action }
        if let open {
            guard open.electorate.contains(me), open.ballots[me] != true else {
                return try concluded(open.id, nil, in: server)
            }
            let ballot = BallotCast(proposal: open.id, accepts: true)
            return try concluded(open.id, try write(ballot, in: server), in: server)
        }
        let body = Proposed(
            action: action, threshold: state.currentThreshold,
            electorateDigest: ServerState.electorateDigest(state.electorate(at: state.now)),
            life: configuration.proposalLife, reason: reason)
        let event = try write(body, in: server)
        return try concluded(event.id, event, in: server)
    }

    private mutating func vote(
        on id: Event.ID, _ accepts: Bool, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let info = try openProposal(id, in: server)
        guard info.electorate.contains(me) else {
            throw NodeFailure(.notElector, "only the owner and the admins of then vote on this")
        }
        var event: Event?
        if info.ballots[me] != accepts {
            event = try write(BallotCast(proposal: id, accepts: accepts), in: server)
        }
        var outcome = try concluded(id, event, in: server)
        if outcome.kind == .proposed { outcome.kind = event == nil ? .unchanged : .applied }
        return outcome
    }

    private mutating func withdraw(
        _ id: Event.ID, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let info = try openProposal(id, in: server)
        guard info.author == me else {
            throw NodeFailure(.notAuthor, "only the author of a proposal withdraws it")
        }
        let event = try write(Withdrawn(proposal: id), in: server)
        return counted(outcome(.applied, event, server), id)
    }

    private func openProposal(
        _ id: Event.ID, in server: Server.ID
    ) throws(NodeFailure) -> ProposalInfo {
        guard let info = try hosted(server).state.proposal(id) else {
            throw NodeFailure(.unknownProposal, "no proposal \(id.short) in this server")
        }
        guard info.status == .open else {
            throw NodeFailure(.closed, "the proposal is \(info.status)")
        }
        return info
    }

    /// Carries a proposal out when its yes votes are enough, and says where it stands.
    private mutating func concluded(
        _ id: Event.ID, _ event: Event?, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        guard let info = try hosted(server).state.proposal(id), info.status == .open,
            info.yes.count >= info.needed
        else { return counted(outcome(.proposed, event, server), id) }
        do {
            let enacted = try enact(info, in: server)
            return counted(enacted, id)
        } catch {
            // The ballot stands; somebody else may carry it out.
            log.log(.info, "proposal \(id.short) could not be enacted: \(error)")
            return counted(outcome(.proposed, event, server), id)
        }
    }

    private mutating func enact(
        _ info: ProposalInfo, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        var cut: Cut?
        var readable: [Channel.ID] = []
        var removed: Peer.ID?
        switch info.body.action {
        case .remove(let target), .suspend(let target):
            removed = target
            cut = try self.cut(of: target, nil, server)
            readable = channels(readBy: target, in: server)
        case .raise, .setThreshold: break
        }
        let ballots = Array(info.yes.prefix(Enacted.ballotsMax))
        let event = try write(
            Enacted(proposal: info.id, ballots: ballots, cut: cut), in: server)
        var outcome = outcome(.applied, event, server)
        outcome.lastAccepted = cut
        guard let removed else { return outcome }
        if case .remove = info.body.action, let demotion = DemotionReason(info.body.reason) {
            try write(MemberGranted(target: removed, level: demotion.level), in: server)
            outcome.level = demotion.level
        }
        outcome.rotated = try closeChannels(readable, to: removed, in: server)
        return outcome
    }

    private func counted(_ outcome: Outcome, _ proposal: Event.ID) -> Outcome {
        var outcome = outcome
        outcome.vote = outcome.server.flatMap { servers[$0]?.state.proposal(proposal) }
            .map { Outcome.VoteCount($0) }
        return outcome
    }
}

extension Limits {
    /// How long a proposal of this node stays open, in lamport.
    package static let proposalLife: UInt64 = 1_000
}
