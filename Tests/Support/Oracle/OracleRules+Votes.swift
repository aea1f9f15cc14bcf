import PeerState

extension OracleRules {
    func voteRefusal() -> String? {
        if event.kind == 30 { return proposeRefusal() }
        guard let proposal = view.thing(event.event(0), kind: 30) else { return "unknownTarget" }
        let standing = view.standing(proposal, lamport: event.lamport)
        switch event.kind {
        case 31:
            let electors = OracleVotes.electors(world.viewBefore(proposal))
            if !electors.contains(author) { return "notElector" }
            return standing.status == 1 ? nil : "closed"
        case 32:
            if world.events[proposal].author != author { return "notAuthor" }
            return standing.status == 1 ? nil : "closed"
        default: return enactRefusal(proposal)
        }
    }

    private func proposeRefusal() -> String? {
        let action = event.items(0)
        let verb = action.first?.number ?? 0
        if verb == 2 || verb == 4 {
            guard action.count > 1, isActive(action[1].identifier()) else {
                return "unknownTarget"
            }
        }
        if world.isDirect || level < 1 { return "noPermission" }
        let electors = OracleVotes.electors(view)
        if verb == 3, action.count > 1, let pair = action[1].items, pair.count == 2 {
            let count = pair[1].number ?? 0
            let isSound =
                pair[0].number == 2 ? count >= 1 && count <= UInt64(electors.count) : count == 0
            if !isSound { return "invalidThreshold" }
        }
        guard event.item(1) == view.threshold,
            event.item(2).blob == OracleVotes.digest(electors)
        else { return "badProposal" }
        let open = world.chain[number].members.filter { own in
            own != number && world.events[own].kind == 30 && view.isInForce(own)
                && view.standing(own, lamport: event.lamport).status == 1
        }
        return open.count >= world.limits.openProposals ? "limit" : nil
    }

    private func enactRefusal(_ proposal: Int) -> String? {
        let id = world.events[proposal].id
        let items = world.actionItems(proposal)
        let target: Peer.ID? = items.count > 1 ? items[1].identifier() : nil
        if world.isRemoval(number), !isActive(target) { return "unknownTarget" }
        if view.inForce(32).contains(where: { world.events[$0].event(0) == id }) {
            return "withdrawn"
        }
        if view.inForce(33).contains(where: { world.events[$0].event(0) == id }) {
            return "alreadyEnacted"
        }
        if view.isExpired(proposal, at: event.lamport) { return "closed" }
        if !ballotsReach(proposal) { return "belowThreshold" }
        guard let target else { return nil }
        if world.isRemoval(number) {
            if let problem = cutProblem(of: target, mayRollBack: level >= 2) { return problem }
            return target != author && isSenior(to: target) ? nil : "notSenior"
        }
        if target == view.owner { return "noPermission" }
        let new = items.count > 2 ? Int(items[2].number ?? 0) : 0
        return raiseProblem(target, to: new) ?? memberLimit(target)
    }

    /// Whether the list holds enough highest yes ballots of different electors, and only such.
    private func ballotsReach(_ proposal: Int) -> Bool {
        let highest = view.ballots(proposal)
        let listed = event.events(1).map { world.number($0) }
        var electors: Set<Peer.ID> = []
        for ballot in listed {
            guard let ballot, highest[world.events[ballot].author] == ballot,
                view.isYes(ballot), electors.insert(world.events[ballot].author).inserted
            else { return false }
        }
        return electors.count >= OracleVotes.needed(world, proposal: proposal)
    }
}
