import PeerNode
import PeerState

/// Saying which events of somebody count.
enum BranchTools {
    private static func traits(_ hints: Tool.Hints) -> Tool.Traits {
        .init(
            scope: .admin, toolsets: [.members], hints: hints, rate: .administrative,
            permission: "moderator")
    }

    static let extendRemoval = Tool(
        "extend_removal", "Accept late messages",
        "Accepts later events of a kicked, suspended or lowered peer, up to one of them.",
        traits([.openWorld]),
        output: Tool.Field.mutation + [
            .init("last_accepted", .object), .init("returned", .integer),
        ],
        .eventID("event_id", "The kick, suspension or revocation."),
        .eventID("up_to", "The last event to accept."), .optionalServer, .flag("dry_run")
    ) { call, lowering, pin, address, isRehearsal in
        let server = try await call.server(address)
        let act = RightsChange.extend(
            lowering: try await call.event(lowering), to: try await call.event(pin))
        let outcome = try await call.port.perform(
            .rights(act, in: server.id, isRehearsal: isRehearsal))
        return Mutation.lowering(outcome, ["returned": JSON(outcome.returned.count)])
    }

    static let confirmBranch = Tool(
        "confirm_branch", "Settle a fork",
        "Keeps one of two histories that a peer wrote, up to an event of it; the other is void.",
        traits([.destructive, .openWorld]),
        output: Tool.Field.mutation + [
            .init("peer_id"), .init("level"), .init("voided", .integer),
        ],
        .eventID("event_id", "The last event of the branch to keep."),
        .level([.member, .moderator, .admin], default: .member), .optionalServer, .confirm
    ) { call, address, level, serverAddress, confirm in
        let server = try await call.server(serverAddress)
        let pin = try await call.event(address)
        try call.needConsent(
            confirm,
            "This would keep the history that ends with event \(pin.hex) in server "
                + "\"\(Sanitiser.name(server.name))\" and make the other one void for everyone.")
        let outcome = try await call.port.perform(
            .rights(
                .confirm(branch: pin, level: level == .member ? nil : level), in: server.id,
                isRehearsal: false))
        var extra = JSONObject()
        if let peer = outcome.peer { extra.append("peer_id", .string(peer.hex)) }
        if let level = outcome.level { extra.append("level", .string(level.word)) }
        return Mutation.lowering(outcome, extra)
    }
}

extension ToolCall {
    /// Any stored event by its id or a prefix.
    ///
    /// - Errors: `unknown_message`, `ambiguous_id`.
    func event(_ address: EventAddress) async throws -> Event.ID {
        if let id = Event.ID(hex: address.digits) { return id }
        let ids = await port.eventIDs(startingWith: address.digits)
        return try address.match(
            among: ids, missing: .unknownMessage, "no event here has that id.")
    }
}
