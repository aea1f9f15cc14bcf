/// Events of forked authors that nothing rests on (PROTOCOL 5.8, F2).
extension ServerState {
    /// Whether a forked author's event is loose as long as nobody else points at it.
    func isLooseAlone(_ slot: Slot) -> Bool {
        let author = graph.author(slot)
        guard let fork = lowestFork(of: author), graph.seq(slot) >= fork else { return false }
        return !authority.confirmations.contains { confirmation in
            graph.author(confirmation.pin) == author
                && !graph.flags(confirmation.slot).contains(.loose)
                && descends(slot, from: confirmation.pin)
        }
    }

    /// Whether `slot` is the pin or follows it, with no other follower up to its seq.
    private func descends(_ slot: Slot, from pin: Slot) -> Bool {
        guard graph.isOnChain(pin, upTo: slot) || graph.isOnChain(slot, upTo: pin) else {
            return false
        }
        guard let fork = graph.lowestFork(of: graph.author(pin), after: pin) else { return true }
        return graph.seq(slot) < UInt64(fork)
    }

    /// Loose events in the past of one that counts, by other authors, count too.
    ///
    /// - Returns: those that count now.
    mutating func release(restingUnder slot: Slot) -> [Slot] {
        guard !graph.forked.isEmpty else { return [] }
        var origins = [slot]
        var released: [Slot] = []
        while let origin = origins.popLast() {
            for loose in looseBelow(origin) where graph.author(loose) != graph.author(origin) {
                guard graph.flags(loose).contains(.loose) else { continue }
                setLoose(loose, false)
                graph.count(loose)
                origins.append(loose)
                released.append(loose)
            }
        }
        return released
    }

    private func looseBelow(_ slot: Slot) -> [Slot] {
        var found: [Slot] = []
        var seen: Set<Slot> = []
        var work = graph.edges(slot)
        while let next = work.popLast() {
            guard graph.flags(next).contains(.loose), seen.insert(next).inserted else { continue }
            found.append(next)
            work += graph.edges(next)
        }
        return found
    }

    private mutating func setLoose(_ slot: Slot, _ isLoose: Bool) {
        let flags = graph.flags(slot)
        guard flags.contains(.loose) != isLoose else { return }
        change(slot, to: flags.with(.loose, isLoose))
    }

    /// Finds anew which events of forked authors are loose, after a fork or a confirm.
    ///
    /// The least set: whatever counts frees what it knows of others, until nothing more is freed.
    /// - Parameter new: an event whose place is not known yet.
    /// - Returns: events that joined the set or left it.
    mutating func settleLooseness(with new: Slot?) -> [Slot] {
        var candidates: [AuthorNumber: Set<Slot>] = [:]
        for author in graph.forked {
            guard let fork = lowestFork(of: author) else { continue }
            let beyond = graph.chains[Int(author.index)].all.filter { graph.seq($0) >= fork }
            candidates[author] = Set(beyond)
        }
        let all = candidates.values.reduce(into: Set<Slot>()) { $0.formUnion($1) }
        var work = (0..<Int32(graph.count)).map { Slot(index: $0) }.filter { !all.contains($0) }
        while let slot = work.popLast() {
            let freed = freed(by: slot, candidates)
            for event in freed { candidates[graph.author(event)]?.remove(event) }
            work += freed
        }
        var changed: [Slot] = []
        for slot in all.union([new].compactMap { $0 }) {
            let isLoose = candidates[graph.author(slot)]?.contains(slot) ?? false
            guard graph.flags(slot).contains(.loose) != isLoose else { continue }
            setLoose(slot, isLoose)
            changed.append(slot)
        }
        graph.countAnew()
        return changed
    }

    /// Of these, the events that no longer are loose when `slot` counts.
    private func freed(by slot: Slot, _ candidates: [AuthorNumber: Set<Slot>]) -> [Slot] {
        var result: [Slot] = []
        let known = graph.past(slot)
        for (author, events) in candidates where author != graph.author(slot) && !events.isEmpty {
            let reach = graph.frontiers.reach(of: author, in: known.setup).map(\.seq).max() ?? 0
            result += events.filter {
                graph.seq($0) <= UInt64(reach) && graph.contains($0, in: known)
            }
        }
        for confirmation in authority.confirmations where confirmation.slot == slot {
            let author = graph.author(confirmation.pin)
            result += (candidates[author] ?? []).filter {
                descends($0, from: confirmation.pin)
            }
        }
        return result
    }
}
