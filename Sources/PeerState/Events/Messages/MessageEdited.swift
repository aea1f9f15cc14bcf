/// Replaces the text of the author's own message; never brings back a deleted one.
package struct MessageEdited: NotInForce {
    package static let kind: UInt64 = 61

    package let message: Event.ID
    package let sealed: SealedBody

    package init(message: Event.ID, sealed: SealedBody) {
        self.message = message
        self.sealed = sealed
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 4)
        message = try reader.identifier("message")
        sealed = try SealedBody(from: &reader, ciphertextMax: Limits.maxCiphertext)
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(4)
        writer.identifier(message)
        sealed.write(to: &writer)
    }

    package var edges: [Event.ID] { [message, Event.ID(sealed.epoch)] }
}
