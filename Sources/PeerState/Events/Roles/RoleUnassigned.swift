/// Takes a role from one member.
package struct RoleUnassigned: NotInForce {
    package static let kind: UInt64 = 26
    package static let isSetup = true

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
}
