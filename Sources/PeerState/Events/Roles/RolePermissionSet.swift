/// Adds one permission to a role or takes it out.
package struct RolePermissionSet: EventBody {
    package static let kind: UInt64 = 24
    package static let isSetup = true
    package static let isLowering = true

    package let role: Event.ID
    package let permission: PermissionNumber
    package let isHeld: Bool

    package init(role: Event.ID, permission: PermissionNumber, isHeld: Bool) {
        self.role = role
        self.permission = permission
        self.isHeld = isHeld
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        role = try reader.identifier("role")
        permission = try PermissionNumber(from: &reader)
        isHeld = try reader.bool("held")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(role)
        permission.write(to: &writer)
        writer.bool(isHeld)
    }

    package var edges: [Event.ID] { [role] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        _ = try server.requireRole(role, at: place.past)
        try server.requireRoleRights(permission.permissions, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addRoleSetting(self, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.given(by: slot).union(.manageRoles)
    }
}
