/// What other nodes are told about authors who wrote two events under one number.
extension ServerState {
    /// A forked author: the lowest number with two events, and his last events that are not loose.
    package struct Fork: Sendable {
        package let from: UInt64
        /// By seq and id.
        package let heads: [(seq: UInt64, id: Event.ID)]
    }

    package var hasForks: Bool { !graph.forked.isEmpty }

    /// - Cost: the chains of forked authors.
    package var forks: [Peer.ID: Fork] {
        var forks: [Peer.ID: Fork] = [:]
        for author in graph.forked {
            guard let from = lowestFork(of: author) else { continue }
            let counted = graph.chains[Int(author.index)].all.filter {
                !graph.flags($0).contains(.loose)
            }
            let inner = Set(counted.compactMap { graph.prev(of: $0) })
            let heads = counted.filter { !inner.contains($0) }
                .map { (seq: graph.seq($0), id: graph.id($0)) }
                .sorted { ($0.seq, $0.id) < ($1.seq, $1.id) }
            forks[graph.peer(author)] = Fork(from: from, heads: heads)
        }
        return forks
    }
}
