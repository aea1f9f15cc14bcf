import PeerNet
import PeerState

/// Acts on people: who is a member, at which level, and what follows for keys and votes.
extension NodeCore {
    /// - Parameter isRehearsal: nothing is kept; the outcome says what would fall and come back.
    mutating func perform(
        _ act: RightsChange, in server: Server.ID, isRehearsal: Bool
    ) throws(NodeFailure) -> Outcome {
        try wholly(in: server, isRehearsal: isRehearsal) { (core) throws(NodeFailure) in
            switch act {
            case .kick(let target, let reason, let last):
                try core.kick(target, reason, last, server)
            case .suspend(let target, let reason): try core.suspend(target, reason, server)
            case .readmit(let target): try core.readmit(target, server)
            case .raise(let target, let level, let reason):
                try core.raise(target, to: level, reason, server)
            case .lower(let target, let level, let reason):
                try core.lower(target, to: level, reason, server)
            case .transferOwnership(let target): try core.transfer(to: target, server)
            case .extend(let lowering, let pin): try core.extend(lowering, to: pin, server)
            case .confirm(let pin, let level): try core.confirm(pin, level, server)
            case .addAgent(let target, let limits): try core.addAgent(target, limits, server)
            default: try core.performOnRoles(act, server)
            }
        }
    }

    /// Runs an act of several events on a copy, so that a refusal half way leaves nothing behind.
    mutating func wholly(
        in server: Server.ID, isRehearsal: Bool = false,
        _ act: (inout NodeCore) throws(NodeFailure) -> Outcome
    ) throws(NodeFailure) -> Outcome {
        let before = try hosted(server).state
        var trial = self
        var outcome = try act(&trial)
        if let after = trial.servers[server]?.state {
            (outcome.voided, outcome.returned) = after.effects(since: before)
        }
        guard !isRehearsal else {
            outcome.kind = .unchanged
            outcome.isRehearsal = true
            outcome.event = nil
            outcome.seq = nil
            outcome.rotated = []
            return outcome
        }
        self = trial
        change(.members(server))
        change(.server(server))
        return outcome
    }

    // Removing

    private mutating func kick(
        _ target: Peer.ID, _ reason: String, _ last: Event.ID?, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(reason, .multiline, max: 200, "reason")
        let cut = try cut(of: target, last, server)
        if try hosted(server).state.isSuspended(target) {
            // Only who is active can be removed (PROTOCOL 5.1, R3).
            _ = try grant(target, .member, server)
        }
        let agents = try hosted(server).state.agents(below: target)
        return try lowering(of: target, with: agents, .remove(target), reason, server) {
            (core) throws(NodeFailure) in
            let body = MemberRemoved(target: target, cut: cut, reason: reason)
            var outcome = core.outcome(.applied, try core.write(body, in: server), server)
            outcome.lastAccepted = cut
            // Whoever acts for the target goes with it, unless the pin took its grant already.
            for agent in agents where core.servers[server]?.state.standing(of: agent) != nil {
                let last = try core.cut(of: agent, nil, server)
                _ = try core.write(
                    MemberRemoved(target: agent, cut: last, reason: reason), in: server)
            }
            return outcome
        }
    }

    private mutating func suspend(
        _ target: Peer.ID, _ reason: String, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(reason, .multiline, max: 200, "reason")
        if try hosted(server).state.isSuspended(target) {
            return Outcome(.unchanged, server: server)
        }
        let cut = try cut(of: target, nil, server)
        return try lowering(of: target, .suspend(target), reason, server) {
            (core) throws(NodeFailure) in
            let body = MemberSuspended(target: target, cut: cut, reason: reason)
            var outcome = core.outcome(.applied, try core.write(body, in: server), server)
            outcome.lastAccepted = cut
            return outcome
        }
    }

    /// Acts alone where the rules let this node, and else asks for a vote (PROTOCOL 5.7); renews
    /// the keys of channels that the target may no longer read.
    private mutating func lowering(
        of target: Peer.ID, with others: [Peer.ID] = [], _ action: VoteAction, _ reason: String,
        _ server: Server.ID, _ act: (inout NodeCore) throws(NodeFailure) -> Outcome
    ) throws(NodeFailure) -> Outcome {
        try checkTarget(target, server)
        let readable = ([target] + others).map { ($0, channels(readBy: $0, in: server)) }
        do {
            var outcome = try act(&self)
            for (peer, channels) in readable {
                let open = channels.filter { !outcome.rotated.contains($0) }
                outcome.rotated += try closeChannels(open, to: peer, in: server)
            }
            return outcome
        } catch  where error.code == .notSenior {
            return try propose(action, reason, in: server)
        }
    }

    private func checkTarget(_ target: Peer.ID, _ server: Server.ID) throws(NodeFailure) {
        let state = try hosted(server).state
        guard target != me else {
            throw NodeFailure(.conflict, "that is this node itself; leave_server ends that")
        }
        guard let standing = state.standing(of: target) else {
            guard !state.isSuspended(target) else {
                throw NodeFailure(
                    .unknownPeer,
                    "\(target.short) is suspended; end that first with suspend_peer")
            }
            throw NodeFailure(.unknownPeer, "\(target.short) is not an active member")
        }
        guard standing.level != .owner else {
            throw NodeFailure(.notSenior, "nobody removes or lowers the owner, also not by vote")
        }
    }

