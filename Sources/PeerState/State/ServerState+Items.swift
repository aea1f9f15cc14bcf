// What two nodes compare event by event (PROTOCOL 9.3).
extension ServerState {
    package typealias Item = (lamport: UInt64, id: Event.ID)

    /// Every event of the set, loose ones left out.
    package func items() -> [Item] {
        items(of: (0..<Int32(graph.count)).lazy.map { Slot(index: $0) })
    }

    /// Those of one author, on all branches.
    package func items(by author: Peer.ID) -> [Item] {
        guard let number = graph.number(of: author) else { return [] }
        return items(of: graph.chains[Int(number.index)].all)
    }

    /// Posts, edits, deletes, reactions and pins of one channel.
    package func items(in channel: Channel.ID) -> [Item] {
        guard let root = graph.slot(of: Event.ID(channel)) else { return [] }
        return items(
            of: (0..<Int32(graph.count)).lazy.map { Slot(index: $0) }
                .filter { $0 != root && self.root(of: $0) == root })
    }

    private func items(of slots: some Sequence<Slot>) -> [Item] {
        slots.compactMap { slot in
            graph.flags(slot).contains(.loose) ? nil : (graph.lamport(slot), graph.id(slot))
        }
    }

    /// What a content event speaks about in the end: its channel.
    private func root(of slot: Slot) -> Slot {
        var slot = slot
        while let subject = content.subject(of: slot) { slot = subject }
        return slot
    }
}
