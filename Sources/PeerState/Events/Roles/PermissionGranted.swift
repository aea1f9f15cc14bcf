/// Gives a member one permission directly, without a role.
package struct PermissionGranted: EventBody {
    package static let kind: UInt64 = 20
    package static let isSetup = true

    package let target: Peer.ID
    package let permission: PermissionNumber

    package init(target: Peer.ID, permission: PermissionNumber) {
        self.target = target
        self.permission = permission
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        target = try reader.identifier("target")
        permission = try PermissionNumber(from: &reader)
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(target)
        permission.write(to: &writer)
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard server.standing(of: target, at: place.past) != nil else {
            throw Failure(.unknownTarget, "not an active member")
        }
        try server.requireRoleRights(permission.permissions, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.authority.add(
            AuthorityIndex.DirectPermission(slot: slot, permission: permission.permissions),
            to: target)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.given(by: slot).union(.manageRoles)
    }
}
