/// One admissible grant of membership.
struct Grant: Sendable {
    let id: Event.ID
    let target: Peer.ID
    let level: Level
    let attenuation: Attenuation?
    let author: Peer.ID
    let seq: UInt64
    let proof: Event.ID?
    /// |chain|: the grant itself and the grants it rests on (PROTOCOL 5.2).
    let depth: Int
    let past: Past
    let wallPlus: UInt64
}

/// What a member is at some point: the level and the grant that says so.
package struct Standing: Hashable, Sendable {
    package let level: Level
    /// `nil` for the founder and for participants of a direct server.
    package let proof: Event.ID?
    package let isAttenuated: Bool
}

extension ServerState {
    /// Membership of `peer` in State(past); `nil` when not an active member there.
    package func standing(of peer: Peer.ID, at past: Past) -> Standing? {
        guard let created else { return nil }
        if created.isDirect {
            guard created.participants.contains(peer) else { return nil }
            return Standing(level: .member, proof: nil, isAttenuated: false)
        }
        if peer == founder { return Standing(level: .owner, proof: nil, isAttenuated: false) }
        guard let grant = activeGrant(of: peer, at: past) else { return nil }
        return Standing(
            level: grant.level, proof: grant.id, isAttenuated: isAttenuated(grant))
    }

    /// Membership now, over everything stored.
    package func standing(of peer: Peer.ID) -> Standing? { standing(of: peer, at: now) }

    /// The past that holds everything stored.
    package var now: Past { graph.all }

    private func activeGrant(of peer: Peer.ID, at past: Past) -> Grant? {
        guard let ids = grantsByTarget[peer] else { return nil }
        let known = ids.compactMap { grants[$0] }.filter {
            graph.frontiers.contains($0.author, $0.seq, in: past)
        }
        // Causally maximal ones, of these the most senior (PROTOCOL 5.6).
        let maximal = known.filter { grant in
            !known.contains { other in
                other.id != grant.id
                    && graph.frontiers.contains(grant.author, grant.seq, in: other.past)
            }
        }
        return maximal.min { Self.isMoreSenior($0, $1) }
    }

    /// The grant that the author of `grant` acted under; `nil` for the founder's own.
    package func proof(of grant: Event.ID) -> Event.ID? { grants[grant]?.proof }

    /// Who wrote the grant a member acts under now; `nil` for founders and participants.
    package func grantor(of peer: Peer.ID) -> Peer.ID? {
        isDirect || peer == founder ? nil : activeGrant(of: peer, at: now)?.author
    }

    private static func isMoreSenior(_ left: Grant, _ right: Grant) -> Bool {
        if left.level != right.level { return left.level > right.level }
        if left.depth != right.depth { return left.depth < right.depth }
        if left.seq != right.seq { return left.seq < right.seq }
        if left.author != right.author { return left.author < right.author }
        return left.id < right.id
    }

    private func isAttenuated(_ grant: Grant) -> Bool {
        var next: Grant? = grant
        while let current = next {
            if current.attenuation != nil { return true }
            next = current.proof.flatMap { grants[$0] }
        }
        return false
    }

    /// |chain| of an event acting under `proof`: itself and the grants it rests on.
    package func depth(ofActingUnder proof: Event.ID?) -> Int {
        guard let proof else { return 1 }
        return 1 + (grants[proof]?.depth ?? 0)
    }

    mutating func addGrant(_ body: MemberGranted, event: Event) {
        guard let record = graph[event.id] else { preconditionFailure("grant not in the graph") }
        grants[event.id] = Grant(
            id: event.id, target: body.target, level: body.level, attenuation: body.attenuation,
            author: event.author, seq: event.seq, proof: event.proof,
            depth: depth(ofActingUnder: event.proof),
            past: record.past, wallPlus: graph.chains[event.author]?.wallPlus ?? 0)
        grantsByTarget[body.target, default: []].append(event.id)
    }

    /// Active members in State(past), in order of their keys.
    package func members(at past: Past) -> [Peer.ID] {
        guard let created else { return [] }
        if created.isDirect { return created.participants }
        var result = grantsByTarget.keys.filter { standing(of: $0, at: past) != nil }
        if let founder, !result.contains(founder) { result.append(founder) }
        return result.sorted()
    }

    package func memberCount(at past: Past) -> Int { members(at: past).count }

    package func permissions(of peer: Peer.ID, at past: Past) -> Permissions {
        guard let standing = standing(of: peer, at: past) else { return [] }
        return standing.isAttenuated ? [] : standing.level.permissions
    }

    func require(
        _ permission: Permissions, of peer: Peer.ID, at past: Past
    ) throws(Failure<RuleCode>) {
        guard permissions(of: peer, at: past).contains(permission) else {
            throw Failure(.noPermission, permission.words.joined(separator: ", "))
        }
    }

    /// Whether a member may read a channel; roles are not in force, so a restricted one has none.
    package func isReader(_ peer: Peer.ID, of channel: Channel.ID, at past: Past) -> Bool {
        guard let info = channels[channel], info.readers == nil,
            let standing = standing(of: peer, at: past)
        else { return false }
        return !standing.isAttenuated
    }

    func requireReader(
        _ peer: Peer.ID, of channel: Channel.ID, at past: Past
    ) throws(Failure<RuleCode>) {
        guard isReader(peer, of: channel, at: past) else { throw Failure(.notReader) }
    }

    /// Step 13 before the kind's own check: an active author who acts under his own grant.
    ///
    /// - Errors: `notMember`, `badProof`, `attenuated`.
    func checkAuthor(of event: Event, at past: Past) throws(Failure<RuleCode>) {
        guard let standing = standing(of: event.author, at: past) else {
            throw Failure(.notMember, "the author was not a member then")
        }
        guard standing.proof == event.proof else {
            throw Failure(.badProof, "not the grant the author acts under")
        }
        let isAlwaysAllowed = [1, 13, 70, 80].contains(event.kind)
        if standing.isAttenuated && !isAlwaysAllowed {
            throw Failure(
                .attenuated, "attenuated members may only ack, leave and present themselves")
        }
    }
}
