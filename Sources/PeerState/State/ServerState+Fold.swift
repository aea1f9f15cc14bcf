extension ServerState {
    /// Stores one event and folds it, and everything it changes the effect of.
    ///
    /// - Parameter refusal: why State(past(e)) does not allow it; `nil` when it does.
    mutating func add(_ place: EventPlace, refusal: Failure<RuleCode>?) -> Slot {
        let kind = place.event.kind
        prepared = nil
        if !contestedLinks.isEmpty { claims = ClaimMemo() }
        // Content changes nobody's membership.
        let isSetup = EventKinds.isSetup(kind)
        let isLowering = EventKinds.isLowering(kind)
        if isSetup || isLowering { standings.forget() }
        // Not part of the set until its flags are settled below.
        var flags: EventGraph.Flags = [.loose]
        if refusal != nil { flags.insert(.inadmissible) }
        if isSetup && refusal == nil { flags.insert(.setup) }
        if isLowering && refusal == nil { flags.insert(.lowering) }
        let slot = graph.insert(EventGraph.Arrival(place: place, flags: flags))
        content.reserve(slot)
        if let refusal {
            refusals[slot] = refusal
        } else {
            place.event.body.apply(to: &self, event: place.event, slot: slot)
        }
        if flags.contains(.lowering) { noteLinks(ofLowering: slot) }
        if let agent = place.event.body.agent { recordCauses(of: agent, slot: slot) }
        settle(slot)
        return slot
    }

    /// Gives a new event its place in the set, and others the effect they now have.
    private mutating func settle(_ slot: Slot) {
        let author = graph.author(slot)
        let isBeyondFork = graph.seq(slot) >= (lowestFork(of: author) ?? .max)
        var joined: [Slot] = []
        let isNewFork = isBeyondFork && graph.slots(of: author, at: graph.seq(slot)).count > 1
        if isNewFork && !graph.forked.contains(author) { graph.markForked(author) }
        if isNewFork || (graph.kind(slot) == BranchConfirmed.kind && !graph.forked.isEmpty) {
            setFlags(of: slot, loose: true)
            joined = settleLooseness(with: slot)
        } else {
            let isLoose = isBeyondFork && isLooseAlone(slot)
            setFlags(of: slot, loose: isLoose)
            if !isLoose {
                graph.count(slot)
                joined = release(restingUnder: slot)
                if joined.contains(where: { graph.kind($0) == BranchConfirmed.kind }) {
                    joined += settleLooseness(with: slot)
                }
            }
        }
        refresh(after: slot, joined: joined)
    }

    func lowestFork(of author: AuthorNumber) -> UInt64? {
        guard graph.forked.contains(author) || graph.chains[Int(author.index)].branches.count > 1
        else { return nil }
        return graph.lowestFork(of: author, after: nil).map { UInt64($0) }
    }

    /// Judges anew what forked authors wrote, after a proof showed where one of them did.
    mutating func judgeForksAnew() {
        prepared = nil
        claims = ClaimMemo()
        standings.forget()
        let joined = settleLooseness(with: nil)
        let old = current
        current = resolve(at: now)
        refold(affected(from: old, to: current) + joined + joined.flatMap { resting(on: $0) })
        findMembers()
    }

    /// Recomputes what lowerings amount to, and re-folds what that or a claimed link changed.
    ///
    /// - Parameter joined: events that became part of the set with this one, or left it.
    private mutating func refresh(after slot: Slot, joined: [Slot]) {
        var work: [Slot] = []
        var isResolved = graph.kind(slot) == ServerCreated.kind
        let flags = graph.flags(slot)
        let isForked = !graph.forked.isEmpty && graph.forked.contains(graph.author(slot))
        // What others may rest on, or ask of their past; the rest was judged when it was flagged.
        if !flags.contains(.setup) && !isForked && joined.isEmpty && graph.forked.isEmpty { return }
        if flags.contains(.lowering) || isForked || !joined.isEmpty
            || current.hasForks != !graph.forked.isEmpty || mayMoveLowerings(slot)
        {
            if joined.isEmpty, let appended = resolutionAppending(slot) {
                current = appended
                remember(appended, of: graph.all)
                refold([slot])
                return noteMembership(of: authority.removals[slot].map { [$0.target] } ?? [])
            }
            let old = current
            current = graph.all.lowerings == 0 && graph.forked.isEmpty ? plain : resolve(at: now)
            work = affected(from: old, to: current)
            isResolved = true
        }
        for changed in joined + [slot] {
            work.append(changed)
            work += resting(on: changed)
        }
        refold(work)
        if isResolved { findMembers() } else { noteMembership(of: regranted) }
        if !regranted.isEmpty { regranted = [] }
    }

    /// Whether an admission may take the effect of another one, and with it that of what the
    /// newcomer lowered, such as his leaving.
    private func mayMoveLowerings(_ slot: Slot) -> Bool {
        guard graph.all.lowerings != 0, let admission = authority.admissions[slot] else {
            return false
        }
        return contestedLinks.contains(admission.link)
    }

    private func contested(_ link: Slot) -> [Slot] {
        contestedLinks.contains(link) ? authority.links[link]?.admissions ?? [] : []
    }

    /// Judges these events anew, and whatever rests on those that changed.
    private mutating func refold(_ slots: [Slot]) {
        var work = slots
        while let slot = work.popLast() {
            guard wasAdmitted(slot) else { continue }
            let isVoid = voidCause(of: slot, current, at: now) != nil
            let isMarked = isMarked(slot)
            let before = graph.flags(slot)
            guard before.contains(.void) != isVoid || before.contains(.marked) != isMarked else {
                continue
            }
            change(slot, to: before.with(.void, isVoid).with(.marked, isMarked))
            if before.contains(.void) != isVoid { work += resting(on: slot) }
        }
    }

    /// Events that may gain or lose their effect with this one.
    private func resting(on slot: Slot) -> [Slot] {
        var result: [Slot] = []
        var holders = [authority.grants[slot]?.target].compactMap { $0 }
        holders += (authority.transfers[graph.peer(slot)] ?? []).filter { $0.slot == slot }
            .map(\.target)
        for holder in holders {
            guard let author = graph.number(of: holder) else { continue }
            result += graph.chains[Int(author.index)].all.filter { graph.proof($0) == slot }
        }
        if let proposal = authority.proposals[slot] { result += proposal.enactments }
        if let link = authority.links[slot] { result += link.admissions }
        if let admission = authority.admissions[slot] { result += contested(admission.link) }
        if graph.kind(slot) == LinkRevoked.kind {
            result += graph.edges(slot).flatMap { contested($0) }
        }
        return result
    }

    /// Events that two resolutions may judge differently by themselves.
    private func affected(from old: Resolution, to new: Resolution) -> [Slot] {
        var floors: [AuthorNumber: UInt64] = [:]
        var result = Array(old.failedEnactments.symmetricDifference(new.failedEnactments))
        result += old.overruledLeaves.symmetricDifference(new.overruledLeaves)
        result += old.transfers.symmetricDifference(new.transfers)
        result += Set(old.lowerings).symmetricDifference(new.lowerings).map(\.slot)
        func add(_ peer: Peer.ID, beyond floor: UInt64) {
            guard let author = graph.number(of: peer) else { return }
            floors[author] = min(floors[author] ?? .max, floor)
        }
        for peer in old.removals.targets.union(new.removals.targets) {
            let changed = Set(old.removals[peer] ?? []).symmetricDifference(
                new.removals[peer] ?? [])
            result += changed.map(\.slot)
            if let floor = changed.map({ $0.pin.map { graph.seq($0) } ?? 0 }).min() {
                // A pin names one branch: the others count from the beginning.
                let isForked = graph.number(of: peer).map { graph.forked.contains($0) } ?? false
                add(peer, beyond: isForked ? 0 : floor)
            }
        }
        for author in Set(old.forks.keys).union(new.forks.keys)
        where old.forks[author] != new.forks[author] {
            floors[author] = 0
        }
        for lowering in Set(old.lowerings).symmetricDifference(new.lowerings) {
            switch lowering.subject {
            case .permission(let peer, _), .assignment(let peer, _): add(peer, beyond: 0)
            case .role(let role), .roleSetting(let role, _):
                for holder in authority.assignments.keys
                where authority.assignments[holder]?.contains(where: { $0.role == role }) == true {
                    add(holder, beyond: 0)
                }
            }
        }
        for (author, floor) in floors {
            result += graph.chains[Int(author.index)].all.filter { graph.seq($0) > floor }
        }
        return result
    }

    private mutating func setFlags(of slot: Slot, loose: Bool) {
        let flags = graph.flags(slot)
        let isVoid =
            !flags.contains(.inadmissible) && voidCause(of: slot, current, at: now) != nil
        let isMarked = isMarked(slot)
        change(
            slot, to: flags.with(.void, isVoid).with(.marked, isMarked).with(.loose, loose))
    }
}

extension Resolution {
    var hasForks: Bool { !forks.isEmpty }
}
