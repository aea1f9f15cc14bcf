import PeerState

/// Counts refused tokens by address, and shuts out who guesses before any hash is computed.
///
/// - Source: MCP 9.8: who has used up a bucket of tries is shut out for 60 s.
struct FailedAccess: Sendable {
    /// - Units: `left` counts 1/60,000 of a try, so that a millisecond adds as many as there are
    ///   tries a minute.
    private struct Count {
        var left: UInt64
        var at: Instant
        var blockedUntil: Instant?
    }

    static let block = Milliseconds.seconds(60)
    static let addressesMax = 4_096
    private static let attempt: UInt64 = 60_000

    private var counts: [String: Count] = [:]

    /// How long an address must still wait; `nil` = it may try.
    mutating func wait(_ address: String, now: Instant) -> Milliseconds? {
        guard let until = counts[address]?.blockedUntil else { return nil }
        guard now < until else {
            counts[address] = nil
            return nil
        }
        return Milliseconds(until.milliseconds(since: now) + 1)
    }

    /// - Parameter rate: how many there may be; `nil` = as many as come.
    mutating func failed(_ address: String, _ rate: Rate?, now: Instant) {
        guard let rate else { return counts[address] = nil }
        if counts[address] == nil && counts.count >= Self.addressesMax { forgetOldest() }
        let full = rate.burst * Self.attempt
        var count = counts[address] ?? Count(left: full, at: now)
        let elapsed = min(now.milliseconds(since: count.at), Self.block.count)
        count.left = min(full, count.left + elapsed * rate.perMinute)
        count.left -= min(count.left, Self.attempt)
        count.at = now
        if count.left < Self.attempt { count.blockedUntil = now + Self.block }
        counts[address] = count
    }

    private mutating func forgetOldest() {
        guard let oldest = counts.min(by: { $0.value.at < $1.value.at })?.key else { return }
        counts[oldest] = nil
    }
}
