/// Takes one permission from a member, whatever gave it.
package struct PermissionRevoked: NotInForce {
    package static let kind: UInt64 = 21
    package static let isSetup = true

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
}
