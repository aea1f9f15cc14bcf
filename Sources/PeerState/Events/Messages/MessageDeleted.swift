/// Takes a message's text, files, reactions and pins out of the state for good.
package struct MessageDeleted: EventBody {
    package static let kind: UInt64 = 62
    package static let isSetup = true

    package let message: Event.ID
    package let reason: String

    package init(message: Event.ID, reason: String) {
        self.message = message
        self.reason = reason
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        message = try reader.identifier("message")
        reason = try reader.text(max: 200, "reason")
        try TextRule.multiline.check(reason, "reason")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(message)
        writer.text(reason)
    }

    package var subject: Event.ID? { message }

    package var edges: [Event.ID] { [message] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let target = try server.requireMessage(message, at: place.past)
        let author = server.graph.peer(target.slot)
        guard author != place.author else { return }
        try server.require(.moderateMessages, of: place.author, at: place.past)
        let own = server.standing(of: place.author, at: place.past)?.level ?? .member
        let other = server.standing(of: author, at: place.past)?.level ?? .member
        guard other <= own else {
            throw Failure(.noPermission, "the author of the message is above you")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addAbout(message, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.isAboutOwn(slot) ? [] : .moderateMessages
    }
}
