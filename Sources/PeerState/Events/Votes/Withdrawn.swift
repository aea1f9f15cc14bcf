/// Takes back the author's own proposal.
package struct Withdrawn: NotInForce {
    package static let kind: UInt64 = 32
    package static let isSetup = true

    package let proposal: Event.ID

    package init(proposal: Event.ID) {
        self.proposal = proposal
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        proposal = try reader.identifier("proposal")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(proposal)
    }

    package var edges: [Event.ID] { [proposal] }
}
