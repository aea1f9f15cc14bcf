/// One elector's yes or no; his ballot of the highest seq counts.
package struct BallotCast: EventBody {
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

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let (slot, proposal) = try server.requireProposal(self.proposal, at: place)
        guard proposal.electorate.contains(place.author) else { throw Failure(.notElector) }
        try server.requireOpen(slot, proposal, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        guard let proposal = server.graph.slot(of: proposal) else { return }
        server.authority.proposals[proposal]?.ballots.append((slot, accepts))
    }
}
