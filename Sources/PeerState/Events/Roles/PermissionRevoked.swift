/// Takes one permission from a member, whatever gave it.
package struct PermissionRevoked: EventBody {
    package static let kind: UInt64 = 21
    package static let isSetup = true
    package static let isLowering = true

    package let target: Peer.ID
    package let permission: PermissionNumber
    package let cut: Cut?

    package init(target: Peer.ID, permission: PermissionNumber, cut: Cut?) {
        self.target = target
        self.permission = permission
        self.cut = cut
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        target = try reader.identifier("target")
        permission = try PermissionNumber(from: &reader)
        cut = try reader.cut()
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(target)
        permission.write(to: &writer)
        writer.cut(cut)
    }

    package var edges: [Event.ID] { cut.map { [$0.id] } ?? [] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        if permission.permissions == .manageRoles,
            (server.standing(of: target, at: place.past)?.level ?? .member) >= .admin
        {
            throw Failure(.noPermission, "admins keep ManageRoles")
        }
        try server.checkTaking(
            from: target, cut: cut, isAdministration: permission.permissions == .manageRoles,
            at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.authority.add(
            AuthorityIndex.Revocation(
                slot: slot, target: target, permission: permission.permissions,
                pin: target == event.author ? slot : cut.flatMap { server.graph.slot(of: $0.id) }),
            by: event.author)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.isTakingFromOneself(slot) ? [] : .manageRoles
    }
}
