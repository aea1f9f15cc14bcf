/// Takes a role from one member.
package struct RoleUnassigned: EventBody {
    package static let kind: UInt64 = 26
    package static let isSetup = true
    package static let isLowering = true

    package let target: Peer.ID
    package let role: Event.ID
    package let cut: Cut?

    package init(target: Peer.ID, role: Event.ID, cut: Cut?) {
        self.target = target
        self.role = role
        self.cut = cut
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        target = try reader.identifier("target")
        role = try reader.identifier("role")
        cut = try reader.cut()
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(target)
        writer.identifier(role)
        writer.cut(cut)
    }

    package var edges: [Event.ID] { [role] + (cut.map { [$0.id] } ?? []) }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let slot = try server.requireRole(role, at: place.past)
        try server.checkTaking(
            from: target, cut: cut,
            isAdministration: server.permissions(ofRole: slot, at: place.past).contains(
                .manageRoles),
            at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addUnassignment(self, by: event.author, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.isTakingFromOneself(slot) ? [] : .manageRoles
    }
}
