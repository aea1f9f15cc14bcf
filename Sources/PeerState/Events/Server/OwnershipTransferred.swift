/// Hands the server to another member; the former owner stays as an admin.
package struct OwnershipTransferred: EventBody {
    package static let kind: UInt64 = 4
    package static let isSetup = true
    package static let isLowering = true

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

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard server.standing(of: target, at: place.past) != nil else {
            throw Failure(.unknownTarget, "not an active member")
        }
        if server.isDirect { throw Failure(.noPermission, "a direct server has no owner") }
        guard server.standing(of: place.author, at: place.past)?.level == .owner else {
            throw Failure(.notOwner)
        }
        guard target != place.author else {
            throw Failure(.noPermission, "the owner already")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addTransfer(to: target, slot: slot)
    }
}
