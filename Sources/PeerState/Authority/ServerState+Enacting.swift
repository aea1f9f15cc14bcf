extension ServerState {
    /// Whether a closed list of ballots carries a proposal (PROTOCOL 5.7).
    ///
    /// - Errors: `withdrawn`, `alreadyEnacted`, `closed`, `unknownTarget`, `belowThreshold` and
    ///   those of what is enacted.
    func checkEnactment(
        _ body: Enacted, of slot: Slot, _ proposal: AuthorityIndex.Proposal, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        try checkTarget(of: proposal.body.action, at: place)
        if proposal.withdrawals.contains(where: { isInForce($0, at: place.past) }) {
            throw Failure(.withdrawn)
        }
        if proposal.enactments.contains(where: { isInForce($0, at: place.past) }) {
            throw Failure(.alreadyEnacted)
        }
        if place.event.lamport - graph.lamport(slot) > proposal.body.life {
            throw Failure(.closed, "the proposal expired")
        }
        let counted = countedBallots(of: slot, proposal, at: place.past)
        let yes = Set(counted.filter(\.accepts).map(\.slot))
        for ballot in body.ballots {
            guard let listed = graph.slot(of: ballot), yes.contains(listed) else {
                throw Failure(.belowThreshold, "a listed ballot is no yes that counts")
            }
        }
        guard body.ballots.count >= proposal.needed else {
            throw Failure(.belowThreshold, "\(proposal.needed) are needed")
        }
        try checkAction(proposal.body.action, cut: body.cut, at: place)
    }

    private func checkTarget(
        of action: VoteAction, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        switch action {
        case .remove(let target), .suspend(let target):
            guard standing(of: target, at: place.past) != nil else {
                throw Failure(.unknownTarget, "not an active member")
            }
        case .raise, .setThreshold: return
        }
    }

    private func checkAction(
        _ action: VoteAction, cut: Cut?, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        switch action {
        case .raise(let target, let level):
            let present = standing(of: target, at: place.past)
            if present?.level == .owner { throw Failure(.noPermission, "the owner stands above") }
            if let present, level <= present.level { throw Failure(.notHigher) }
            if present == nil, isFull(at: place.past) { throw Failure(.limit) }
        case .remove(let target), .suspend(let target):
            let own = standing(of: place.author, at: place.past)?.level ?? .member
            try checkCut(cut, of: target, at: place, mayRollBack: own >= .admin)
            guard target != place.author,
                standing(of: target, at: place.past)?.level != .owner
            else { throw Failure(.notSenior, "not oneself, and the owner is not voted out") }
        case .setThreshold: return
        }
    }
}
