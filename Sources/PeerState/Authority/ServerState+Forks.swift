/// What a fork does to an event of its author (PROTOCOL 5.8, F3).
enum ForkClass {
    /// Takes something away: stands on both branches.
    case reduction
    /// Stands, and is marked.
    case content
    /// Gives something: falls.
    case expansion
}

extension ServerState {
    func forkClass(of slot: Slot) -> ForkClass {
        let kind = graph.kind(slot)
        let takesRoleBit =
            kind == RolePermissionSet.kind && loweredSettings.contains(slot)
        return Self.forkClass(of: kind, takesRoleBit: takesRoleBit)
    }

    static func forkClass(of kind: UInt64, takesRoleBit: Bool) -> ForkClass {
        switch kind {
        case 11, 12, 13, 21, 23, 26, 32, 41, 51, 62, 64, 66: .reduction
        case RolePermissionSet.kind: takesRoleBit ? .reduction : .expansion
        case 1, 60, 61, 63, 65, 70, 80: .content
        default: .expansion
        }
    }

    /// Authors with two events of one seq in this set, and what pins make of it.
    func forks(at past: Past, pins: [Slot]) -> [AuthorNumber: Resolution.Fork] {
        var result: [AuthorNumber: Resolution.Fork] = [:]
        for author in graph.forked {
            guard let lowest = lowestFork(of: author, at: past) else { continue }
            let own = Set(pins.filter { graph.author($0) == author }).sorted()
            result[author] = Resolution.Fork(
                seq: own.isEmpty ? lowest : nextFork(of: author, beyond: own, at: past),
                pins: own, lowest: lowest)
        }
        return result
    }

    private func lowestFork(of author: AuthorNumber, at past: Past) -> UInt64? {
        guard !past.isNow else { return lowestFork(of: author) }
        return graph.chains[Int(author.index)]
            .fork(among: graph.frontiers.reach(of: author, in: past.setup)).map { UInt64($0) }
    }

    /// The lowest seq with two events that both descend from every pin, of those that count: who
    /// keeps more loose events than others has no other state for it (F2).
    private func nextFork(
        of author: AuthorNumber, beyond pins: [Slot], at past: Past
    ) -> UInt64? {
        let chain = graph.chains[Int(author.index)]
        let counted = graph.frontiers.reach(of: author, in: past.setup)
        let descending = counted.filter { reach in
            pins.allSatisfy {
                chain.contains(graph.branch($0), UInt32(graph.seq($0)), within: reach)
            }
        }
        return chain.fork(among: descending).map { UInt64($0) }
    }

    /// Whether a fork of its author voids `slot` itself.
    func isForkVoid(_ slot: Slot, _ forks: [AuthorNumber: Resolution.Fork]) -> Bool {
        guard !forks.isEmpty, !isDirect, let fork = forks[graph.author(slot)],
            graph.seq(slot) >= fork.lowest
        else { return false }
        let isClean = fork.pins.allSatisfy {
            graph.isOnChain(slot, upTo: $0) || graph.isOnChain($0, upTo: slot)
        }
        if !isClean { return true }
        guard let seq = fork.seq, graph.seq(slot) >= seq else { return false }
        return forkClass(of: slot) == .expansion
    }

    /// Whether content of a forked author is marked (section 8).
    func isMarked(_ slot: Slot) -> Bool {
        guard let seq = current.forks[graph.author(slot)]?.seq else { return false }
        return graph.seq(slot) >= seq
    }
}
