/// A role as it is now.
package struct RoleInfo: Hashable, Sendable {
    package let id: Event.ID
    package let name: String
    package let permissions: Permissions
    /// Active and suspended members who hold it, sorted.
    package let holders: [Peer.ID]
}

/// A proposal with the ballots that count now.
package struct ProposalInfo: Sendable {
    package let id: Event.ID
    package let author: Peer.ID
    package let atMilliseconds: UInt64
    package let body: Proposed
    /// Sorted keys that may vote.
    package let electorate: [Peer.ID]
    package let needed: Int
    package let status: ServerState.ProposalStatus
    /// The events that say yes, the proposal itself included where it does; sorted.
    package let yes: [Event.ID]
    package let noCount: Int
    /// What each elector said.
    package let ballots: [Peer.ID: Bool]
    /// How much lamport time is left before it expires.
    package let lifeLeft: UInt64
}

/// A join link without its secret.
package struct LinkInfo: Hashable, Sendable {
    package let id: Event.ID
    package let author: Peer.ID
    package let usesMax: UInt64
    package let uses: Int
    package let expiryMilliseconds: UInt64?
    package let status: ServerState.LinkStatus
}

/// Roles, proposals and links, one by one and all together.
extension ServerState {
    package func role(_ id: Event.ID) -> RoleInfo? {
        guard let slot = graph.slot(of: id), isLive(role: slot, at: now) else { return nil }
        return RoleInfo(
            id: id, name: roleName(slot, at: now), permissions: permissions(ofRole: slot, at: now),
            holders: holders(ofRole: slot, at: now))
    }

    /// Live roles in order of their ids.
    package var roleInfos: [RoleInfo] {
        liveRoles(at: now).compactMap { role(graph.id($0)) }.sorted { $0.id < $1.id }
    }

    package func roles(heldBy peer: Peer.ID) -> [Event.ID] {
        liveRoles(at: now).filter { holdsRole(peer, $0, at: now) }.map { graph.id($0) }.sorted()
    }

    package func proposal(_ id: Event.ID) -> ProposalInfo? {
        guard let slot = graph.slot(of: id), let proposal = authority.proposals[slot],
            graph.isEffective(slot)
        else { return nil }
        let counted = countedBallots(of: slot, proposal, at: now)
        let tally = tally(of: slot, proposal, at: now)
        let latest = graph.greatestLamport
        let end = graph.lamport(slot) + proposal.body.life
        var ballots: [Peer.ID: Bool] = [:]
        for ballot in counted { ballots[graph.peer(ballot.slot)] = ballot.accepts }
        return ProposalInfo(
            id: id, author: graph.peer(slot), atMilliseconds: graph.wallPlus(slot),
            body: proposal.body, electorate: proposal.electorate, needed: proposal.needed,
            status: status(of: slot, proposal, tally),
            yes: counted.filter(\.accepts).map { graph.id($0.slot) }.sorted(),
            noCount: tally.no, ballots: ballots, lifeLeft: end > latest ? end - latest : 0)
    }

    /// Proposals that take effect, newest first.
    package var proposalInfos: [ProposalInfo] {
        authority.proposals.keys.filter { graph.isEffective($0) }
            .sorted { graph.precedes($1, $0) }.compactMap { proposal(graph.id($0)) }
    }

    package func link(_ id: Event.ID) -> LinkInfo? {
        guard let slot = graph.slot(of: id), let link = authority.links[slot],
            graph.isEffective(slot)
        else { return nil }
        let uses = uses(of: slot)
        return LinkInfo(
            id: id, author: graph.peer(slot), usesMax: link.body.usesMax, uses: uses,
            expiryMilliseconds: link.body.expiryMilliseconds,
            status: linkStatus(of: slot, uses: uses))
    }

    /// Links that were ever issued in force, in order of their ids.
    package var linkInfos: [LinkInfo] {
        authority.links.keys.compactMap { link(graph.id($0)) }.sorted { $0.id < $1.id }
    }
}
