import PeerState

/// What one author may still say on one topic.
struct AuthorRate: Sendable {
    private var window: RateWindow
    private var bytes: TokenBucket?
    private var last: Instant

    init(_ topic: EphemeralTopic, _ now: Instant) {
        window = RateWindow(limit: topic.rate.count, period: topic.rate.period)
        if topic == .delta {
            bytes = TokenBucket(
                perSecond: Limits.deltaByteRate, burst: Limits.deltaByteBurst, now: now)
        }
        last = now
    }

    mutating func take(_ size: Int, _ now: Instant) -> Bool {
        guard window.opens(now) == nil else { return false }
        if let bytes, !bytes.holds(UInt64(size), now) { return false }
        bytes?.take(UInt64(size), now)
        last = now
        return window.take(now)
    }

    /// Whether forgetting it gives nobody more than the rate.
    func isIdle(_ now: Instant) -> Bool { last + Limits.ephemeralTTL <= now }
}
