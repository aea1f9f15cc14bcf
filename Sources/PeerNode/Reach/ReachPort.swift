/// What the agent layer may ask about how others are reached.
package protocol ReachPort: Sendable {
    func reach() async -> ReachSnapshot
}

extension ReachPort {
    package func reach() async -> ReachSnapshot { ReachSnapshot() }
}
