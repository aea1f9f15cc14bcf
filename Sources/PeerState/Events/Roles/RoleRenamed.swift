/// Gives a role another name; its id stays.
package struct RoleRenamed: EventBody {
    package static let kind: UInt64 = 27
    package static let isSetup = true

    package let role: Event.ID
    package let name: String

    package init(role: Event.ID, name: String) {
        self.role = role
        self.name = name
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        role = try reader.identifier("role")
        name = try reader.text(max: 64, "name")
        try TextRule.name.check(name, "name")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(role)
        writer.text(name)
    }

    package var edges: [Event.ID] { [role] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        _ = try server.requireRole(role, at: place.past)
        try server.require(.manageRoles, of: place.author, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        guard let role = server.graph.slot(of: role) else { return }
        server.authority.roles[role]?.names.append((slot, name))
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .manageRoles
    }
}
