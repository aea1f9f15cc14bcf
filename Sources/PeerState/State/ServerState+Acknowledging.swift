extension ServerState {
    /// Active members who have written something that rests on an event of somebody else.
    package func acknowledging(_ id: Event.ID) -> Set<Peer.ID> {
        guard let slot = graph.slot(of: id) else { return [] }
        let author = graph.peer(slot)
        return activeMembers.filter { peer in
            guard peer != author, let head = graph.head(of: peer),
                let last = graph.slot(of: head.id)
            else { return false }
            return graph.contains(slot, in: graph.past(last))
        }
    }
}
