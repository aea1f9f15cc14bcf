import PeerNode
import PeerState

/// Who is a member, and at which level.
enum MemberTools {
    private static func traits(
        _ hints: Tool.Hints, _ needed: String, scope: Scope = .admin
    ) -> Tool.Traits {
        .init(
            scope: scope, toolsets: [.members], hints: hints, rate: .administrative,
            permission: needed)
    }

    static let trustPeer = Tool(
        "trust_peer", "Trust peer",
        "Raises a member to moderator or admin; asks for a vote where this peer may not alone.",
        traits([.idempotent, .openWorld], "moderator"),
        output: Tool.Field.voted + [.init("level")],
        .peer("peer_id"), .optionalServer,
        .level([.moderator, .admin], default: .admin), .reason(atMost: 500)
    ) { call, peer, address, level, reason in
        let server = try await call.server(address)
        let outcome = try await call.port.perform(
            .rights(
                .raise(peer, to: level, reason: reason ?? ""), in: server.id,
                isRehearsal: false))
        return Mutation.result(outcome, shown(outcome.level ?? level))
    }

    static let untrustPeer = Tool(
        "untrust_peer", "Untrust peer",
        "Lowers a member to moderator or member; asks for a vote on a peer who is not junior.",
        traits([.destructive, .idempotent, .openWorld], "moderator"),
        output: Tool.Field.voted + Tool.Field.lowering + [.init("level")],
        .peer("peer_id"), .optionalServer, .level([.member, .moderator], default: .member),
        .reason(atMost: 160), .flag("dry_run"), .confirm
    ) { call, peer, address, level, reason, isRehearsal, confirm in
        let server = try await call.server(address)
        let outcome = try await call.lower(
            .lower(peer, to: level, reason: reason ?? ""), peer, server,
            "lower to \(level.word)", isRehearsal, confirm)
        return Mutation.lowering(outcome, shown(outcome.level ?? level))
    }

    static let kickMember = Tool(
        "kick_member", "Kick member",
        "Removes a member and renews the keys he had; asks for a vote on a peer who is not junior.",
        traits([.destructive, .idempotent, .openWorld], "moderator"),
        output: Tool.Field.voted + Tool.Field.lowering,
        .peer("peer_id"), .optionalServer, .reason(atMost: 200),
        .optionalEventID("last_accepted", "An earlier event of the peer, to undo later ones."),
        .flag("dry_run"), .confirm
    ) { call, peer, address, reason, last, isRehearsal, confirm in
        let server = try await call.server(address)
        let cut = try last.map { last in
            guard let id = Event.ID(hex: last.digits) else {
                throw ToolRefusal.invalid(last.field, "give all 64 digits of the event id.")
            }
            return id
        }
        let outcome = try await call.lower(
            .kick(peer, reason: reason ?? "", lastAccepted: cut), peer, server, "remove",
            isRehearsal, confirm)
        return Mutation.lowering(
            outcome, ["keys_rotated": JSON(outcome.rotated.map(\.hex))])
    }

    static let suspendPeer = Tool(
        "suspend_peer", "Suspend peer",
        "Pauses a membership, or ends the pause; roles come back with it.",
        traits([.destructive, .idempotent, .openWorld], "moderator"),
        output: Tool.Field.voted + Tool.Field.lowering + [.init("suspended", .boolean)],
        .peer("peer_id"), .requiredFlag("suspended"), .optionalServer, .reason(atMost: 200),
        .flag("dry_run"), .confirm
    ) { call, peer, isSuspended, address, reason, isRehearsal, confirm in
        let server = try await call.server(address)
        let extra: JSONObject = ["suspended": .bool(isSuspended)]
        guard isSuspended else {
            let outcome = try await call.port.perform(
                .rights(.readmit(peer), in: server.id, isRehearsal: isRehearsal))
            return Mutation.lowering(outcome, extra)
        }
        let outcome = try await call.lower(
            .suspend(peer, reason: reason ?? ""), peer, server, "suspend", isRehearsal, confirm)
        return Mutation.lowering(outcome, extra)
    }

    static let transferOwnership = Tool(
        "transfer_ownership", "Transfer ownership",
        "Makes another member the owner; this peer stays as an admin.",
        traits([.destructive, .openWorld], "owner", scope: .full),
        output: Tool.Field.mutation + [.init("owner")],
        .peer("peer_id"), .optionalServer, .confirm
    ) { call, peer, address, confirm in
        let server = try await call.server(address)
        let who = try await call.described(peer, in: server)
        try call.needConsent(
            confirm,
            "This would make \(who) the owner of server \"\(Sanitiser.name(server.name))\" "
                + "(\(server.id.hex)); only the new owner could give it back.")
        let outcome = try await call.port.perform(
            .rights(.transferOwnership(to: peer), in: server.id, isRehearsal: false))
        return Mutation.result(outcome, ["owner": .string(peer.hex)])
    }

    static let setThreshold = Tool(
        "set_threshold", "Set vote threshold",
        "Sets how many votes a proposal needs; asks the owner and admins to vote on it.",
        traits([.openWorld], "moderator"), output: Tool.Field.voted + [.init("threshold")],
        .threshold, .optionalServer, .reason(atMost: 500)
    ) { call, threshold, address, reason in
        let server = try await call.server(address)
        let outcome = try await call.port.perform(
            .vote(.setThreshold(threshold, reason: reason ?? ""), in: server.id))
        return Mutation.result(outcome, ["threshold": .string(threshold.word)])
    }

    private static func shown(_ level: Level) -> JSONObject { ["level": .string(level.word)] }
}

extension ToolCall {
    /// A peer's name and whole id, for questions to people.
    func described(_ peer: Peer.ID, in server: ServerSnapshot) async throws -> String {
        let member = try await port.members(in: server.id).first { $0.id == peer }
        guard let member else { return "peer \(peer.hex)" }
        return "\"\(Sanitiser.name(member.displayName))\" (\(peer.hex))"
    }

    /// Takes rights from a peer, after showing what that would do and being told to.
    func lower(
        _ act: RightsChange, _ peer: Peer.ID, _ server: ServerSnapshot, _ verb: String,
        _ isRehearsal: Bool, _ confirm: Confirmation
    ) async throws -> Outcome {
        if !isRehearsal && mustAsk(confirm) {
            let rehearsed = try await port.perform(
                .rights(act, in: server.id, isRehearsal: true))
            let who = try await described(peer, in: server)
            let way =
                rehearsed.vote == nil
                ? "\(rehearsed.voided.count) events would lose their effect and "
                    + "\(rehearsed.returned.count) get it back."
                : "This peer may not do it alone: it would ask the owner and admins to vote."
            try needConsent(
                confirm,
                "This would \(verb) \(who) in server \"\(Sanitiser.name(server.name))\" "
                    + "(\(server.id.short)), signed for all members to see. \(way)")
        }
        return try await port.perform(.rights(act, in: server.id, isRehearsal: isRehearsal))
    }

    private func mustAsk(_ confirm: Confirmation) -> Bool {
        switch access.consent {
        case .off: false
        case .confirm: !confirm.isGiven
        case .human: true
        }
    }
}
