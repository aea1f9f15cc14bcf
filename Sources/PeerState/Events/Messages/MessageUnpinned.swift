/// Ends what a pin began.
package struct MessageUnpinned: EventBody {
    package static let kind: UInt64 = 66

    package let message: Event.ID

    package init(message: Event.ID) {
        self.message = message
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        message = try reader.identifier("message")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(message)
    }

    package var subject: Event.ID? { message }

    package var edges: [Event.ID] { [message] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let target = try server.requireMessage(message, at: place.past)
        if !server.isDirect {
            try server.require(.managePins, of: place.author, at: place.past)
        }
        try server.requireReader(place.author, of: target.channel.id, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addAbout(message, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.isDirect ? [] : .managePins
    }
}
