/// Lets a member hold a role.
package struct RoleAssigned: NotInForce {
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
}
