import PeerState

/// What one link may still bring.
struct LinkBudget: Sendable {
    private var frames: TokenBucket
    private var bytes: TokenBucket

    init(_ now: Instant) {
        frames = TokenBucket(
            perSecond: Limits.ephemeralLinkRate, burst: Limits.ephemeralLinkBurst, now: now)
        bytes = TokenBucket(
            perSecond: Limits.ephemeralLinkByteRate, burst: Limits.ephemeralLinkByteBurst,
            now: now)
    }

    mutating func take(_ size: Int, _ now: Instant) -> Bool {
        guard frames.holds(1, now), bytes.holds(UInt64(size), now) else { return false }
        frames.take(1, now)
        bytes.take(UInt64(size), now)
        return true
    }
}
