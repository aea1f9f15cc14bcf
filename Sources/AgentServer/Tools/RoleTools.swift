import PeerNode
import PeerState

/// Roles and single permissions.
enum RoleTools {
    private static func traits(_ hints: Tool.Hints) -> Tool.Traits {
        .init(
            scope: .admin, toolsets: [.roles], hints: hints, rate: .administrative,
            permission: "ManageRoles")
    }

    static let createRole = Tool(
        "create_role", "Create role", "Makes a named set of permissions to assign.",
        traits([.openWorld]), output: Tool.Field.mutation + [.init("role_id")],
        .text("name", bytes: 1...64), .optionalServer, .permissions
    ) { call, name, address, permissions in
        try NameRule.check(name, "name")
        let outcome = try await call.rights(
            .createRole(name: name, permissions: permissions ?? []), in: address)
        var extra = JSONObject()
        if let role = outcome.roles?.first { extra.append("role_id", .string(role.hex)) }
        return Mutation.result(outcome, extra)
    }

    static let deleteRole = Tool(
        "delete_role", "Delete role", "Takes a role from everyone who holds it, for good.",
        traits([.destructive, .idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("members_affected", .integer)],
        .eventID("role_id"), .optionalServer, .confirm
    ) { call, address, serverAddress, confirm in
        let server = try await call.server(serverAddress)
        let role = try await call.role(address, in: server)
        try call.needConsent(
            confirm,
            "This would delete role \"\(Sanitiser.name(role.name))\" (\(role.id.hex)) in server "
                + "\"\(Sanitiser.name(server.name))\"; \(role.holders.count) members hold it.")
        let outcome = try await call.port.perform(
            .rights(.deleteRole(role.id), in: server.id, isRehearsal: false))
        return Mutation.result(outcome, ["members_affected": JSON(outcome.affected ?? 0)])
    }

    static let renameRole = Tool(
        "rename_role", "Rename role", "Gives a role another name.",
        traits([.idempotent, .openWorld]), output: Tool.Field.mutation + [.init("name")],
        .eventID("role_id"), .text("name", bytes: 1...64), .optionalServer
    ) { call, address, name, server in
        try NameRule.check(name, "name")
        let outcome = try await call.rights(on: address, in: server) {
            .renameRole($0, name: name)
        }
        return Mutation.result(outcome, ["name": .string(Sanitiser.name(name, 64))])
    }

    static let setPermission = Tool(
        "set_permission", "Set role permission", "Gives a permission to a role, or takes it.",
        traits([.destructive, .idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("permissions", .array)],
        .eventID("role_id"), .permission, .requiredFlag("granted"), .optionalServer
    ) { call, address, permission, isHeld, server in
        let outcome = try await call.rights(on: address, in: server) {
            .setRole($0, permission: permission, isHeld: isHeld)
        }
        return Mutation.result(
            outcome, ["permissions": JSON(outcome.permissions?.words ?? [])])
    }

    static let assignRole = Tool(
        "assign_role", "Assign role", "Gives a member a role.",
        traits([.idempotent, .openWorld]), output: Tool.Field.mutation + [.init("roles", .array)],
        .peer("peer_id"), .eventID("role_id"), .optionalServer
    ) { call, peer, address, server in
        let outcome = try await call.rights(on: address, in: server) { .assign($0, to: peer) }
        return Mutation.result(outcome, roles(outcome))
    }

    static let unassignRole = Tool(
        "unassign_role", "Remove role", "Takes a role from a member.",
        traits([.destructive, .idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("roles", .array)],
        .peer("peer_id"), .eventID("role_id"), .optionalServer
    ) { call, peer, address, server in
        let outcome = try await call.rights(on: address, in: server) { .unassign($0, from: peer) }
        return Mutation.result(outcome, roles(outcome))
    }

    static let grantPermission = Tool(
        "grant_permission", "Grant permission", "Gives a member one permission directly.",
        traits([.idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("effective", .array)],
        .peer("peer_id"), .permission, .optionalServer
    ) { call, peer, permission, server in
        let outcome = try await call.rights(.grant(permission, to: peer), in: server)
        return Mutation.result(outcome, effective(outcome))
    }

    static let revokePermission = Tool(
        "revoke_permission", "Revoke permission",
        "Takes one permission from a member, whatever gave it.",
        traits([.destructive, .idempotent, .openWorld]),
        output: Tool.Field.mutation + Tool.Field.lowering + [.init("effective", .array)],
        .peer("peer_id"), .permission, .optionalServer, .flag("dry_run")
    ) { call, peer, permission, server, isRehearsal in
        let outcome = try await call.rights(
            .revoke(permission, from: peer), in: server, isRehearsal: isRehearsal)
        return Mutation.lowering(outcome, effective(outcome))
    }

    private static func roles(_ outcome: Outcome) -> JSONObject {
        ["roles": JSON((outcome.roles ?? []).map(\.hex))]
    }

    private static func effective(_ outcome: Outcome) -> JSONObject {
        ["effective": JSON(outcome.permissions?.words ?? [])]
    }
}

extension ToolCall {
    func rights(
        _ act: RightsChange, in address: ServerAddress?, isRehearsal: Bool = false
    ) async throws -> Outcome {
        let server = try await server(address)
        return try await port.perform(.rights(act, in: server.id, isRehearsal: isRehearsal))
    }

    /// An act on a role that an argument names.
    func rights(
        on role: EventAddress, in address: ServerAddress?, _ act: (Event.ID) -> RightsChange
    ) async throws -> Outcome {
        let server = try await server(address)
        let role = try await self.role(role, in: server)
        return try await port.perform(.rights(act(role.id), in: server.id, isRehearsal: false))
    }

    /// - Errors: `unknown_role`, `ambiguous_id`.
    func role(_ address: EventAddress, in server: ServerSnapshot) async throws -> RoleInfo {
        let roles = try await port.roles(in: server.id)
        let id = try address.match(
            among: roles.map(\.id), missing: .unknownRole,
            "no such role here; see peer://server/roles.")
        guard let role = roles.first(where: { $0.id == id }) else {
            throw ToolRefusal(.unknownRole, "No such role.")
        }
        return role
    }
}
