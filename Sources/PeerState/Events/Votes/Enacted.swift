/// Carries out a proposal on a closed list of yes ballots.
package struct Enacted: EventBody {
    package static let kind: UInt64 = 33
    package static let isSetup = true
    package static let isLowering = true
    package static let ballotsMax = 256

    package let proposal: Event.ID
    package let ballots: [Event.ID]
    /// The pin, where the act is a removal.
    package let cut: Cut?

    package init(proposal: Event.ID, ballots: [Event.ID], cut: Cut?) {
        self.proposal = proposal
        self.ballots = ballots
        self.cut = cut
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        proposal = try reader.identifier("proposal")
        ballots = try reader.identifiers(max: Self.ballotsMax, "ballots")
        cut = try reader.cut()
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(proposal)
        writer.identifiers(ballots)
        writer.cut(cut)
    }

    package var edges: [Event.ID] { [proposal] + ballots + (cut.map { [$0.id] } ?? []) }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let (slot, proposal) = try server.requireProposal(self.proposal, at: place)
        try server.checkEnactment(self, of: slot, proposal, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addEnactment(self, event: event, slot: slot)
    }
}
