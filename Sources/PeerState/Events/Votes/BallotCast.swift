/// One elector's yes or no; his ballot of the highest seq counts.
package struct BallotCast: NotInForce {
    package static let kind: UInt64 = 31
    package static let isSetup = true

    package let proposal: Event.ID
    package let accepts: Bool

    package init(proposal: Event.ID, accepts: Bool) {
        self.proposal = proposal
        self.accepts = accepts
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        proposal = try reader.identifier("proposal")
        accepts = try reader.bool("accept")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(proposal)
        writer.bool(accepts)
    }

    package var edges: [Event.ID] { [proposal] }
}
