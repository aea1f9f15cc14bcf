/// Says only what its author has seen: it carries deps and nothing else.
package struct Acknowledged: EventBody {
    package static let kind: UInt64 = 1

    package init() {}

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.array(exactly: 0, "an ack is empty")
    }

    package func write(to writer: inout CBORWriter) { writer.array(0) }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {}
}
