package import PeerState

/// The resolver of 5.2 to 5.6 over made-up ops, as `removal.json` gives them.
package struct OracleOps {
    package let active: [Peer.ID: Int]
    package let acceptedRemovals: Set<Event.ID>
    package let effective: Set<Event.ID>

    /// - Parameter ops: kinds 0, 10, 11 and 1, in any order; their deps hold every edge.
    package init(_ ops: [OracleEvent]) {
        let create = ops.first { $0.kind == 0 }?.id
        let server = create ?? Event.ID(Sodium.hash("no server"))
        let world = OracleWorld(server: server, limits: OracleLimits(), isAbstract: true)
        _ = world.takeAll(ops)
        let all = world.everything
        let view = OracleView.fold(world, set: all, known: all)
        active = Dictionary(
            uniqueKeysWithValues: view.active.keys.map { ($0, view.level($0) ?? 0) })
        acceptedRemovals = Set(view.accepted.map { world.events[$0].id })
        effective = Set(view.ordered.filter(view.isInForce).map { world.events[$0].id })
    }
}
