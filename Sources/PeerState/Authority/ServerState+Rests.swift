extension ServerState {
    /// The slots `slot` rests on, itself first (PROTOCOL 5.3): void with any of them.
    func rests(of slot: Slot) -> [Slot] {
        if let grant = authority.grants[slot] { return grant.rests }
        return [slot] + support(of: slot)
    }

    /// What `slot` rests on beside itself.
    func support(of slot: Slot) -> [Slot] {
        var result: [Slot] = []
        if let proof = graph.proof(slot), let grant = authority.grants[proof] {
            result = grant.rests
        }
        if let admission = authority.admissions[slot] { result += rests(of: admission.link) }
        if let enactment = authority.enactments[slot] { result += rests(of: enactment.proposal) }
        return result
    }

    /// |chain| of an event under `proof`: itself and the grants it rests on.
    func depth(under proof: Slot?) -> Int {
        1 + (proof.flatMap { authority.grants[$0]?.depth } ?? 0)
    }

    /// The key of whoever writes `slot`, or would write under this proof.
    func seniority(of author: Peer.ID, under proof: Slot?) -> Seniority {
        guard let proof, let grant = authority.grants[proof] else { return .owner }
        if grant.source == .transferred && grant.target != author { return .owner }
        return grant.key
    }

    func seniority(of slot: Slot) -> Seniority {
        if authority.enactments[slot] != nil {
            return Seniority(
                rank: 5, depth: 2, seq: graph.seq(slot), author: graph.peer(slot),
                grant: graph.id(slot))
        }
        return seniority(of: graph.peer(slot), under: graph.proof(slot))
    }

    /// The level the author of `slot` acted with.
    func level(of slot: Slot) -> Level {
        level(of: graph.peer(slot), under: graph.proof(slot))
    }

    func level(of author: Peer.ID, under proof: Slot?) -> Level {
        if isDirect { return .member }
        guard let proof, let grant = authority.grants[proof] else { return .owner }
        if grant.source == .transferred && grant.target != author { return .owner }
        return grant.level
    }

    /// The limits the author of `slot` acts under.
    func limits(under proof: Slot?, of author: Peer.ID) -> [Grant.Limit] {
        guard let proof, let grant = authority.grants[proof], grant.target == author else {
            return []
        }
        return grant.limits
    }

    /// Whether a removal with this pin voids `slot` (PROTOCOL 5.3, voids).
    func voids(_ removal: Slot, _ target: Peer.ID, pin: Slot?, _ slot: Slot) -> Bool {
        guard graph.peer(slot) == target,
            !graph.containsLowering(removal, in: graph.past(slot)), removal != slot
        else { return false }
        guard let pin else { return true }
        return !isUpTo(pin, slot)
    }

    /// Whether `slot` is the pin or an ancestor of it; both by one author.
    func isUpTo(_ pin: Slot, _ slot: Slot) -> Bool {
        if graph.isOnChain(slot, upTo: pin) { return true }
        // On another branch it may be an ancestor by way of others.
        return graph.forked.contains(graph.author(slot))
            && graph.contains(slot, in: graph.past(pin))
    }

    /// The last event of `author` that a lowering of many knew: the greatest seq, on a fork the
    /// smallest id.
    func derivedPin(of lowering: Slot, for author: AuthorNumber) -> Slot? {
        let unknown = authority.unknownTo[lowering] ?? []
        let known = graph.chains[Int(author.index)].all.filter {
            $0 < lowering && !unknown.contains($0)
        }
        return known.min {
            graph.seq($0) == graph.seq($1)
                ? graph.id($0) < graph.id($1) : graph.seq($0) > graph.seq($1)
        }
    }
}
