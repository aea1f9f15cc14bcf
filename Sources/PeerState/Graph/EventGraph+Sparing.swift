/// Heads to rest on without the events of some authors.
extension EventGraph {
    /// The maximal events at or below `tops` that are by none of `authors`, and neither among
    /// `known` nor in their past.
    ///
    /// Walks down in the order of lamport, so that whatever rests on an event was seen before it.
    /// - Returns: nil when it is further to them than `Limits.sparingSteps` events.
    func heads(below tops: [Slot], besides authors: Set<AuthorNumber>, known: [Slot]) -> [Slot]? {
        var isKnown: [Slot: Bool] = [:]
        var queue = Heap()
        var open = 0
        func mark(_ slot: Slot, _ fromKnown: Bool) {
            if let before = isKnown[slot] {
                guard fromKnown && !before else { return }
                isKnown[slot] = true
                open -= 1
                return
            }
            isKnown[slot] = fromKnown
            queue.push(lamport(slot), slot)
            if !fromKnown { open += 1 }
        }
        for slot in known { mark(slot, true) }
        for slot in tops { mark(slot, false) }
        let first = Set(tops)
        var result: [Slot] = []
        var steps = 0
        while open > 0, let slot = queue.pop() {
            steps += 1
            guard steps <= Limits.sparingSteps else { return nil }
            var known = isKnown[slot] ?? false
            if !known {
                open -= 1
                let counts = flags(slot).isDisjoint(with: [.loose, .inadmissible])
                if !authors.contains(author(slot)), counts || first.contains(slot) {
                    result.append(slot)
                    known = true
                }
            }
            for edge in edges(slot) { mark(edge, known) }
        }
        return result
    }
}

extension Limits {
    /// Events that are looked at to rest on none of authors who flood; then theirs are named, and
    /// the next look is short again.
    static let sparingSteps = 2_048
}
