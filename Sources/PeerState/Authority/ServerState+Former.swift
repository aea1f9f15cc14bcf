// Those who were members and are none any more (PROTOCOL 9.1).
extension ServerState {
    /// Whether `peer` was a member and is removed, suspended or gone.
    package func isFormerMember(_ peer: Peer.ID) -> Bool {
        standing(of: peer, at: now) == nil && wasMember(peer, at: now)
    }

    /// The accepted lowerings that ended the membership of `peer`, newest first, each followed by
    /// its proof, the proof of that and so on; none twice.
    package func lowerings(of peer: Peer.ID) -> [Event.ID] {
        guard isFormerMember(peer) else { return [] }
        let resolution = resolution(at: now)
        let ended = (resolution.removals[peer] ?? []).map(\.slot) + (resolution.leaves[peer] ?? [])
        var result: [Event.ID] = []
        for slot in ended.sorted(by: { graph.precedes($1, $0) }) {
            var next: Slot? = slot
            while let step = next, !result.contains(graph.id(step)) {
                result.append(graph.id(step))
                next = graph.proof(step)
            }
        }
        return result
    }
}
