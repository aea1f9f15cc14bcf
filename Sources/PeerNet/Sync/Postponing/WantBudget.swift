package import PeerState

/// Spreads the Wants that a peer bears: the first of a period leave at once, the rest with a pause
/// between them, so that the next one is never far.
///
/// - Bound: remembers `Limits.wantsPerPeriod` moments.
package struct WantBudget: Sendable {
    private var times: [Instant] = []

    package init() {}

    /// Wants of the period that ends now.
    private func recent(_ now: Instant) -> Int {
        times.count { now < $0 + Limits.ownWantPeriod }
    }

    /// When the next Want may leave; nil for at once.
    package func opens(_ now: Instant) -> Instant? {
        let count = recent(now)
        guard count >= Limits.wantsAtOnce, let last = times.last else { return nil }
        var opens = last + Limits.wantSpacing
        if count >= Limits.wantsPerPeriod {
            opens = max(opens, times[times.count - Limits.wantsPerPeriod] + Limits.ownWantPeriod)
        }
        return opens <= now ? nil : opens
    }

    /// Whether enough are left for others when one goes to postponed authors alone.
    package func hasSpare(_ now: Instant) -> Bool { recent(now) < Limits.wantsForPostponed }

    /// - Precondition: `opens(now)` is nil.
    package mutating func take(_ now: Instant) {
        precondition(opens(now) == nil, "want sent before the budget opened")
        if times.count == Limits.wantsPerPeriod { times.removeFirst() }
        times.append(now)
    }
}
