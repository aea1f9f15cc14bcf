/// Heads to rest on without the events of some authors.
extension EventGraph {
    /// The maximal events at or below `tops` that are by none of `authors`, and neither among
    /// `known` nor in their past.
    ///
    /// - Returns: nil when it is further to them than `Limits.sparingSteps` events.
    func heads(below tops: [Slot], besides authors: Set<AuthorNumber>, known: [Slot]) -> [Slot]? {
        var walk = DownwardWalk(from: tops, known: known, in: self)
        let first = Set(tops)
        var result: [Slot] = []
        var steps = 0
        while let (slot, isKnown) = walk.next() {
            steps += 1
            guard steps <= Limits.sparingSteps else { return nil }
            var known = isKnown
            if !known, !authors.contains(author(slot)),
                first.contains(slot) || flags(slot).isDisjoint(with: [.loose, .inadmissible])
            {
                result.append(slot)
                known = true
            }
            for edge in edges(slot) { walk.mark(edge, known, in: self) }
        }
        return result
    }
}

extension Limits {
    /// Events that are looked at to rest on none of authors who flood; then theirs are named, and
    /// the next look is short again.
    static let sparingSteps = 2_048
}
