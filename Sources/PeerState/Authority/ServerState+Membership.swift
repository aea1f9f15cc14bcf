/// Grants, removals and what moves their pins (PROTOCOL 4.2 and 5.3).
extension ServerState {
    mutating func addGrant(
        to target: Peer.ID, level: Level, attenuation: Attenuation?, source: Grant.Source,
        slot: Slot
    ) {
        let proof = graph.proof(slot)
        let maker = proof.flatMap { authority.grants[$0] }.flatMap {
            $0.target == graph.peer(slot) ? $0 : nil
        }
        let depth: Int
        switch source {
        case .enacted: depth = Grant.enactedDepth
        case .transferred: depth = 0
        case .granted, .admitted: depth = self.depth(under: proof)
        }
        var limits: [Grant.Limit] = []
        if let attenuation {
            limits.append(
                Grant.Limit(attenuation: attenuation, grantor: graph.peer(slot), distance: 0))
        }
        if source == .granted || source == .admitted {
            limits += (maker?.limits ?? []).map {
                Grant.Limit(
                    attenuation: $0.attenuation, grantor: $0.grantor, distance: $0.distance + 1)
            }
        }
        authority.add(
            Grant(
                slot: slot, target: target, level: level, source: source,
                attenuation: attenuation, depth: depth,
                key: Seniority(
                    rank: 2 * Int(level.rawValue), depth: depth + 1, seq: graph.seq(slot),
                    author: graph.peer(slot), grant: graph.id(slot)),
                rests: [slot] + support(of: slot), limits: limits,
                restsOnAdmission: source == .admitted || maker?.restsOnAdmission ?? false))
    }

    mutating func addRemoval(of target: Peer.ID, cut: Cut?, isSuspension: Bool, slot: Slot) {
        authority.removals[slot] = AuthorityIndex.Removal(
            slot: slot, target: target, pin: cut.flatMap { graph.slot(of: $0.id) },
            key: seniority(of: slot), isSuspension: isSuspension, rests: rests(of: slot))
        authority.removalOrder.append(slot)
    }

    mutating func addTransfer(to target: Peer.ID, slot: Slot) {
        authority.transfers[graph.peer(slot), default: []].append((slot, target))
        addGrant(
            to: graph.peer(slot), level: .admin, attenuation: nil, source: .transferred,
            slot: slot)
    }

    mutating func addExtension(of lowering: Event.ID, pin: Event.ID, slot: Slot) {
        guard let lowering = graph.slot(of: lowering), let pin = graph.slot(of: pin) else { return }
        authority.extensions.append(
            AuthorityIndex.Pinned(
                slot: slot, lowering: lowering, pin: pin, key: seniority(of: slot)))
    }

    mutating func addConfirmation(pin: Event.ID, slot: Slot) {
        guard let pin = graph.slot(of: pin) else { return }
        authority.confirmations.append(
            AuthorityIndex.Pinned(slot: slot, lowering: nil, pin: pin, key: seniority(of: slot)))
    }

    /// Notes a lowering whose pins follow from what it knew.
    mutating func addDerivedLowering(_ slot: Slot) {
        // A checkpoint brings it, as what is stored later must not count.
        guard authority.unknownTo[slot] == nil else { return }
        authority.unknownTo[slot] = graph.unknown(to: [slot]).subtracting([slot])
    }

    /// Refuses a cut that is not the target's, or rolls back without being allowed to.
    ///
    /// - Errors: `badCut`.
    func checkCut(
        _ cut: Cut?, of target: Peer.ID, at place: EventPlace, mayRollBack: Bool
    ) throws(Failure<RuleCode>) {
        var accepted: UInt64 = 0
        if let cut {
            guard let slot = graph.slot(of: cut.id), graph.peer(slot) == target,
                graph.seq(slot) == cut.seq
            else { throw Failure(.badCut, "not an event of the target") }
            accepted = cut.seq
        }
        try checkCutOfOwner(cut, of: target, at: place)
        guard !mayRollBack, let author = graph.number(of: target) else { return }
        let later = graph.chains[Int(author.index)].all.filter { graph.seq($0) > accepted }
        if later.isEmpty && graph.chains[Int(author.index)].branches.count == 1 { return }
        let unknown = graph.unknown(to: place.edges)
        if later.contains(where: { !unknown.contains($0) }) {
            throw Failure(.badCut, "a rollback needs level admin")
        }
    }

    /// What a former owner wrote up to his transfer stands.
    private func checkCutOfOwner(
        _ cut: Cut?, of target: Peer.ID, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let transfer = resolution(at: place.past).formerOwners[target] else { return }
        guard let pin = cut.flatMap({ graph.slot(of: $0.id) }),
            graph.isOnChain(transfer, upTo: pin)
        else { throw Failure(.badCut, "before the transfer of ownership") }
    }

    /// R3: a single signer removes only members strictly junior to him, and his own agents.
    ///
    /// - Errors: `unknownTarget`, `noPermission`, `badCut`, `notSenior`.
    func checkRemoval(
        of target: Peer.ID, cut: Cut?, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let standing = standing(of: place.author, at: place.past),
            let victim = self.standing(of: target, at: place.past)
        else { throw Failure(.unknownTarget, "not an active member") }
        let grant = victim.grant.flatMap { authority.grants[$0] }
        let isOwnAgent =
            grant?.attenuation != nil && victim.grant.map { graph.peer($0) } == place.author
            && holds(.manageAgents, place.author, at: place.past)
        guard standing.level >= .moderator || isOwnAgent else {
            throw Failure(.noPermission, "removing needs level moderator")
        }
        try checkCut(cut, of: target, at: place, mayRollBack: standing.level >= .admin)
        guard target != place.author, standing.key < victim.key else { throw Failure(.notSenior) }
    }

    /// Bounds what resolving costs (PROTOCOL 5.10).
    func checkRemovalRate(at place: EventPlace) throws(Failure<RuleCode>) {
        guard [MemberRemoved.kind, MemberSuspended.kind].contains(place.event.kind) else { return }
        let floor = place.event.lamport.subtractingReportingOverflow(Limits.removalsWindow)
        var count = 1
        var next = place.event.prev.flatMap { graph.slot(of: $0) }
        while let slot = next, floor.overflow || graph.lamport(slot) > floor.partialValue {
            if [MemberRemoved.kind, MemberSuspended.kind].contains(graph.kind(slot)) { count += 1 }
            if count > Limits.removalsPerAuthor { throw Failure(.overRate, "removals") }
            next = graph.prev(of: slot)
        }
    }
}
