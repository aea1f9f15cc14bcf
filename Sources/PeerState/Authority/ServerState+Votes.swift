/// Votes of the owner and the admins (PROTOCOL 5.7).
extension ServerState {
    package enum ProposalStatus: UInt64, Sendable {
        case open = 1, enacted, failed, withdrawn, expired
    }

    struct Tally: Hashable {
        var yes = 0
        var no = 0
    }

    /// The threshold of the server in State(past).
    func threshold(at past: Past) -> Threshold {
        authority.thresholds.filter { isInForce($0.slot, at: past) }
            .max { graph.precedes($0.slot, $1.slot) }?.threshold ?? .majority
    }

    /// Owner and admins active in State(past), sorted.
    package func electorate(at past: Past) -> [Peer.ID] {
        members(at: past).filter { (standing(of: $0, at: past)?.level ?? .member) >= .admin }
    }

    package static func electorateDigest(_ keys: [Peer.ID]) -> Digest.Value {
        var bytes: [UInt8] = []
        for key in keys.sorted() { key.append(to: &bytes) }
        return Sodium.hash("peer-agent/electorate/1", bytes)
    }

    /// Per elector the ballot of the highest seq in a set; a proposer who may vote says yes.
    func countedBallots(
        of slot: Slot, _ proposal: AuthorityIndex.Proposal, at past: Past
    ) -> [(slot: Slot, accepts: Bool)] {
        var counted: [AuthorNumber: (slot: Slot, accepts: Bool)] = [:]
        let own = [(slot: slot, accepts: true)].filter {
            proposal.electorate.contains(graph.peer($0.slot))
        }
        for ballot in own + proposal.ballots where isInForce(ballot.slot, at: past) {
            let author = graph.author(ballot.slot)
            if let known = counted[author], isBallotBefore(ballot.slot, known.slot) { continue }
            counted[author] = ballot
        }
        return counted.values.sorted { $0.slot < $1.slot }
    }

    private func isBallotBefore(_ left: Slot, _ right: Slot) -> Bool {
        graph.seq(left) == graph.seq(right)
            ? graph.id(right) < graph.id(left) : graph.seq(left) < graph.seq(right)
    }

    func tally(of slot: Slot, _ proposal: AuthorityIndex.Proposal, at past: Past) -> Tally {
        var tally = Tally()
        for ballot in countedBallots(of: slot, proposal, at: past) {
            if ballot.accepts { tally.yes += 1 } else { tally.no += 1 }
        }
        return tally
    }

    func status(
        of slot: Slot, _ proposal: AuthorityIndex.Proposal, _ tally: Tally
    ) -> ProposalStatus {
        if proposal.enactments.contains(where: { graph.isEffective($0) }) { return .enacted }
        if proposal.withdrawals.contains(where: { graph.isEffective($0) }) { return .withdrawn }
        if tally.no > proposal.electorate.count - proposal.needed { return .failed }
        let elapsed = graph.greatestLamport - graph.lamport(slot)
        return elapsed > proposal.body.life ? .expired : .open
    }

    /// The proposal an event names, if it stands and is open in State(past).
    ///
    /// - Errors: `unknownTarget`, `closed`, `withdrawn`.
    func requireProposal(
        _ id: Event.ID, at place: EventPlace
    ) throws(Failure<RuleCode>) -> (slot: Slot, proposal: AuthorityIndex.Proposal) {
        guard let slot = graph.slot(of: id), let proposal = authority.proposals[slot],
            isInForce(slot, at: place.past)
        else { throw Failure(.unknownTarget, "no such proposal") }
        return (slot, proposal)
    }

    func requireOpen(
        _ slot: Slot, _ proposal: AuthorityIndex.Proposal, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        if place.event.lamport - graph.lamport(slot) > proposal.body.life {
            throw Failure(.closed, "the proposal expired")
        }
        if proposal.enactments.contains(where: { isInForce($0, at: place.past) }) {
            throw Failure(.closed, "the proposal was enacted")
        }
        if proposal.withdrawals.contains(where: { isInForce($0, at: place.past) }) {
            throw Failure(.closed, "the proposal was withdrawn")
        }
        if hasFailed(slot, proposal, at: place.past) {
            throw Failure(.closed, "the proposal failed")
        }
    }

    static func needed(_ threshold: Threshold, of count: Int) -> Int {
        switch threshold {
        case .majority: count / 2 + 1
        case .unanimous: count
        case .count(let number): max(1, min(Int(clamping: number), count))
        }
    }

    /// Own proposals in the author's chain that are still open in State(past).
    func openProposals(of author: Peer.ID, at place: EventPlace) -> Int {
        authority.proposals.count { slot, proposal in
            graph.peer(slot) == author && isInForce(slot, at: place.past)
                && place.event.lamport - graph.lamport(slot) <= proposal.body.life
                && !proposal.enactments.contains { isInForce($0, at: place.past) }
                && !proposal.withdrawals.contains { isInForce($0, at: place.past) }
                && !hasFailed(slot, proposal, at: place.past)
        }
    }

    private func hasFailed(
        _ slot: Slot, _ proposal: AuthorityIndex.Proposal, at past: Past
    ) -> Bool {
        tally(of: slot, proposal, at: past).no > proposal.electorate.count - proposal.needed
    }

    mutating func addProposal(_ body: Proposed, slot: Slot) {
        let electorate = remade?.people[slot] ?? electorate(at: graph.past(slot))
        authority.proposals[slot] = AuthorityIndex.Proposal(
            body: body, electorate: electorate,
            needed: Self.needed(body.threshold, of: electorate.count))
    }

    mutating func addEnactment(_ body: Enacted, event: Event, slot: Slot) {
        guard let proposal = graph.slot(of: body.proposal),
            let entry = authority.proposals[proposal]
        else { return }
        authority.proposals[proposal]?.enactments.append(slot)
        let action = entry.body.action
        authority.enactments[slot] = AuthorityIndex.Enactment(
            proposal: proposal, ballots: body.ballots.compactMap { graph.slot(of: $0) },
            needed: entry.needed, action: action)
        switch action {
        case .raise(let target, let level):
            addGrant(to: target, level: level, attenuation: nil, source: .enacted, slot: slot)
        case .remove(let target):
            addRemoval(of: target, cut: body.cut, isSuspension: false, slot: slot)
        case .suspend(let target):
            addRemoval(of: target, cut: body.cut, isSuspension: true, slot: slot)
        case .setThreshold(let threshold):
            authority.thresholds.append((slot, threshold))
        }
    }
}
