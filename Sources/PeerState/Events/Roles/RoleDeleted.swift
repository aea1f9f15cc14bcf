/// Takes a role away for good, from everybody who holds it.
package struct RoleDeleted: EventBody {
    package static let kind: UInt64 = 23
    package static let isSetup = true
    package static let isLowering = true

    package let role: Event.ID

    package init(role: Event.ID) {
        self.role = role
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        role = try reader.identifier("role")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(role)
    }

    package var edges: [Event.ID] { [role] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let slot = try server.requireRole(role, at: place.past)
        try server.requireRoleRights(holding: [], of: slot, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addRoleDeletion(role, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .manageRoles
    }
}
