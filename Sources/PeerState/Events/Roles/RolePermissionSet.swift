/// Adds one permission to a role or takes it out.
package struct RolePermissionSet: NotInForce {
    package static let kind: UInt64 = 24
    package static let isSetup = true

    package let role: Event.ID
    package let permission: PermissionNumber
    package let isHeld: Bool

    package init(role: Event.ID, permission: PermissionNumber, isHeld: Bool) {
        self.role = role
        self.permission = permission
        self.isHeld = isHeld
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        role = try reader.identifier("role")
        permission = try PermissionNumber(from: &reader)
        isHeld = try reader.bool("held")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(role)
        permission.write(to: &writer)
        writer.bool(isHeld)
    }

    package var edges: [Event.ID] { [role] }
}
