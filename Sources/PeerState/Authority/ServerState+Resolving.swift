/// Pins of lowerings as `member.extend` moved them.
private typealias Extensions = [Slot: [Slot]]

extension ServerState {
    static var resolutionsKept: Int { 128 }

    /// What the lowerings in a set amount to; remembered by `prepare`.
    func resolution(at past: Past) -> Resolution {
        if past.isNow { return current }
        if past.lowerings == 0 { return plain }
        if isCurrent(past) { return current }
        return resolutions[ground(of: past)] ?? resolve(at: past)
    }

    /// Remembers the resolution of a set that is about to be asked about often.
    mutating func prepare(_ past: Past) {
        guard !past.isNow, past.lowerings != 0, !isCurrent(past),
            resolutions[ground(of: past)] == nil
        else { return }
        remember(resolve(at: past), of: past)
    }

    /// What the resolution of a set follows from: its lowerings alone (PROTOCOL 5.10), unless one
    /// of them rests on an admission that may be one too many; then on the other admissions, too.
    ///
    /// Whatever was remembered before a link became such a one stays under the lowerings alone,
    /// where nobody asks any more.
    private func ground(of past: Past) -> Past {
        let isContested =
            !contestedLinks.isEmpty && !contestedLinks.isDisjoint(with: linksUnderLowerings)
        return isContested ? past : Past(setup: 0, lowerings: past.lowerings)
    }

    /// Notes on which links a lowering rests.
    mutating func noteLinks(ofLowering slot: Slot) {
        for support in rests(of: slot) {
            if let link = authority.admissions[support]?.link { linksUnderLowerings.insert(link) }
        }
    }

    /// Keeps the latest; the oldest goes first.
    mutating func remember(_ resolution: Resolution, of past: Past) {
        let ground = ground(of: past)
        if resolutions.updateValue(resolution, forKey: ground) == nil { remembered.append(ground) }
        guard remembered.count >= 2 * Self.resolutionsKept else { return }
        for old in remembered[..<Self.resolutionsKept] { resolutions[old] = nil }
        remembered.removeFirst(Self.resolutionsKept)
    }

    /// Whether a past knows every lowering there is: then it and the present say the same.
    private func isCurrent(_ past: Past) -> Bool {
        remade == nil && past.lowerings == graph.all.lowerings && graph.forked.isEmpty
            && contestedLinks.isEmpty
    }

    /// Whether a past is that of everything stored.
    func isPresent(_ past: Past) -> Bool {
        past.isNow || (past.setup == graph.all.setup && isCurrent(past))
    }

    /// What everything amounts to with one more removal, where that follows at once: it knows all
    /// others, so that none of them can void it, and takes the effect of nothing that is stored.
    ///
    /// - Returns: `nil` when all must be decided again.
    func resolutionAppending(_ slot: Slot) -> Resolution? {
        guard let removal = authority.removals[slot], authority.enactments[slot] == nil,
            graph.forked.isEmpty, contestedLinks.isEmpty, !isDirect,
            graph.pastAndSelf(slot).lowerings == graph.all.lowerings
        else { return nil }
        if let author = graph.number(of: removal.target) {
            guard let last = graph.chains[Int(author.index)].heads.last, removal.pin == last else {
                return nil
            }
        } else if removal.pin != nil {
            return nil
        }
        var draft = Resolution.Draft()
        draft.transfers = current.transfers
        guard !crossesOwnership(slot, removal.target, draft) else { return nil }
        return Resolution(
            current,
            and: Resolution.Accepted(
                slot: slot, pin: removal.pin, isSuspension: removal.isSuspension),
            of: removal.target)
    }

    /// PROTOCOL 5.3 to 5.8 for one set, from nothing.
    func resolve(at past: Past) -> Resolution {
        let pins = authority.removals.values.filter {
            graph.containsLowering($0.slot, in: past) && graph.peer($0.slot) != $0.target
        }.compactMap(\.pin)
        let first = pass(at: past, forks: forks(at: past, pins: pins), extensions: [:])
        let extends = authority.extensions.filter { stands($0, first, past) }
        let confirms = authority.confirmations.filter { stands($0, first, past) }
        if extends.isEmpty && confirms.isEmpty { return first }
        var extensions: Extensions = [:]
        for entry in extends {
            if let lowering = entry.lowering { extensions[lowering, default: []].append(entry.pin) }
        }
        let more = extends.map(\.pin) + senior(confirms)
        return pass(
            at: past, forks: forks(at: past, pins: pins + more), extensions: extensions)
    }

