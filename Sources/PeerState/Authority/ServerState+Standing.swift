extension ServerState {
    /// The past that holds everything stored.
    package var now: Past {
        var past = graph.all
        past.isNow = true
        return past
    }

    /// Membership of `peer` in State(past); `nil` when not an active member there.
    package func standing(of peer: Peer.ID, at past: Past) -> Standing? {
        if let prepared, prepared.past == past, prepared.peer == peer { return prepared.standing }
        guard let created, graph.contains(Slot(index: 0), in: past) else { return nil }
        let resolution = resolution(at: past)
        if created.isDirect {
            guard created.participants.contains(peer), resolution.leaves[peer] == nil else {
                return nil
            }
            return Standing(
                level: .member, proof: nil, isAttenuated: false, grant: nil, key: .owner)
        }
        if peer == resolution.owner {
            return Standing(
                level: .owner, proof: resolution.ownerProof.map { graph.id($0) },
                isAttenuated: false, grant: resolution.ownerProof, key: .owner)
        }
        guard let grant = activeGrant(of: peer, resolution, at: past) else { return nil }
        return Standing(
            level: grant.level, proof: graph.id(grant.slot),
            isAttenuated: !grant.limits.isEmpty, grant: grant.slot, key: grant.key)
    }

    /// Membership now, over everything stored.
    package func standing(of peer: Peer.ID) -> Standing? { standing(of: peer, at: now) }

    private func activeGrant(
        of peer: Peer.ID, _ resolution: Resolution, at past: Past
    ) -> Grant? {
        let effective = effectiveGrants(of: peer, resolution, at: past)
        guard effective.count > 1 || !resolution.isPlain || !resolution.leaves.isEmpty else {
            return effective.first
        }
        let knowing = effective.filter { grant in
            let own = graph.past(grant.slot)
            return (resolution.removals[peer] ?? []).allSatisfy {
                graph.containsLowering($0.slot, in: own)
            } && (resolution.leaves[peer] ?? []).allSatisfy { graph.containsLowering($0, in: own) }
        }
        // Causally maximal ones, of these the most senior (PROTOCOL 5.6).
        let maximal = knowing.filter { grant in
            !knowing.contains {
                $0.slot != grant.slot && graph.contains(grant.slot, in: graph.past($0.slot))
            }
        }
        return maximal.min { $0.key < $1.key }
    }

    private func effectiveGrants(
        of peer: Peer.ID, _ resolution: Resolution, at past: Past
    ) -> [Grant] {
        (authority.grantsByTarget[peer] ?? []).compactMap { slot in
            guard graph.contains(slot, in: past), let grant = authority.grants[slot],
                isUsed(grant, resolution), voidCause(of: slot, resolution, at: past) == nil
            else { return nil }
            return grant
        }
    }

    /// A transfer counts only when it is the one that moved the ownership.
    private func isUsed(_ grant: Grant, _ resolution: Resolution) -> Bool {
        grant.source != .transferred || resolution.transfers.contains(grant.slot)
    }

    /// Whether `peer` was ever made a member in a set (section 2 of PROTOCOL 6.2).
    func wasMember(_ peer: Peer.ID, at past: Past) -> Bool {
        guard graph.count > 0, graph.contains(Slot(index: 0), in: past) else { return false }
        if isDirect { return created?.participants.contains(peer) ?? false }
        let resolution = resolution(at: past)
        return peer == founder || peer == resolution.owner
            || !effectiveGrants(of: peer, resolution, at: past).isEmpty
    }

    /// The code for an author who is not active: why he is not (PROTOCOL 13).
    func absence(of peer: Peer.ID, at past: Past) -> RuleCode {
        guard wasMember(peer, at: past) else { return .notMember }
        switch status(of: peer, at: past) {
        case .suspended: return .suspended
        case .removed: return .removed
        case .active, .left: return .notMember
        }
    }

    package enum MemberStatus: UInt64, Sendable { case active = 1, suspended, removed, left }

    /// What the last effective lowering in canonical order made of somebody.
    func status(of peer: Peer.ID, at past: Past) -> MemberStatus {
        if standing(of: peer, at: past) != nil { return .active }
        let resolution = resolution(at: past)
        var last: (slot: Slot, status: MemberStatus)?
        let removals = (resolution.removals[peer] ?? []).map {
            (slot: $0.slot, status: $0.isSuspension ? MemberStatus.suspended : .removed)
        }
        let leaves = (resolution.leaves[peer] ?? []).map { (slot: $0, status: MemberStatus.left) }
        for entry in removals + leaves {
            if let known = last, graph.precedes(entry.slot, known.slot) { continue }
            last = entry
        }
        return last?.status ?? .removed
    }

    /// Keys that ever were members, in order.
    func everMembers(at past: Past) -> [Peer.ID] {
        guard let created else { return [] }
        if created.isDirect { return created.participants }
        var result = Set(authority.grantsByTarget.keys.filter { wasMember($0, at: past) })
        if let founder { result.insert(founder) }
        if let owner = resolution(at: past).owner { result.insert(owner) }
        return result.sorted()
    }

    /// Active members in State(past), in order of their keys.
    package func members(at past: Past) -> [Peer.ID] {
        if isPresent(past) { return activeMembers.sorted() }
        return activeMembers(at: past).sorted()
    }

    /// The same from nothing, in any order.
    private func activeMembers(at past: Past) -> [Peer.ID] {
        guard let created else { return [] }
        if created.isDirect {
            return created.participants.filter { standing(of: $0, at: past) != nil }
        }
        var candidates = Set(authority.grantsByTarget.keys)
        if let founder { candidates.insert(founder) }
        if let owner = resolution(at: past).owner { candidates.insert(owner) }
        return candidates.filter { standing(of: $0, at: past) != nil }
    }

    /// Finds all members anew, after something was decided again.
    mutating func findMembers() { activeMembers = Set(activeMembers(at: now)) }

    /// Looks again at a few of whom something changed.
    mutating func noteMembership(of peers: some Collection<Peer.ID>) {
        for peer in peers {
            if standing(of: peer) == nil {
                activeMembers.remove(peer)
            } else {
                activeMembers.insert(peer)
            }
        }
    }

    package func memberCount(at past: Past) -> Int {
        isPresent(past) ? activeMembers.count : activeMembers(at: past).count
    }

    /// Whether anybody else is an active member now.
    package func hasMembers(besides peer: Peer.ID) -> Bool {
        activeMembers.count > (activeMembers.contains(peer) ? 1 : 0)
    }

    /// Whether one more member would be one too many; counts only when it may be.
    func isFull(at past: Past) -> Bool {
        authority.grantsByTarget.count + 1 >= Limits.maxMembers
            && memberCount(at: past) >= Limits.maxMembers
    }

    /// Who wrote the grant a member acts under now; `nil` for founders and participants.
    package func grantor(of peer: Peer.ID) -> Peer.ID? {
        standing(of: peer)?.grant.map { graph.peer($0) }
    }

    /// Who answers for the membership of `peer`: its grantor or, when that is no member any more,
    /// the next active member up the chain of its grant; `nil` for founders and participants.
    ///
    /// A grantor that was lowered is told of nothing that came since, and takes for members whom
    /// all others do not.
    package func voucher(for peer: Peer.ID) -> Peer.ID? {
        var next = standing(of: peer)?.grant
        while let slot = next {
            let author = graph.peer(slot)
            if activeMembers.contains(author) { return author }
            next = graph.proof(slot)
        }
        return nil
    }

    /// Members who act under a limited grant of somebody, or of such a member, in order of their
    /// ids: agents, but neither workers nor who came by a link.
    package func agents(below peer: Peer.ID) -> [Peer.ID] {
        activeMembers.filter { member in
            guard let slot = standing(of: member)?.grant, let grant = authority.grants[slot],
                !grant.restsOnAdmission, grant.limits.contains(where: { $0.grantor == peer })
            else { return false }
            return !permissions(of: member, at: now).contains(.syncProvider)
        }.sorted()
    }

    /// The grant that the author of `grant` acted under; `nil` for the founder's own.
    package func proof(of grant: Event.ID) -> Event.ID? {
        graph.slot(of: grant).flatMap { graph.proof($0) }.map { graph.id($0) }
    }

    package var owner: Peer.ID? { isDirect ? nil : current.owner }
}
