package import PeerNode

extension ScopedPort {
    /// Numbers about links say nothing of any channel: whoever may ask for the links may have them.
    package func reach() async -> ReachSnapshot { await base.reach() }
}
