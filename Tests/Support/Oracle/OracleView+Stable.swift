import PeerState

/// What is *stable*: no ordinary removal can void it any more.
///
/// - Source: PROTOCOL 5.10; docs/decisions/0055 for who counts.
extension OracleView {
    /// Events in force that everybody knows who may remove anybody, but for their author.
    ///
    /// Who may remove knows what the grant rests on that gave him that right.
    func stable() -> [Int] {
        var knowledge: [Peer.ID: OracleBits] = [:]
        for (peer, grant) in active where (level(peer) ?? 0) >= 1 {
            knowledge[peer] = world.past[grant]
            knowledge[peer]?.insert(grant)
        }
        for number in ordered where rawFork[event(number).author] == nil {
            knowledge[event(number).author]?.formUnion(world.past[number])
        }
        return ordered.filter { number in
            isInForce(number) && !Self.changesMembership(event(number).kind)
                && knowledge.allSatisfy { $0 == event(number).author || $1.contains(number) }
        }
    }

    /// These fall by rules of their own, too.
    private static func changesMembership(_ kind: UInt64) -> Bool {
        [4, 11, 12, 13, 33].contains(kind)
    }

    /// Events that somebody could have shown as stable, and that nothing may void by removal
    /// therefore: judged beside each accepted removal, where that is in doubt.
    func marks() -> Set<Event.ID> {
        guard !world.isDirect else { return [] }
        var marks: Set<Event.ID> = []
        for removal in accepted.prefix(8) {
            let witness = ordered.last {
                !world.past[$0].contains(removal) && !world.past[removal].contains($0)
                    && $0 != removal
            }
            guard let witness else { continue }
            let before = world.viewBefore(witness)
            for number in before.stable() where !mayFall(number, shownIn: before) {
                marks.insert(event(number).id)
            }
        }
        return marks
    }

    /// Whether what voids this event may do so: a rollback, a vote, a fork, who lets his own agent
    /// go, a removal whose extend is lost with its author, or the removal by somebody who had been
    /// removed himself, which then came to nothing.
    private func mayFall(_ number: Int, shownIn view: OracleView) -> Bool {
        accepted.contains { removal in
            let author = event(removal).author
            return voids(removal, number)
                && (world.past[removal].contains(number) || event(removal).kind == 33
                    || rawFork[author] != nil || view.active[author] == nil
                    || world.level(at: removal) < 1 || view.set.contains(removal))
        } || rawFork[event(number).author] != nil
    }
}
