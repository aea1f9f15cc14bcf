/// What somebody who is about to act asks of the state.
extension ServerState {
    /// The last event of a peer, as a lowering pins it by default; `nil` when there is none.
    package func lastPlace(of peer: Peer.ID) -> Cut? {
        graph.head(of: peer).map { Cut(seq: $0.seq, id: $0.id) }
    }

    /// A known event as the pin of a lowering of `peer`; `nil` when it is not his.
    package func place(_ id: Event.ID, of peer: Peer.ID) -> Cut? {
        guard let slot = graph.slot(of: id), graph.peer(slot) == peer else { return nil }
        return Cut(seq: graph.seq(slot), id: id)
    }

    /// The level somebody had by the grant that was last in canonical order, active or not.
    package func lastLevel(of peer: Peer.ID) -> Level? {
        let grants = (authority.grantsByTarget[peer] ?? []).filter { graph.isEffective($0) }
        let last = grants.max { graph.precedes($0, $1) }
        return last.flatMap { authority.grants[$0]?.level }
    }

    /// Whether somebody's membership is paused.
    package func isSuspended(_ peer: Peer.ID) -> Bool {
        wasMember(peer, at: now) && status(of: peer, at: now) == .suspended
    }

    /// Channels that a peer may read now.
    package func channels(readBy peer: Peer.ID) -> [Channel.ID] {
        holdingChannels.map(\.id).filter { isReader(peer, of: $0, at: now) }
    }

    /// Live reactions of one peer to a message, in canonical order.
    package func reactions(to message: Event.ID, by peer: Peer.ID) -> [Event.ID] {
        guard let slot = graph.slot(of: message), let author = graph.number(of: peer) else {
            return []
        }
        return reactions(to: slot, by: author).map { graph.id($0) }
    }

    package var currentThreshold: Threshold { threshold(at: now) }

    /// Stored events that took effect in `earlier` and no longer do, and the other way round.
    ///
    /// - Parameter earlier: the same server with fewer events stored, in the same order.
    package func effects(
        since earlier: ServerState
    ) -> (fallen: [Event.ID], returned: [Event.ID]) {
        var fallen: [Event.ID] = []
        var returned: [Event.ID] = []
        for index in 0..<Int32(min(graph.count, earlier.graph.count)) {
            let slot = Slot(index: index)
            switch (earlier.graph.isEffective(slot), graph.isEffective(slot)) {
            case (true, false): fallen.append(graph.id(slot))
            case (false, true): returned.append(graph.id(slot))
            default: break
            }
        }
        return (fallen, returned)
    }
}
