/// Gives the server another name.
package struct ServerRenamed: EventBody {
    package static let kind: UInt64 = 2

    package let name: String

    package init(name: String) {
        self.name = name
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        name = try reader.text(max: 100, "name")
        try TextRule.name.check(name, "name")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.text(name)
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        try server.requireLevel(.admin, of: place.author, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.names.append((slot, name))
    }
}
