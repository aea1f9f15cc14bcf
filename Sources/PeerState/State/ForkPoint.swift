/// Where an author went on twice: what the proof of a fork is about (PROTOCOL 5.8, F1).
package struct ForkPoint: Hashable, Sendable {
    package let author: Peer.ID
    package let seq: UInt64
    /// What both events follow; `nil` when they are the first, or follow different ones.
    package let prev: Event.ID?

    package init(author: Peer.ID, seq: UInt64, prev: Event.ID?) {
        self.author = author
        self.seq = seq
        self.prev = prev
    }

    /// - Returns: `nil` when the two prove nothing.
    package init?(_ first: Event, _ second: Event) {
        guard first.author == second.author, first.seq == second.seq, first.id != second.id
        else { return nil }
        self.init(
            author: first.author, seq: first.seq,
            prev: first.prev == second.prev ? first.prev : nil)
    }
}

/// A fork that a proof shows, whether or not its events are stored.
///
/// Some never can be: they name what nobody has, or a time far ahead.
struct ProvenFork: Hashable, Sendable {
    let seq: UInt32
    let prev: Slot?
}

extension ServerState {
    /// Where forked authors went on twice: of each the lowest place, and the lowest beyond each
    /// place that a moderator confirmed, as what is loose rests on those (F2).
    package var forkPoints: [ForkPoint] {
        var points: Set<ForkPoint> = []
        for author in graph.forked {
            let peer = graph.peer(author)
            var seqs = [graph.lowestFork(of: author, after: nil)]
            for confirmation in authority.confirmations
            where graph.author(confirmation.pin) == author {
                seqs.append(graph.lowestFork(of: author, after: confirmation.pin))
            }
            for seq in seqs.compactMap({ $0 }) {
                for prev in graph.twins(of: author, at: seq).keys {
                    points.insert(
                        ForkPoint(
                            author: peer, seq: UInt64(seq), prev: prev.map { graph.id($0) }))
                }
            }
        }
        return points.union(provenForks).sorted {
            ($0.author, $0.seq, $0.prev?.prefix ?? 0) < ($1.author, $1.seq, $1.prev?.prefix ?? 0)
        }
    }

    /// Those that proofs showed, whether or not their events are here.
    package var provenForks: [ForkPoint] {
        graph.proven.flatMap { author, forks in
            forks.map { fork in
                ForkPoint(
                    author: graph.peer(author), seq: UInt64(fork.seq),
                    prev: fork.prev.map { graph.id($0) })
            }
        }
    }

    /// Whether both events of a proof say nothing new.
    package func knows(_ point: ForkPoint) -> Bool {
        guard let author = graph.number(of: point.author) else { return false }
        let prev = point.prev.flatMap { graph.slot(of: $0) }
        if graph.proven[author]?.contains(where: { $0.seq == point.seq && $0.prev == prev }) == true
        {
            return true
        }
        guard let seq = UInt32(exactly: point.seq) else { return false }
        return graph.twins(of: author, at: seq).keys.contains(prev)
    }

    /// Takes a fork for proven, and judges anew what its author wrote.
    ///
    /// - Returns: whether that was new and says something: it is the lowest one, or the lowest
    ///   beyond a place that was confirmed. Of those `Limits.forkProofsPerAuthor` are kept.
    package mutating func learn(_ point: ForkPoint) -> Bool {
        // Whoever has an event here was a member when he wrote it, whatever became of that since.
        guard let author = graph.number(of: point.author),
            !graph.chains[Int(author.index)].branches.isEmpty, let seq = UInt32(exactly: point.seq),
            !knows(point)
        else { return false }
        let prev = point.prev.flatMap { graph.slot(of: $0) }
        let fork = ProvenFork(seq: seq, prev: prev)
        guard isTelling(fork, of: author), graph.prove(fork, of: author) else { return false }
        judgeForksAnew()
        return true
    }

    private func isTelling(_ fork: ProvenFork, of author: AuthorNumber) -> Bool {
        if fork.seq < graph.lowestFork(of: author, after: nil) ?? .max { return true }
        guard let prev = fork.prev else { return false }
        return authority.confirmations.contains { confirmation in
            graph.isOnChain(confirmation.pin, upTo: prev)
                && fork.seq < graph.lowestFork(of: author, after: confirmation.pin) ?? .max
        }
    }
}

extension EventGraph {
    /// Notes a fork that a proof shows; the lowest ones are kept.
    fileprivate mutating func prove(_ fork: ProvenFork, of author: AuthorNumber) -> Bool {
        var known = proven[author] ?? []
        if known.count >= Limits.forkProofsPerAuthor {
            guard let last = known.last, fork.seq < last.seq else { return false }
            known.removeLast()
        }
        known.append(fork)
        known.sort { ($0.seq, $0.prev?.index ?? -1) < ($1.seq, $1.prev?.index ?? -1) }
        proven[author] = known
        if !forked.contains(author) { markForked(author) }
        return true
    }

    /// The lowest seq at which an author went on twice, of all he wrote or beyond one event of his.
    func lowestFork(of author: AuthorNumber, after pin: Slot?) -> UInt32? {
        let place = pin.map { BranchReach(branch: branch($0), seq: UInt32(seq($0))) }
        let stored = chains[Int(author.index)].lowestFork(beyond: place)
        let proven = (proven[author] ?? []).filter { fork in
            guard let pin else { return true }
            return fork.prev.map { isOnChain(pin, upTo: $0) } ?? false
        }
        return (proven.map(\.seq) + [stored].compactMap { $0 }).min()
    }

    /// What his events with one number follow, where more than one follows the same.
    func twins(of author: AuthorNumber, at seq: UInt32) -> [Slot?: [Slot]] {
        Dictionary(grouping: chains[Int(author.index)].slots(at: seq)) { prev(of: $0) }
            .filter { $0.value.count > 1 }
    }
}

extension Replica {
    /// Takes a fork for proven; `ServerState.learn` says when that is new.
    package mutating func learn(_ point: ForkPoint) -> Bool { state.learn(point) }
}