    /// Of the confirms of each author the most senior one's pin.
    private func senior(_ confirms: [AuthorityIndex.Pinned]) -> [Slot] {
        let byAuthor = Dictionary(grouping: confirms) { graph.author($0.pin) }
        return byAuthor.values.compactMap { entries in
            entries.min {
                $0.key == $1.key ? graph.id($0.slot) < graph.id($1.slot) : $0.key < $1.key
            }?.pin
        }
    }

    private func stands(
        _ entry: AuthorityIndex.Pinned, _ resolution: Resolution, _ past: Past
    ) -> Bool {
        graph.containsLowering(entry.slot, in: past)
            && voidCause(of: entry.slot, resolution, at: past) == nil
    }

    private func pass(
        at past: Past, forks: [AuthorNumber: Resolution.Fork], extensions: Extensions
    ) -> Resolution {
        var draft = Resolution.Draft()
        draft.forks = forks
        findOwner(at: past, &draft)
        acceptRemovals(at: past, extensions, &draft)
        findLeaves(at: past, &draft)
        guard authority.hasPermissionLowerings else { return Resolution(draft) }
        let all = permissionLowerings(at: past, extensions)
        let base = Resolution(draft)
        draft.lowerings = all.filter {
            $0.isStratumTwo && voidCause(of: $0.slot, base, at: past) == nil
        }
        let administered = Resolution(draft)
        draft.lowerings += all.filter {
            !$0.isStratumTwo && voidCause(of: $0.slot, administered, at: past) == nil
        }
        return Resolution(draft)
    }

    private func findLeaves(at past: Past, _ draft: inout Resolution.Draft) {
        for (peer, slots) in authority.leaves {
            for slot in slots
            where graph.containsLowering(slot, in: past) && crossesOwnership(slot, peer, draft) {
                draft.overruledLeaves.insert(slot)
            }
        }
        let membership = Resolution(draft)
        for (peer, slots) in authority.leaves {
            let standing = slots.filter {
                graph.containsLowering($0, in: past)
                    && voidCause(of: $0, membership, at: past) == nil
            }
            if !standing.isEmpty { draft.leaves[peer] = standing }
        }
    }

    /// Follows the first transfer of each owner, from the founder on.
    private func findOwner(at past: Past, _ draft: inout Resolution.Draft) {
        guard !isDirect else { return }
        draft.owner = founder
        draft.hasRemovals =
            authority.removalOrder.contains { graph.containsLowering($0, in: past) }
            || authority.transfers.values.joined().contains {
                graph.containsLowering($0.slot, in: past)
            }
        while let owner = draft.owner {
            let next = (authority.transfers[owner] ?? []).filter {
                graph.containsLowering($0.slot, in: past)
                    && graph.proof($0.slot) == draft.ownerProof
                    && !isForkVoid($0.slot, draft.forks)
            }.min {
                graph.seq($0.slot) == graph.seq($1.slot)
                    ? graph.id($0.slot) < graph.id($1.slot)
                    : graph.seq($0.slot) < graph.seq($1.slot)
            }
            guard let next else { return }
            draft.formerOwners[owner] = next.slot
            draft.transfers.insert(next.slot)
            draft.owner = next.target
            draft.ownerProof = next.slot
        }
    }

    /// R6, over the admissible removals of the set.
    private func acceptRemovals(
        at past: Past, _ extensions: Extensions, _ draft: inout Resolution.Draft
    ) {
        var candidates = authority.removalOrder.compactMap { authority.removals[$0] }.filter {
            graph.containsLowering($0.slot, in: past)
                && !crossesOwnership($0.slot, $0.target, draft)
                && !rests(of: $0.slot).contains { isForkVoid($0, draft.forks) }
        }
        guard !candidates.isEmpty || !authority.enactments.isEmpty else { return }
        var accepted = order(candidates, extensions)
        while true {
            let failing = accepted.filter { removal in
                guard let enactment = authority.enactments[removal.slot] else { return false }
                return lacksBallots(enactment, accepted, extensions, draft.forks)
            }.map(\.slot)
            if failing.isEmpty { break }
            draft.failedEnactments.formUnion(failing)
            candidates.removeAll { failing.contains($0.slot) }
            accepted = order(candidates, extensions)
        }
        for removal in accepted {
            draft.removals.append(
                Resolution.Accepted(
                    slot: removal.slot, pin: pin(of: removal, extensions),
                    isSuspension: removal.isSuspension), of: removal.target)
        }
        draft.removals.settle()
        for (slot, enactment) in authority.enactments
        where graph.containsLowering(slot, in: past)
            && lacksBallots(enactment, accepted, extensions, draft.forks)
        {
            draft.failedEnactments.insert(slot)
        }
    }

