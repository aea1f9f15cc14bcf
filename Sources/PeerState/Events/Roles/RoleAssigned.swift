/// Lets a member hold a role.
package struct RoleAssigned: EventBody {
    package static let kind: UInt64 = 25
    package static let isSetup = true

    package let target: Peer.ID
    package let role: Event.ID

    package init(target: Peer.ID, role: Event.ID) {
        self.target = target
        self.role = role
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        target = try reader.identifier("target")
        role = try reader.identifier("role")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(target)
        writer.identifier(role)
    }

    package var edges: [Event.ID] { [role] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let slot = try server.requireRole(role, at: place.past)
        guard server.standing(of: target, at: place.past) != nil else {
            throw Failure(.unknownTarget, "not an active member")
        }
        try server.requireRoleRights(
            holding: server.permissions(ofRole: slot, at: place.past), of: slot, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addAssignment(of: role, to: target, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.given(by: slot).union(.manageRoles)
    }
}
