import PeerState

/// Counts refused tokens by address, and shuts out who guesses before any hash is computed.
///
/// - Source: MCP 9.8: 10 a minute, then nothing for 60 s.
struct FailedAccess: Sendable {
    private struct Count {
        var since: Instant
        var failures = 0
        var blockedUntil: Instant?
    }

    static let failuresMax = 10
    static let window = Milliseconds.seconds(60)
    static let addressesMax = 4_096

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

    mutating func failed(_ address: String, now: Instant) {
        if counts[address] == nil && counts.count >= Self.addressesMax { forgetOldest() }
        var count = counts[address] ?? Count(since: now)
        if now >= count.since + Self.window { count = Count(since: now) }
        count.failures += 1
        if count.failures >= Self.failuresMax { count.blockedUntil = now + Self.window }
        counts[address] = count
    }

    private mutating func forgetOldest() {
        guard let oldest = counts.min(by: { $0.value.since < $1.value.since })?.key else { return }
        counts[oldest] = nil
    }
}
