/// Adds an encrypted emoji to a message; the reaction's id is the event's.
package struct ReactionAdded: EventBody {
    package static let kind: UInt64 = 63
    package static let ciphertextMax = 96

    package let message: Event.ID
    package let sealed: SealedBody

    package init(message: Event.ID, sealed: SealedBody) {
        self.message = message
        self.sealed = sealed
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 4)
        message = try reader.identifier("message")
        sealed = try SealedBody(from: &reader, ciphertextMax: Self.ciphertextMax)
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(4)
        writer.identifier(message)
        sealed.write(to: &writer)
    }

    package var subject: Event.ID? { message }

    package var edges: [Event.ID] { [message, Event.ID(sealed.epoch)] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let target = try server.requireMessage(message, at: place.past)
        try server.require(.sendMessages, of: place.author, at: place.past)
        try server.requireReader(place.author, of: target.channel.id, at: place.past)
        try server.requireEpoch(sealed.epoch, of: target.channel.id, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addAbout(message, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .sendMessages
    }
}
