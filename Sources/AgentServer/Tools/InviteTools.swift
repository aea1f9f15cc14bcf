import PeerNode
import PeerState

/// Bringing peers into servers.
enum InviteTools {
    static let generateInvite = Tool(
        "generate_invite", "Invite a peer",
        "Makes one peer a member and returns the invite text to hand over privately.",
        .init(
            scope: .admin, toolsets: [.invites], hints: [.openWorld], rate: .administrative,
            permission: "CreateInvite"),
        output: Tool.Field.mutation + [.init("invite_code"), .init("expires_at")],
        .peer("recipient_peer_id"),
        .optionalServer,
        .optionalEventID("role_id"),
        .time("expires_at", "Accept by, like 2h; else a member at once."),
        .confirm
    ) { call, recipient, address, roleAddress, expires, confirm in
        let server = try await call.server(address)
        var role: RoleInfo?
        if let roleAddress { role = try await call.role(roleAddress, in: server) }
        let now = await call.port.wallMilliseconds()
        let expiry = expires?.after(now)
        if let expiry, expiry <= now {
            throw ToolRefusal.invalid("expires_at", "is in the past.")
        }
        try call.needConsent(
            confirm,
            "This would make peer \(recipient.hex) a member of server "
                + "\"\(Sanitiser.name(server.name))\" (\(server.id.short))"
                + (role.map { " with the role \"\(Sanitiser.name($0.name))\"" } ?? "")
                + ", signed for all members to see"
                + (expiry.map { ", once they accept, until \(Calendar.seconds($0))." } ?? "."))
        let outcome = try await call.port.perform(
            .invite(
                server: server.id, recipient: recipient, expiresAtMilliseconds: expiry,
                role: role?.id))
        var extra = JSONObject()
        if let code = outcome.inviteCode { extra.append("invite_code", .string(code)) }
        if let end = outcome.expiresAtMilliseconds {
            extra.append("expires_at", .string(Calendar.seconds(end)))
        }
        return Mutation.result(outcome, extra)
    }

    static let acceptInvite = Tool(
        "accept_invite", "Accept invite",
        "Joins the server that an invite for this peer names, and connects to its members.",
        .init(
            scope: .full, toolsets: [.invites], hints: [.openWorld], rate: .administrative),
        output: [.init("outcome"), .init("server_id"), .init("name"), .init("inviter")],
        .text("code", bytes: 1...Limits.maxInvite),
        .confirm
    ) { call, code, confirm in
        try call.needConsent(
            confirm,
            "This would join the server that the invite names: this node would connect to the "
                + "addresses in it, and its members would see this peer and its messages.")
        let outcome = try await call.port.perform(.acceptInvite(code: code))
        try await call.adoptServer(outcome)
        var object: JSONObject = ["outcome": .string(outcome.kind.rawValue)]
        if let server = outcome.server { object.append("server_id", .string(server.hex)) }
        if let name = outcome.name { object.append("name", .string(Sanitiser.name(name, 100))) }
        if let inviter = outcome.inviter { object.append("inviter", .string(inviter.hex)) }
        if outcome.kind == .queued, let waiting = outcome.waitingFor {
            object.append("waiting_for", .string(waiting))
        }
        return ToolResult(object)
    }
}
