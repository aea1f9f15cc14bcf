/// Takes a message's text, files, reactions and pins out of the state for good.
package struct MessageDeleted: NotInForce {
    package static let kind: UInt64 = 62

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

    package var edges: [Event.ID] { [message] }
}
