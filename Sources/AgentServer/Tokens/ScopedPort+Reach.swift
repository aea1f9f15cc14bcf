package import PeerNode

extension ScopedPort {
    /// Numbers about links say nothing of any channel: whoever may ask for the links may have them.
    package func reach() async -> ReachSnapshot {
        let hidden = await hiddenServers()
        var reach = await base.reach()
        reach.fetches.removeAll { hidden.contains($0.server) }
        return reach
    }
}
