extension ServerState {
    /// Why a stored event has effect or has none; `nil` for an event that is not here.
    ///
    /// - Complexity: the removals of the server and what the event rests on; never the history.
    package func explanation(of id: Event.ID) -> Explanation? {
        guard let slot = graph.slot(of: id) else { return nil }
        let outcome = outcome(of: slot)
        var cause: VoidCause?
        if case .void = outcome { cause = voidCause(of: slot, at: now) }
        return Explanation(
            event: id, author: graph.peer(slot), kind: graph.kind(slot), outcome: outcome,
            decider: cause?.decider.map { graph.id($0) },
            subject: cause.map { graph.id($0.subject) },
            overruler: outcome == .effective ? overruler(of: slot).map(describe) : nil,
            proofs: proofs(of: slot),
            removals: removals(of: rests(of: slot)), vote: vote(of: slot),
            fork: fork(of: graph.author(slot)))
    }

    private func describe(_ overruler: Slot) -> Explanation.Overruler {
        Explanation.Overruler(
            event: graph.id(overruler), kind: graph.kind(overruler),
            author: graph.peer(overruler))
    }

    private func outcome(of slot: Slot) -> Explanation.Outcome {
        if let refusal = refusals[slot] { return .inadmissible(refusal) }
        guard let failure = voidness(of: slot) else {
            return isOverLimit(slot) ? .void(.overLimit) : .effective
        }
        return graph.flags(slot).contains(.loose) ? .loose : .void(failure.code)
    }

    private func proofs(of slot: Slot) -> [Explanation.Proof] {
        var result: [Explanation.Proof] = []
        var holder = graph.peer(slot)
        var next = graph.proof(slot)
        while let grant = next, authority.grants[grant] != nil {
            let author = graph.peer(grant)
            result.append(
                Explanation.Proof(
                    event: graph.id(grant), kind: graph.kind(grant), author: author,
                    holder: holder, level: level(of: holder, under: grant)))
            holder = author
            next = graph.proof(grant)
        }
        return result
    }

    private func removals(of rests: [Slot]) -> [Explanation.Removal] {
        let authors = Set(rests.map { graph.peer($0) })
        let considered = authority.removalOrder.compactMap { authority.removals[$0] }
            .filter { authors.contains($0.target) }
        return considered.map { removal in
            let accepted = current.removals[removal.target]?.first { $0.slot == removal.slot }
            let pin = accepted.map(\.pin) ?? removal.pin
            let victims = rests.filter { voids(removal.slot, removal.target, pin: pin, $0) }
            return Explanation.Removal(
                event: graph.id(removal.slot), author: graph.peer(removal.slot),
                target: removal.target, pin: pin.map { graph.id($0) },
                isSuspension: removal.isSuspension, isAccepted: accepted != nil,
                victims: victims.map { graph.id($0) })
        }
    }

    private func vote(of slot: Slot) -> Explanation.Vote? {
        guard let opened = proposal(spokenOfBy: slot), let proposal = authority.proposals[opened]
        else { return nil }
        var ballots = countedBallots(of: opened, proposal, at: now)
        if let enactment = authority.enactments[slot] {
            ballots = enactment.ballots.map { ($0, true) }
        }
        return Explanation.Vote(
            proposal: graph.id(opened), electorate: proposal.electorate, needed: proposal.needed,
            ballots: ballots.map { ballot in
                Explanation.Ballot(
                    event: graph.id(ballot.slot), voter: graph.peer(ballot.slot),
                    accepts: ballot.accepts, isVoid: !graph.isEffective(ballot.slot))
            })
    }

    private func proposal(spokenOfBy slot: Slot) -> Slot? {
        if authority.proposals[slot] != nil { return slot }
        if let enactment = authority.enactments[slot] { return enactment.proposal }
        return authority.proposals.first { entry in
            entry.value.withdrawals.contains(slot)
                || entry.value.ballots.contains { $0.slot == slot }
        }?.key
    }

    private func fork(of author: AuthorNumber) -> Explanation.Fork? {
        guard let fork = current.forks[author] else { return nil }
        let branches = graph.slots(of: author, at: fork.lowest).map { graph.id($0) }.sorted()
        return Explanation.Fork(
            seq: fork.lowest, branches: branches, pins: fork.pins.map { graph.id($0) })
    }
}
