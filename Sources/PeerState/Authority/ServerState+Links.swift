/// Join links (PROTOCOL 4.5).
extension ServerState {
    package enum LinkStatus: UInt64, Sendable { case live = 1, revoked, exhausted }

    /// Effective admissions of a link now.
    func uses(of link: Slot) -> Int {
        (authority.links[link]?.admissions ?? []).count { graph.isEffective($0) }
    }

    func linkStatus(of slot: Slot, uses: Int) -> LinkStatus {
        guard let link = authority.links[slot] else { return .revoked }
        if link.revocations.contains(where: { graph.isEffective($0) }) { return .revoked }
        return UInt64(uses) >= link.body.usesMax ? .exhausted : .live
    }

    static func claim(server: Server.ID, link: Event.ID, target: Peer.ID) -> [UInt8] {
        var bytes = Array("peer-agent/claim/1".utf8)
        server.append(to: &bytes)
        link.append(to: &bytes)
        target.append(to: &bytes)
        return bytes
    }

    /// Whether State(past(e)) lets this link make `target` a member.
    ///
    /// - Errors: `unknownLink`, `linkDisabled`, `badClaim`, `wrongRecipient`, `linkExpired`,
    ///   `linkExhausted`, `alreadyMember`, `needsGrant`, `tooDeep`, `limit`.
    func checkAdmission(
        _ body: MemberAdmitted, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let slot = graph.slot(of: body.link), let link = authority.links[slot],
            isInForce(slot, at: place.past)
        else { throw Failure(.unknownLink) }
        if !holds(.syncProvider, place.author, at: place.past) {
            try requireLevel(.moderator, of: place.author, at: place.past)
        }
        if link.revocations.contains(where: { isInForce($0, at: place.past) }) {
            throw Failure(.linkDisabled, "the link was revoked")
        }
        let claim = Self.claim(server: id, link: body.link, target: body.target)
        guard body.claim.isValid(for: claim, by: Peer.ID(link.body.key)) else {
            throw Failure(.badClaim)
        }
        if let recipient = link.body.recipient, recipient != body.target {
            throw Failure(.wrongRecipient)
        }
        if let expiry = link.body.expiryMilliseconds, wallPlus(of: place.event) > expiry {
            throw Failure(.linkExpired)
        }
        let uses = link.admissions.count { isInForce($0, at: place.past) }
        if UInt64(uses) >= link.body.usesMax { throw Failure(.linkExhausted) }
        if standing(of: body.target, at: place.past) != nil { throw Failure(.alreadyMember) }
        if returnsByGrantOnly(body.target, at: place.past) {
            throw Failure(.needsGrant, "a removed member returns by a grant only")
        }
        let grant = standing(of: place.author, at: place.past)?.grant
        if depth(under: grant) > Limits.maxDelegationDepth { throw Failure(.tooDeep) }
        if isFull(at: place.past) { throw Failure(.limit, "\(Limits.maxMembers) members") }
    }

    /// Whether somebody was removed, so that no link lets him in again.
    package func returnsByGrantOnly(_ peer: Peer.ID) -> Bool { returnsByGrantOnly(peer, at: now) }

    private func returnsByGrantOnly(_ peer: Peer.ID, at past: Past) -> Bool {
        !(resolution(at: past).removals[peer] ?? []).isEmpty
    }

    func wallPlus(of event: Event) -> UInt64 {
        let before = event.prev.flatMap { graph.slot(of: $0) }.map { graph.wallPlus($0) } ?? 0
        return max(before, event.wallMilliseconds)
    }

    mutating func addLink(_ body: LinkIssued, slot: Slot) {
        authority.links[slot] = AuthorityIndex.Link(body: body)
    }

    mutating func addLinkRevocation(of id: Event.ID, slot: Slot) {
        guard let link = graph.slot(of: id), authority.links[link] != nil else { return }
        authority.links[link]?.revocations.append(slot)
        contestedLinks.insert(link)
    }

    mutating func addAdmission(_ body: MemberAdmitted, slot: Slot) {
        guard let link = graph.slot(of: body.link), let entry = authority.links[link] else {
            return
        }
        authority.links[link]?.admissions.append(slot)
        if UInt64(entry.admissions.count + 1) > entry.body.usesMax { contestedLinks.insert(link) }
        authority.admissions[slot] = (link, body.target)
        addGrant(
            to: body.target, level: .member, attenuation: entry.body.attenuation,
            source: .admitted, slot: slot)
    }
}
