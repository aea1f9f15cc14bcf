/// What somebody who answers strangers and former members asks of the state.
extension ServerState {
    /// The admission under which `peer` is a member now, if it was made by this link.
    package func admission(of peer: Peer.ID, by link: Event.ID) -> Event.ID? {
        guard let proof = standing(of: peer)?.grant, let link = graph.slot(of: link),
            authority.admissions[proof]?.link == link
        else { return nil }
        return graph.id(proof)
    }

    /// Whether `peer` is a member by a join link without limits of its own, and bears those of the
    /// member that admitted it.
    package func isLimitedByAdmitter(_ peer: Peer.ID) -> Bool {
        guard let standing = standing(of: peer), standing.isAttenuated, let grant = standing.grant,
            let admission = authority.admissions[grant]
        else { return false }
        return authority.links[admission.link]?.body.attenuation == nil
    }

    /// Whether this link was ever issued in force here.
    package func knows(link: Event.ID) -> Bool {
        graph.slot(of: link).map { authority.links[$0] != nil && graph.isEffective($0) } ?? false
    }

    /// Whether a claim was made with the secret of a link.
    package func isValid(_ claim: Signature, of link: Event.ID, for target: Peer.ID) -> Bool {
        guard let slot = graph.slot(of: link), let issued = authority.links[slot] else {
            return false
        }
        let bytes = Self.claim(server: id, link: link, target: target)
        return claim.isValid(for: bytes, by: Peer.ID(issued.body.key))
    }

    /// Whether `peer` may admit holders of join links (PROTOCOL 4.5).
    package func mayAdmit(_ peer: Peer.ID) -> Bool {
        guard !isDirect, let standing = standing(of: peer),
            standing.level >= .moderator || permissions(of: peer, at: now).contains(.syncProvider)
        else { return false }
        guard let grant = standing.grant.flatMap({ authority.grants[$0] }), grant.target == peer
        else { return true }
        return !grant.restsOnAdmission
            && grant.limits.allSatisfy { limit in
                let attenuation = limit.attenuation
                let depth = attenuation.delegationDepth ?? .max
                return attenuation.kinds?.contains(MemberAdmitted.kind) ?? true
                    && UInt64(limit.distance) < depth
            }
    }

    /// Whether `peer` is or was a member.
    package func hasBeenMember(_ peer: Peer.ID) -> Bool { wasMember(peer, at: now) }

    /// Why `peer` is not an active member: `suspended`, `removed` or `notMember`.
    package func absence(of peer: Peer.ID) -> RuleCode { absence(of: peer, at: now) }

    /// Whether `peer` would be a member but for a removal or a fork of somebody who let it in; who
    /// was one too many is a stranger, and asks.
    package func wasLetIn(_ peer: Peer.ID) -> Bool {
        authority.grantsByTarget[peer]?.contains { isFallen($0) } ?? false
    }

    private func isFallen(_ grant: Slot) -> Bool {
        guard wasAdmitted(grant), let void = voidness(of: grant) else { return false }
        switch void.code {
        case .voidedByRemoval, .voidedProof, .voidedFork, .forkedAuthor: return true
        default: return false
        }
    }

    /// The accepted lowerings that ended a membership, latest first, with what they rest on; where
    /// it never began for these members, those that took the effect of what let `peer` in.
    ///
    /// - Source: PROTOCOL 9.1, what a former member gets.
    package func lowerings(of peer: Peer.ID) -> [Event.ID] {
        guard standing(of: peer) == nil else { return [] }
        let endings = endings(of: peer, depth: 0).sorted { graph.precedes($1, $0) }
        var result: [Slot] = []
        for slot in endings + endings.flatMap({ support(ofLowering: $0) })
        where !result.contains(slot) {
            result.append(slot)
        }
        return result.map { graph.id($0) }
    }

    private func endings(of peer: Peer.ID, depth: Int) -> [Slot] {
        if wasMember(peer, at: now) {
            return (current.removals[peer] ?? []).map(\.slot) + current.leaves[peer, default: []]
        }
        guard depth < Limits.maxDelegationDepth else { return [] }
        let grantors = Set(
            (authority.grantsByTarget[peer] ?? []).filter { isFallen($0) }.map(graph.peer))
        return grantors.sorted().flatMap { grantor in
            // Leaving takes back nothing.
            wasMember(grantor, at: now)
                ? (current.removals[grantor] ?? []).map(\.slot)
                : endings(of: grantor, depth: depth + 1)
        }
    }

    /// Who let `peer` in, who let those in, and so on, each with the number of the event that did.
    package func letIn(_ peer: Peer.ID) -> [(by: Peer.ID, seq: UInt64)] {
        var result: [(by: Peer.ID, seq: UInt64)] = []
        var next = standing(of: peer)?.grant
        while let slot = next, result.count <= Limits.maxDelegationDepth {
            result.append((graph.peer(slot), graph.seq(slot)))
            next = graph.proof(slot)
        }
        return result
    }

    private func support(ofLowering slot: Slot) -> [Slot] {
        var result = authority.enactments[slot].map { [$0.proposal] } ?? []
        var next = graph.proof(slot)
        while let proof = next, result.count <= Limits.maxDelegationDepth {
            result.append(proof)
            next = graph.proof(proof)
        }
        return result
    }

    /// Whether somebody who says to act under `proof` was made a member by it, as far as known.
    package func isGrant(_ proof: Event.ID, to peer: Peer.ID) -> Bool {
        graph.slot(of: proof).flatMap { authority.grants[$0] }?.target == peer
    }

    /// Whom a known proposal is about.
    package func target(ofProposal id: Event.ID) -> Peer.ID? {
        graph.slot(of: id).flatMap { authority.proposals[$0] }?.body.action.target
    }

    /// Who takes part in a direct server; empty for a group.
    package var participants: [Peer.ID] { isDirect ? created?.participants ?? [] : [] }
}
