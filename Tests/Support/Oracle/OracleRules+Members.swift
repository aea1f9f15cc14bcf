import PeerState

extension OracleRules {
    func memberRefusal() -> String? {
        switch event.kind {
        case 4: transferRefusal()
        case 10: grantRefusal()
        case 11, 12: removalRefusal()
        case 13: author == view.owner && !world.isDirect ? "ownerCannotLeave" : nil
        case 14: extendRefusal()
        default: confirmRefusal()
        }
    }

    private func transferRefusal() -> String? {
        guard isActive(event.peer(0)) else { return "unknownTarget" }
        if world.isDirect || event.peer(0) == author && level == 3 { return "noPermission" }
        return level == 3 ? nil : "notOwner"
    }

    private func grantRefusal() -> String? {
        let new = Int(event.number(1))
        if world.isDirect || !mayGrant(new) || new > level { return "noPermission" }
        guard let target = event.peer(0), target != author, target != view.owner else {
            return "noPermission"
        }
        if let problem = raiseProblem(target, to: new) { return problem }
        if world.depth(number) > world.limits.delegationDepth { return "tooDeep" }
        return memberLimit(target)
    }

    private func mayGrant(_ new: Int) -> Bool {
        if level >= 1 { return true }
        let fields = event.item(2).pairs ?? []
        return new == 0 && fields.contains { $0.key == 4 || $0.key == 7 }
            && !lacks(OracleView.manageAgents)
    }

    /// R2 for somebody who is active.
    func raiseProblem(_ target: Peer.ID, to new: Int) -> String? {
        guard let grant = view.active[target], let current = view.level(target) else { return nil }
        let isAdmitted = world.events[grant].kind == 42
        return new > current || (new == 0 && isAdmitted) ? nil : "notHigher"
    }

    func memberLimit(_ target: Peer.ID) -> String? {
        let isNew = view.active[target] == nil
        return isNew && view.active.count >= world.limits.members ? "limit" : nil
    }

    private func removalRefusal() -> String? {
        guard let target = event.peer(0), let grant = view.active[target] else {
            return "unknownTarget"
        }
        let isOwnAgent =
            world.events[grant].author == author && world.attenuationItem(grant) != .null
            && !lacks(OracleView.manageAgents)
        if world.isDirect || !(level >= 1 || isOwnAgent) { return "noPermission" }
        if let problem = cutProblem(of: target, mayRollBack: level >= 2) { return problem }
        return target != author && isSenior(to: target) ? nil : "notSenior"
    }

    private func extendRefusal() -> String? {
        guard let lowering = world.number(event.event(0)), isExtendable(lowering) else {
            return "unknownTarget"
        }
        if world.isDirect { return "noPermission" }
        guard let pin = world.number(event.event(2)), isNewPin(pin, of: lowering) else {
            return "badCut"
        }
        let other = world.events[lowering].author
        if other == author { return nil }
        let theirs = view.key(other) ?? world.key(lowering)
        return world.key(number) < theirs ? nil : "notSenior"
    }

    private func isExtendable(_ lowering: Int) -> Bool {
        guard view.isInForce(lowering) else { return false }
        switch world.events[lowering].kind {
        case 11, 12, 21, 23, 26: return true
        case 24: return !world.events[lowering].item(2).isTrue
        case 33: return world.isRemoval(lowering)
        default: return false
        }
    }

    /// R8: the new pin descends from the first one on the same chain.
    private func isNewPin(_ pin: Int, of lowering: Int) -> Bool {
        let holder = world.events[pin].author
        let event = world.events[lowering]
        guard world.events[pin].seq == self.event.number(1) else { return false }
        let isDerived = event.kind == 23 || event.kind == 24
        guard isDerived || holder == world.target(lowering) else { return false }
        let old: Int?
        if isDerived {
            old = world.last(of: holder, before: lowering)
        } else if (event.kind == 21 || event.kind == 26) && event.author == holder {
            old = lowering
        } else {
            old = world.cut(lowering)
        }
        guard let old else { return true }
        return pin != old && world.chain[pin].contains(old)
    }

    private func confirmRefusal() -> String? {
        guard let target = event.peer(0), isActive(target), view.rawFork[target] != nil else {
            return "unknownTarget"
        }
        if world.isDirect || level < 1 { return "noPermission" }
        guard let pin = world.number(event.event(2)), world.events[pin].author == target,
            world.events[pin].seq == event.number(1)
        else { return "badCut" }
        return isSenior(to: target) ? nil : "notSenior"
    }
}
