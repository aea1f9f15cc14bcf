/// Moves the pin of a lowering forward along the target's chain, so that later events count too.
package struct RemovalExtended: NotInForce {
    package static let kind: UInt64 = 14
    package static let isSetup = true

    package let lowering: Event.ID
    package let seq: UInt64
    /// The event that the pin moves to.
    package let pin: Event.ID

    package init(lowering: Event.ID, seq: UInt64, pin: Event.ID) {
        self.lowering = lowering
        self.seq = seq
        self.pin = pin
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        lowering = try reader.identifier("lowering")
        seq = try reader.unsigned("seq")
        pin = try reader.identifier("id")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(lowering)
        writer.unsigned(seq)
        writer.identifier(pin)
    }

    package var edges: [Event.ID] { [lowering, pin] }
}
