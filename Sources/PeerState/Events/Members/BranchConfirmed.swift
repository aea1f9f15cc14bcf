/// Says which branch of a forked author counts.
package struct BranchConfirmed: NotInForce {
    package static let kind: UInt64 = 15
    package static let isSetup = true

    package let author: Peer.ID
    package let seq: UInt64
    /// The last event of the branch at that moment.
    package let pin: Event.ID

    package init(author: Peer.ID, seq: UInt64, pin: Event.ID) {
        self.author = author
        self.seq = seq
        self.pin = pin
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        author = try reader.identifier("author")
        seq = try reader.unsigned("seq")
        pin = try reader.identifier("id")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(author)
        writer.unsigned(seq)
        writer.identifier(pin)
    }

    package var edges: [Event.ID] { [pin] }
}
