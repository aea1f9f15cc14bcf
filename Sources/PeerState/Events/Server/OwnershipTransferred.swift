/// Hands the server to another member; the former owner stays as an admin.
package struct OwnershipTransferred: NotInForce {
    package static let kind: UInt64 = 4
    package static let isSetup = true

    package let target: Peer.ID

    package init(target: Peer.ID) {
        self.target = target
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        target = try reader.identifier("target")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(target)
    }
}
