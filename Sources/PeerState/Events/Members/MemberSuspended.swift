/// Pauses a membership; roles and direct permissions return with the next grant.
package struct MemberSuspended: EventBody {
    package static let kind: UInt64 = 12
    package static let isSetup = true
    package static let isLowering = true

    package let target: Peer.ID
    package let cut: Cut?
    package let reason: String

    package init(target: Peer.ID, cut: Cut?, reason: String) {
        self.target = target
        self.cut = cut
        self.reason = reason
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        target = try reader.identifier("target")
        cut = try reader.cut()
        reason = try reader.text(max: 200, "reason")
        try TextRule.multiline.check(reason, "reason")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(target)
        writer.cut(cut)
        writer.text(reason)
    }

    package var edges: [Event.ID] { cut.map { [$0.id] } ?? [] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        try server.checkRemoval(of: target, cut: cut, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addRemoval(of: target, cut: cut, isSuspension: true, slot: slot)
    }
}