    /// Whether a removal or leave of somebody and the transfer that made him the owner do not
    /// know each other.
    private func crossesOwnership(
        _ slot: Slot, _ peer: Peer.ID, _ draft: Resolution.Draft
    ) -> Bool {
        let transfers = draft.transfers.filter { transfer in
            authority.transfers[graph.peer(transfer)]?.contains {
                $0.slot == transfer && $0.target == peer
            } == true
        }
        return transfers.contains {
            !graph.containsLowering($0, in: graph.past(slot))
                && !graph.containsLowering(slot, in: graph.past($0))
        }
    }

    private func pin(of removal: AuthorityIndex.Removal, _ extensions: Extensions) -> Slot? {
        furthest(removal.pin, extensions[removal.slot] ?? [], of: removal.target)
    }

    private func furthest(_ pin: Slot?, _ moved: [Slot], of target: Peer.ID) -> Slot? {
        moved.filter { graph.peer($0) == target }.reduce(pin) { best, next in
            guard let best else { return next }
            return graph.isOnChain(best, upTo: next) ? next : best
        }
    }

    private func order(
        _ candidates: [AuthorityIndex.Removal], _ extensions: Extensions
    ) -> [AuthorityIndex.Removal] {
        var resting: [Peer.ID: [(removal: Int, slot: Slot)]] = [:]
        for (number, removal) in candidates.enumerated() {
            for slot in removal.rests {
                resting[graph.peer(slot), default: []].append((number, slot))
            }
        }
        let pins = candidates.map { pin(of: $0, extensions) }
        var kills = candidates.enumerated().map { number, removal in
            var victims: Set<Int> = []
            for entry in resting[removal.target] ?? [] where entry.removal != number {
                Cost.note(.step)
                if voids(removal.slot, removal.target, pin: pins[number], entry.slot) {
                    victims.insert(entry.removal)
                }
            }
            return victims.sorted()
        }
        addBallotKills(candidates, pins, &kills)
        let keys = candidates.map { (key: $0.key, id: graph.id($0.slot)) }
        let accepted = RemovalOrder.resolve(kills: kills) {
            keys[$0].key == keys[$1].key ? keys[$0].id < keys[$1].id : keys[$0].key < keys[$1].key
        }
        return accepted.map { candidates[$0] }
    }

    /// A removal also kills a vote whose ballots it voids down below the threshold.
    private func addBallotKills(
        _ candidates: [AuthorityIndex.Removal], _ pins: [Slot?], _ kills: inout [[Int]]
    ) {
        for (number, candidate) in candidates.enumerated() {
            guard let enactment = authority.enactments[candidate.slot] else { continue }
            for (killer, removal) in candidates.enumerated()
            where killer != number && !kills[killer].contains(number) {
                let standing = enactment.ballots.filter { ballot in
                    !rests(of: ballot).contains {
                        voids(removal.slot, removal.target, pin: pins[killer], $0)
                    }
                }
                if standing.count < enactment.needed { kills[killer].append(number) }
            }
        }
    }

    private func lacksBallots(
        _ enactment: AuthorityIndex.Enactment, _ accepted: [AuthorityIndex.Removal],
        _ extensions: Extensions, _ forks: [AuthorNumber: Resolution.Fork]
    ) -> Bool {
        let standing = enactment.ballots.filter { ballot in
            !rests(of: ballot).contains { slot in
                isForkVoid(slot, forks)
                    || accepted.contains {
                        voids($0.slot, $0.target, pin: pin(of: $0, extensions), slot)
                    }
            }
        }
        return standing.count < enactment.needed
    }

    private func permissionLowerings(
        at past: Past, _ extensions: Extensions
    ) -> [Resolution.Lowering] {
        var result: [Resolution.Lowering] = []
        func add(_ slot: Slot, _ subject: Resolution.Lowering.Subject, pin: Slot?, isDerived: Bool)
        {
            guard graph.containsLowering(slot, in: past) else { return }
            result.append(
                Resolution.Lowering(
                    slot: slot, subject: subject, pin: pin, extended: extensions[slot] ?? [],
                    isDerived: isDerived, isStratumTwo: level(of: slot) >= .admin))
        }
        for entry in authority.revocations {
            add(
                entry.slot, .permission(entry.target, entry.permission), pin: entry.pin,
                isDerived: false)
        }
        for (role, entry) in authority.roles {
            for slot in entry.deletions { add(slot, .role(role), pin: nil, isDerived: true) }
            for setting in entry.settings where !setting.isHeld {
                add(
                    setting.slot, .roleSetting(role, setting.permission), pin: nil,
                    isDerived: true)
            }
            for entry in entry.unassignments {
                add(entry.slot, .assignment(entry.target, role), pin: entry.pin, isDerived: false)
            }
        }
        return result.sorted { $0.slot < $1.slot }
    }
}
