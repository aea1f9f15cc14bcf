import PeerNode
import PeerState

/// Links by which several peers can join.
enum JoinLinkTools {
    private static func traits(_ hints: Tool.Hints) -> Tool.Traits {
        .init(
            scope: .admin, toolsets: [.invites], hints: hints, rate: .administrative,
            permission: "CreateInvite")
    }

    static let createJoinLink = Tool(
        "create_join_link", "Create join link",
        "Makes a link by which whoever has it can join; hand it over privately.",
        traits([.openWorld]),
        output: Tool.Field.mutation + [
            .init("link"), .init("link_id"), .init("max_uses", .integer), .init("expires_at"),
        ],
        .integer("max_uses", in: 1...10_000),
        .time("expires_at", "7d if absent; or unix ms", takesNumbers: true),
        .optionalServer, .confirm
    ) { call, uses, expires, address, confirm in
        let server = try await call.server(address)
        let now = await call.port.wallMilliseconds()
        let expiry = expires?.after(now) ?? now + Limits.inviteLifeMilliseconds
        guard expiry > now else { throw ToolRefusal.invalid("expires_at", "is in the past.") }
        try call.needConsent(
            confirm,
            "This would let up to \(uses) peers who have the link join server "
                + "\"\(Sanitiser.name(server.name))\" (\(server.id.short)) until "
                + "\(Calendar.seconds(expiry)).")
        let outcome = try await call.port.perform(
            .link(
                .create(usesMax: UInt64(uses), expiresAtMilliseconds: expiry), in: server.id))
        var extra = JSONObject()
        if let code = outcome.inviteCode { extra.append("link", .string(code)) }
        if let event = outcome.event { extra.append("link_id", .string(event.hex)) }
        extra.append("max_uses", JSON(uses))
        extra.append("expires_at", .string(Calendar.seconds(expiry)))
        return Mutation.result(outcome, extra)
    }

    static let deleteJoinLink = Tool(
        "delete_join_link", "Delete join link", "Closes a join link; nobody joins by it any more.",
        traits([.destructive, .idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("link_id")],
        .eventID("link_id"), .optionalServer
    ) { call, address, serverAddress in
        let server = try await call.server(serverAddress)
        let links = try await call.port.links(in: server.id)
        let id = try address.match(
            among: links.map(\.id), missing: .unknownInvite,
            "no such link here; see peer://server/join-links.")
        let outcome = try await call.port.perform(.link(.revoke(id), in: server.id))
        return Mutation.result(outcome, ["link_id": .string(id.hex)])
    }
}
