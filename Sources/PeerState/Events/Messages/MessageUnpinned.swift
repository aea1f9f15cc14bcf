/// Ends what a pin began.
package struct MessageUnpinned: NotInForce {
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

    package var edges: [Event.ID] { [message] }
}
