import PeerNet

extension Node {
    package func reach() -> ReachSnapshot {
        var snapshot = core.reachSnapshot()
        snapshot.counters[.beaconsIgnored] = lan?.ignored ?? 0
        return snapshot
    }
}
