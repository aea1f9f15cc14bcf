extension ServerState {
    /// Who has acknowledged an event, and whether it is stable.
    ///
    /// Pasts hold no content (PROTOCOL 5.10), so this walks back from the heads, for one event that
    /// somebody looks at.
    /// - Returns: `nil` when so much came since that the walk would be long, and for an event that
    ///   is not here.
    package func acknowledgement(of id: Event.ID) -> Acknowledgement? {
        guard let slot = graph.slot(of: id) else { return nil }
        let author = graph.peer(slot)
        var walk = Walk(graph: graph, target: slot)
        var result = Acknowledgement()
        for peer in activeMembers where peer != author {
            // What a forked member knows of is anybody's guess.
            if branches(of: peer) == nil, let head = graph.head(of: peer),
                let last = graph.slot(of: head.id)
            {
                guard let rests = walk.rests(last) else { return nil }
                if rests {
                    result.members.insert(peer)
                    continue
                }
            }
            guard result.isStable, let standing = standing(of: peer) else { continue }
            guard !isDirect, standing.level >= .moderator else { continue }
            // Who may remove knows what whoever gave him that right knew.
            guard let rests = standing.grant.map({ walk.rests($0) }) ?? false else { return nil }
            result.isStable = rests
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

/// How firmly an event stands with those who are members beside its author.
package struct Acknowledgement: Hashable, Sendable {
    /// Active members whose last event rests on it.
    package internal(set) var members: Set<Peer.ID> = []
    /// Whether everybody knows it who may remove anybody: no ordinary removal voids it any more.
    ///
    /// - Source: PROTOCOL 5.10; docs/decisions/0055 for who counts.
    package internal(set) var isStable = true
}

extension Limits {
    /// Events looked at to say who has acknowledged one.
    static let acknowledgingSteps = 4_096
}
