/// Asks the owner and the admins to vote on an act; the proposal's id is the event's.
package struct Proposed: EventBody {
    package static let kind: UInt64 = 30
    package static let isSetup = true
    package static let lifeRange: ClosedRange<UInt64> = 10...10_000

    package let action: VoteAction
    package let threshold: Threshold
    /// Of the keys that may vote, sorted (PROTOCOL 5.7).
    package let electorateDigest: Digest.Value
    /// How long it stays open, in lamport.
    package let life: UInt64
    package let reason: String

    package init(
        action: VoteAction, threshold: Threshold, electorateDigest: Digest.Value, life: UInt64,
        reason: String
    ) {
        self.action = action
        self.threshold = threshold
        self.electorateDigest = electorateDigest
        self.life = life
        self.reason = reason
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 5)
        action = try VoteAction(from: &reader)
        threshold = try Threshold(from: &reader)
        electorateDigest = try reader.identifier("electorate digest")
        life = try reader.unsigned(in: Self.lifeRange, "life")
        reason = try reader.text(max: 500, "reason")
        try TextRule.multiline.check(reason, "reason")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(5)
        action.write(to: &writer)
        threshold.write(to: &writer)
        writer.identifier(electorateDigest)
        writer.unsigned(life)
        writer.text(reason)
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        if let target = action.target, server.standing(of: target, at: place.past) == nil {
            guard case .raise = action else {
                throw Failure(.unknownTarget, "not an active member")
            }
        }
        try server.requireLevel(.moderator, of: place.author, at: place.past)
        let electorate = server.electorate(at: place.past)
        if case .setThreshold(.count(let number)) = action,
            number == 0 || number > electorate.count
        {
            throw Failure(.invalidThreshold, "1 to \(electorate.count)")
        }
        guard threshold == server.threshold(at: place.past),
            electorateDigest == ServerState.electorateDigest(electorate),
            electorate.count <= Limits.maxElectorate
        else { throw Failure(.badProposal, "not the threshold or the electorate of now") }
        if server.openProposals(of: place.author, at: place) >= Limits.openProposalsPerAuthor {
            throw Failure(.limit, "\(Limits.openProposalsPerAuthor) open proposals")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addProposal(self, slot: slot)
    }
}
