/// Says what the server is about, in one or more lines.
package struct ServerDescribed: EventBody {
    package static let kind: UInt64 = 3

    package let description: String

    package init(description: String) {
        self.description = description
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        description = try reader.text(max: 1_000, "description")
        try TextRule.multiline.check(description, "description")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.text(description)
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        try server.requireLevel(.admin, of: place.author, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.descriptions.append((slot, description))
    }
}
