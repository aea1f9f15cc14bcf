/// Takes a role away for good, from everybody who holds it.
package struct RoleDeleted: NotInForce {
    package static let kind: UInt64 = 23
    package static let isSetup = true

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
}
