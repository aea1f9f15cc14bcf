extension ServerState {
    /// Active members whose last event rests on a given one of somebody else.
    ///
    /// Pasts hold no content (PROTOCOL 5.10), so this walks back from the heads, for one event that
    /// somebody looks at.
    /// - Returns: `nil` when so much came since that the walk would be long.
    package func acknowledging(_ id: Event.ID) -> Set<Peer.ID>? {
        guard let slot = graph.slot(of: id) else { return [] }
        let author = graph.peer(slot)
        var walk = Walk(graph: graph, target: slot)
        var result: Set<Peer.ID> = []
        for peer in activeMembers where peer != author {
            guard let head = graph.head(of: peer), let last = graph.slot(of: head.id) else {
                continue
            }
            guard let rests = walk.rests(last) else { return nil }
            if rests { result.insert(peer) }
        }
        return result
    }

    /// Which events rest on one, found once for all heads.
    private struct Walk {
        let graph: EventGraph
        let target: Slot
        private var known: [Slot: Bool] = [:]

        init(graph: EventGraph, target: Slot) {
            self.graph = graph
            self.target = target
            known[target] = true
        }

        /// `nil` when the walk got too long.
        mutating func rests(_ from: Slot) -> Bool? {
            let floor = graph.lamport(target)
            var open = [from]
            while let slot = open.last {
                guard known[slot] == nil else {
                    open.removeLast()
                    continue
                }
                guard known.count < Limits.acknowledgingSteps else { return nil }
                // What rests on an event has a greater lamport.
                let edges = graph.lamport(slot) > floor ? graph.edges(slot) : []
                let unknown = edges.filter { known[$0] == nil }
                if edges.contains(where: { known[$0] == true }) || unknown.isEmpty {
                    known[slot] = edges.contains { known[$0] == true }
                } else {
                    open += unknown
                }
            }
            return known[from]
        }
    }
}

extension Limits {
    /// Events looked at to say who has acknowledged one.
    static let acknowledgingSteps = 4_096
}
