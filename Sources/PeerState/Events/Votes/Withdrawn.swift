/// Takes back the author's own proposal.
package struct Withdrawn: EventBody {
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

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let (slot, proposal) = try server.requireProposal(self.proposal, at: place)
        guard server.graph.peer(slot) == place.author else { throw Failure(.notAuthor) }
        try server.requireOpen(slot, proposal, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        guard let proposal = server.graph.slot(of: proposal) else { return }
        server.authority.proposals[proposal]?.withdrawals.append(slot)
    }
}
