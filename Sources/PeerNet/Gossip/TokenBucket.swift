package import PeerState

/// A quota that refills with time: so many units a second, and a burst after a pause.
///
/// - Units: tokens; a thousandth is the smallest share. Begins full.
package struct TokenBucket: Hashable, Sendable {
    private let perSecond: UInt64
    private let burst: UInt64
    /// Thousandths of a token.
    private var level: UInt64
    private var updated: Instant

    package init(perSecond: UInt64, burst: UInt64, now: Instant) {
        self.perSecond = perSecond
        self.burst = burst
        level = burst * 1_000
        updated = now
    }

    /// Whether it holds `count` tokens now.
    package func holds(_ count: UInt64, _ now: Instant) -> Bool {
        count <= burst && level(now) >= count * 1_000
    }

    package func isFull(_ now: Instant) -> Bool { level(now) == burst * 1_000 }

    /// - Precondition: `holds(count, now)`.
    package mutating func take(_ count: UInt64, _ now: Instant) {
        precondition(holds(count, now), "tokens taken that are not there")
        level = level(now) - count * 1_000
        // The rest of a millisecond is kept for the next time.
        updated = updated + Milliseconds(now.milliseconds(since: updated))
    }

    private func level(_ now: Instant) -> UInt64 {
        // A thousandth of a token is what one token per second gives in a millisecond.
        let elapsed = now.milliseconds(since: updated)
        let (gain, overflow) = elapsed.multipliedReportingOverflow(by: perSecond)
        return overflow || gain >= burst * 1_000 - level ? burst * 1_000 : level + gain
    }
}
