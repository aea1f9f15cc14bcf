/// The body of a kind this version does not know: stored, forwarded, without effect.
package struct UnknownBody: EventBody {
    package static let kind: UInt64 = .max
    package let kind: UInt64
    private let encoded: [UInt8]

    package init(kind: UInt64, encoded: [UInt8]) {
        self.kind = kind
        self.encoded = encoded
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        kind = Self.kind
        encoded = try reader.rawItem()
    }

    package func write(to writer: inout CBORWriter) { writer.encoded(encoded) }
    package func apply(to server: inout ServerState, event: Event, slot: Slot) {}
}