    func channels(readBy peer: Peer.ID, in server: Server.ID) -> [Channel.ID] {
        servers[server]?.state.channels(readBy: peer) ?? []
    }

    /// Makes new keys for those channels that `peer` can no longer read, where this node can.
    mutating func closeChannels(
        _ channels: [Channel.ID], to peer: Peer.ID, in server: Server.ID
    ) throws(NodeFailure) -> [Channel.ID] {
        let left = Set(self.channels(readBy: peer, in: server))
        var rotated: [Channel.ID] = []
        for channel in channels where !left.contains(channel) && mayRotate(channel, in: server) {
            try rotate(channel, in: server)
            rotated.append(channel)
        }
        return rotated
    }

    /// The pin of a lowering: the last known event of the target, or the one that is named.
    func cut(
        of target: Peer.ID, _ last: Event.ID?, _ server: Server.ID
    ) throws(NodeFailure) -> Cut? {
        let state = try hosted(server).state
        guard let last else { return target == me ? nil : state.lastPlace(of: target) }
        guard let cut = state.place(last, of: target) else {
            throw NodeFailure(.unknownMessage, "last_accepted is no event of \(target.short)")
        }
        return cut
    }

    // Levels

    private mutating func readmit(
        _ target: Peer.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let state = try hosted(server).state
        guard state.isSuspended(target) else {
            guard state.standing(of: target) != nil else {
                throw NodeFailure(.unknownPeer, "\(target.short) is not suspended here")
            }
            return Outcome(.unchanged, server: server)
        }
        let own = state.standing(of: me)?.level ?? .member
        let level = min(state.lastLevel(of: target) ?? .member, own, .admin)
        return try grant(target, level, server)
    }

    private mutating func grant(
        _ target: Peer.ID, _ level: Level, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let event = try write(MemberGranted(target: target, level: level), in: server)
        var outcome = outcome(.applied, event, server)
        outcome.level = level
        return outcome
    }

    private mutating func raise(
        _ target: Peer.ID, to level: Level, _ reason: String, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(reason, .multiline, max: 500, "reason")
        let state = try hosted(server).state
        guard let present = state.standing(of: target) else {
            throw NodeFailure(.unknownPeer, "\(target.short) is not an active member")
        }
        if present.level >= level {
            var outcome = Outcome(.unchanged, server: server)
            outcome.event = present.proof
            outcome.level = present.level
            return outcome
        }
        let own = state.standing(of: me)?.level ?? .member
        if own >= .moderator && own < level {
            return try propose(.raise(target, to: level), reason, in: server)
        }
        return try grant(target, level, server)
    }

    private mutating func lower(
        _ target: Peer.ID, to level: Level, _ reason: String, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkText(reason, .multiline, max: 200, "reason")
        try checkTarget(target, server)
        let present = try hosted(server).state.standing(of: target)
        if let present, present.level <= level {
            var outcome = Outcome(.unchanged, server: server)
            outcome.event = present.proof
            outcome.level = present.level
            return outcome
        }
        let cut = try cut(of: target, nil, server)
        let voted = DemotionReason(level: level, text: reason).text
        return try lowering(of: target, .remove(target), voted, server) {
            (core) throws(NodeFailure) in
            try core.write(MemberRemoved(target: target, cut: cut, reason: reason), in: server)
            var outcome = try core.grant(target, level, server)
            outcome.lastAccepted = cut
            return outcome
        }
    }

    private mutating func transfer(
        to target: Peer.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let state = try hosted(server).state
        if state.owner == target { return Outcome(.unchanged, server: server) }
        guard state.owner == me else {
            throw NodeFailure(.noPermission, "needs level owner")
        }
        guard state.standing(of: target) != nil else {
            throw NodeFailure(.unknownPeer, "\(target.short) is not an active member")
        }
        return outcome(
            .applied, try write(OwnershipTransferred(target: target), in: server), server)
    }
}

/// How a proposal to remove somebody says that he shall stay at a lower level.
///
/// A vote knows no demotion: who enacts it grants the level in the same act (PROTOCOL 5.7).
struct DemotionReason: Hashable {
    let level: Level
    let reason: String

    init(level: Level, text: String) {
        self.level = level
        reason = text
    }

    /// Reads what `text` made; `nil` for any other reason.
    init?(_ text: String) {
        for level in [Level.member, .moderator] {
            let head = Self.head(level)
            guard text.hasPrefix(head) else { continue }
            self.level = level
            reason = String(text.dropFirst(head.count).drop { $0 == ":" || $0 == " " })
            return
        }
        return nil
    }

    private static func head(_ level: Level) -> String { "demote to \(level.word)" }

    var text: String { reason.isEmpty ? Self.head(level) : "\(Self.head(level)): \(reason)" }
}
