/// Makes a named set of permissions that members can hold; its id is the event's.
package struct RoleCreated: EventBody {
    package static let kind: UInt64 = 22
    package static let isSetup = true

    package let name: String
    /// Bits that this version does not know are kept.
    package let permissions: Permissions

    package init(name: String, permissions: Permissions) {
        self.name = name
        self.permissions = permissions
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        name = try reader.text(max: 64, "name")
        permissions = Permissions(rawValue: try reader.unsigned("bits"))
        try TextRule.name.check(name, "name")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.text(name)
        writer.unsigned(permissions.rawValue)
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        try server.requireRoleRights(permissions, at: place)
        if server.liveRoles(at: place.past).count >= Limits.maxRoles {
            throw Failure(.limit, "\(Limits.maxRoles) roles")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.authority.roles[slot] = AuthorityIndex.Role(
            permissions: permissions, names: [(slot, name)])
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.given(by: slot).union(.manageRoles)
    }
}
