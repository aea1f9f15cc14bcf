package import PeerState

/// Allows at most so many acts in any period of a fixed length.
///
/// - Bound: remembers `limit` moments.
package struct RateWindow: Sendable {
    private let limit: Int
    private let period: Milliseconds
    private var times: [Instant] = []

    package init(limit: Int, period: Milliseconds) {
        precondition(limit > 0, "a rate window needs room for one act")
        self.limit = limit
        self.period = period
    }

    /// When the next act is allowed; nil for at once.
    package func opens(_ now: Instant) -> Instant? {
        guard times.count == limit, let oldest = times.first else { return nil }
        let opens = oldest + period
        return opens <= now ? nil : opens
    }

    /// Counts an act, and returns false when it is one too many, which is not counted.
    package mutating func take(_ now: Instant) -> Bool {
        guard opens(now) == nil else { return false }
        if times.count == limit { times.removeFirst() }
        times.append(now)
        return true
    }
}
