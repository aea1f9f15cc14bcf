/// Why an admissible event has no effect, and what decided.
package struct VoidCause: Sendable {
    package let code: RuleCode
    /// The removal, revocation, vote or fork's event; `nil` for the author's own fork.
    let decider: Slot?
    /// What the event rests on that is void; itself when nothing else.
    let subject: Slot
}

/// The order in which events lose their effect.
private enum VoidStep: CaseIterable {
    case fork, removal, crossing, ballots, permission, link
}

extension ServerState {
    /// Why `slot` is void in a set; `nil` when nothing there takes its effect away.
    ///
    /// - Precondition: `slot` is admissible and in the set or about to join it.
    func voidCause(of slot: Slot, at past: Past) -> VoidCause? {
        voidCause(of: slot, resolution(at: past), at: past)
    }

    func voidCause(of slot: Slot, _ resolution: Resolution, at past: Past) -> VoidCause? {
        if resolution.isPlain && contestedLinks.isEmpty { return nil }
        let rests = rests(of: slot)
        // Each step only knows what the steps before it left (PROTOCOL 5.5).
        for step in VoidStep.allCases {
            for support in rests {
                guard let cause = cause(step, of: support, resolution, at: past) else { continue }
                if support == slot { return cause }
                return VoidCause(code: .voidedProof, decider: cause.decider, subject: support)
            }
        }
        return nil
    }

    /// Why one event is void by itself, whatever it rests on.
    private func cause(
        _ step: VoidStep, of slot: Slot, _ resolution: Resolution, at past: Past
    ) -> VoidCause? {
        switch step {
        case .fork:
            return isForkVoid(slot, resolution.forks)
                ? VoidCause(code: .voidedFork, decider: nil, subject: slot) : nil
        case .removal: return removalCause(of: slot, resolution)
        case .crossing: return crossingCause(of: slot, resolution)
        case .ballots:
            return resolution.failedEnactments.contains(slot)
                ? VoidCause(code: .voidedProof, decider: nil, subject: slot) : nil
        case .permission: return cutCause(of: slot, resolution)
        case .link: return admissionCause(of: slot, resolution, at: past)
        }
    }

    private func removalCause(of slot: Slot, _ resolution: Resolution) -> VoidCause? {
        let peer = graph.peer(slot)
        for removal in resolution.removals[peer] ?? []
        where voids(removal.slot, peer, pin: removal.pin, slot) {
            return VoidCause(code: .voidedByRemoval, decider: removal.slot, subject: slot)
        }
        return nil
    }

    /// Lowerings and transfers that lost to others, though nothing they rest on is void.
    private func crossingCause(of slot: Slot, _ resolution: Resolution) -> VoidCause? {
        if let removal = authority.removals[slot], !resolution.isUndecided,
            resolution.removals[removal.target]?.contains(where: { $0.slot == slot }) != true
        {
            return VoidCause(code: .voidedByRemoval, decider: nil, subject: slot)
        }
        if resolution.overruledLeaves.contains(slot) {
            return VoidCause(code: .voidedByRemoval, decider: nil, subject: slot)
        }
        if graph.kind(slot) == OwnershipTransferred.kind, !resolution.isUndecided,
            !resolution.transfers.contains(slot)
        {
            return VoidCause(code: .voidedProof, decider: nil, subject: slot)
        }
        return nil
    }

    /// Void because every source of the permission it needed was taken (PROTOCOL 5.5).
    private func cutCause(of slot: Slot, _ resolution: Resolution) -> VoidCause? {
        guard !resolution.lowerings.isEmpty else { return nil }
        let needed = permissionsNeeded(for: slot)
        if needed.isEmpty { return nil }
        let kind = graph.kind(slot)
        let isAdministration = ServerState.administrationKinds.contains(kind)
        if isAdministration && level(of: slot) >= .admin { return nil }
        let author = graph.peer(slot)
        let relevant = resolution.lowerings.filter {
            (!isAdministration || $0.isStratumTwo)
                && !graph.containsLowering($0.slot, in: graph.past(slot)) && $0.slot != slot
                && isBeyond(slot, $0)
        }
        guard !relevant.isEmpty else { return nil }
        for permission in needed {
            let sources = sources(of: permission, author, at: graph.past(slot))
            let takers = sources.map { source in
                relevant.first { takes($0, source, from: author) }
            }
            guard let last = takers.last, let decider = last, takers.allSatisfy({ $0 != nil })
            else { continue }
            return VoidCause(code: .voidedByRevoke, decider: decider.slot, subject: slot)
        }
        return nil
    }

    private func isBeyond(_ slot: Slot, _ lowering: Resolution.Lowering) -> Bool {
        if lowering.extended.contains(where: { isUpTo($0, slot) }) { return false }
        if lowering.isDerived, graph.forked.contains(graph.author(slot)) {
            return derivedPin(of: lowering.slot, for: graph.author(slot)).map { !isUpTo($0, slot) }
                ?? true
        }
        if lowering.isDerived {
            return slot > lowering.slot
                || authority.unknownTo[lowering.slot]?.contains(slot) ?? true
        }
        guard let pin = lowering.pin else { return true }
        return !isUpTo(pin, slot)
    }

    static var administrationKinds: ClosedRange<UInt64> { 20...27 }

    /// Revoked or exhausted links (PROTOCOL 4.5).
    private func admissionCause(
        of slot: Slot, _ resolution: Resolution, at past: Past
    ) -> VoidCause? {
        guard graph.kind(slot) == MemberAdmitted.kind,
            let admission = authority.admissions[slot], contestedLinks.contains(admission.link),
            let link = authority.links[admission.link]
        else { return nil }
        for revocation in link.revocations
        where graph.contains(revocation, in: past)
            && !graph.contains(revocation, in: graph.past(slot))
            && !graph.contains(slot, in: graph.past(revocation))
            && voidCause(of: revocation, resolution, at: past) == nil
        {
            return VoidCause(code: .voidedByRevoke, decider: revocation, subject: slot)
        }
        // As long as there are not more of them, none is one too many.
        let count = link.admissions.count { graph.contains($0, in: past) }
        guard UInt64(count) > link.body.usesMax,
            !holdingAdmissions(of: admission.link, resolution, at: past).contains(slot)
        else { return nil }
        return VoidCause(code: .overClaimed, decider: admission.link, subject: slot)
    }

    /// The first admissions of a link, as many as it has uses (PROTOCOL 4.5, over-claim).
    private func holdingAdmissions(
        of number: Slot, _ resolution: Resolution, at past: Past
    ) -> Set<Slot> {
        guard let link = authority.links[number] else { return [] }
        if let known = claims.holding(of: number, resolution, at: past) { return known }
        let waiting = link.admissions.filter { admission in
            graph.contains(admission, in: past)
                && !rests(of: admission).contains { support in
                    support == admission
                        ? isVoidBeforeClaims(support, resolution, at: past)
                        : voidCause(of: support, resolution, at: past) != nil
                }
        }
        let isOver = UInt64(waiting.count) > link.body.usesMax
        let holding = isOver ? first(link.body.usesMax, of: waiting) : Set(waiting)
        claims.remember(holding, of: number, resolution, at: past)
        return holding
    }

    /// The first of some events by causality, then by who claims more.
    ///
    /// What one author wrote on one branch is a queue of which others know a beginning: only the
    /// heads of the queues are ever compared.
    private func first(_ count: UInt64, of slots: [Slot]) -> Set<Slot> {
        let chains = Dictionary(grouping: slots) {
            ChainPlace(author: graph.author($0), branch: graph.branch($0))
        }
        var queues = chains.values.map { $0.sorted { graph.seq($0) > graph.seq($1) } }
        var chosen: Set<Slot> = []
        while UInt64(chosen.count) < count {
            let heads = queues.compactMap(\.last)
            let ready = heads.filter { slot in
                !heads.contains { $0 != slot && graph.contains($0, in: graph.past(slot)) }
            }
            guard let next = ready.min(by: { isClaimedBefore($0, $1) }),
                let place = queues.firstIndex(where: { $0.last == next })
            else { break }
            chosen.insert(next)
            queues[place].removeLast()
        }
        return chosen
    }

    private struct ChainPlace: Hashable {
        let author: AuthorNumber
        let branch: Int32
    }

    private func isClaimedBefore(_ left: Slot, _ right: Slot) -> Bool {
        let (l, r) = (seniority(of: left), seniority(of: right))
        if l != r { return l < r }
        if graph.seq(left) != graph.seq(right) { return graph.seq(left) < graph.seq(right) }
        return graph.id(left) < graph.id(right)
    }

    /// The causes that come before the count of uses.
    private func isVoidBeforeClaims(
        _ slot: Slot, _ resolution: Resolution, at past: Past
    ) -> Bool {
        let peer = graph.peer(slot)
        let isRemoved = (resolution.removals[peer] ?? []).contains {
            voids($0.slot, peer, pin: $0.pin, slot)
        }
        if isRemoved || isForkVoid(slot, resolution.forks) { return true }
        if cutCause(of: slot, resolution) != nil { return true }
        let link = authority.admissions[slot].flatMap { authority.links[$0.link] }
        return (link?.revocations ?? []).contains { revocation in
            graph.contains(revocation, in: past)
                && !graph.contains(revocation, in: graph.past(slot))
                && !graph.contains(slot, in: graph.past(revocation))
                && voidCause(of: revocation, resolution, at: past) == nil
        }
    }
}
