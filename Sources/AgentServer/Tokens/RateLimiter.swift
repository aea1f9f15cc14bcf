/// Token buckets by principal and kind.
///
/// - Source: MCP 9.8. A kind without a rate is never limited.
package struct RateLimiter: Sendable {
    package static let defaults: [RateClass: Rate] = [
        .posting: Rate(perMinute: 60, burst: 20),
        .smallActs: Rate(perMinute: 120, burst: 40),
        .administrative: Rate(perMinute: 20, burst: 10),
        .typing: Rate(perMinute: 20, burst: 1),
        .live: Rate(perMinute: 1_200, burst: 40),
        .requests: Rate(perMinute: 3_000, burst: 200),
        .failedAccess: Rate(perMinute: 10, burst: 10),
        .completion: Rate(perMinute: 600, burst: 20),
        .search: Rate(perMinute: 300, burst: 10),
        .verifyState: Rate(perMinute: 6, burst: 3),
        .hook: Rate(perMinute: 60, burst: 60),
        .fileBytes: Rate(perMinute: 5 * 1_024, burst: 26 * 1_024),
    ]

    private struct Key: Hashable {
        let principal: String
        let rateClass: RateClass
    }

    /// - Units: `filled` counts 1/60,000 of a call, so that a millisecond adds `perMinute`.
    private struct Bucket {
        var filled: UInt64
        var at: UInt64
    }

    private let rates: [RateClass: Rate]
    private var buckets: [Key: Bucket] = [:]
    /// How many there may be before those that are full are let go of.
    private var countMax = Self.kept
    private static let kept = 1_024
    private static let call: UInt64 = 60_000

    package init(_ rates: [RateClass: Rate] = Self.defaults) {
        self.rates = rates
    }

    /// How many buckets are kept in mind.
    package var count: Int { buckets.count }

    /// `nil` = no limit.
    package func rate(_ rateClass: RateClass) -> Rate? {
        rates[rateClass].flatMap { $0.perMinute > 0 ? $0 : nil }
    }

    package func limits(_ rateClass: RateClass) -> Bool { rates[rateClass] != nil }

    /// Takes calls, one as a rule, or returns the milliseconds until they are free.
    package mutating func take(
        _ rateClass: RateClass, principal: String, count: UInt64 = 1, now: UInt64
    ) -> UInt64? {
        let call = Self.call * count
        guard let rate = rate(rateClass) else { return nil }
        let capacity = rate.burst * Self.call
        let key = Key(principal: principal, rateClass: rateClass)
        if buckets[key] == nil && buckets.count >= countMax { forgetFull(now) }
        var bucket = buckets[key] ?? Bucket(filled: capacity, at: now)
        bucket.filled = filled(bucket, rate, now)
        bucket.at = now
        defer { buckets[key] = bucket }
        guard bucket.filled >= call else {
            let missing = call - bucket.filled
            return (missing + rate.perMinute - 1) / rate.perMinute
        }
        bucket.filled -= call
        return nil
    }

    private func filled(_ bucket: Bucket, _ rate: Rate, _ now: UInt64) -> UInt64 {
        // A wall clock may step back; then no time has passed.
        let elapsed = min(now >= bucket.at ? now - bucket.at : 0, 3_600_000)
        return min(rate.burst * Self.call, bucket.filled + elapsed * rate.perMinute)
    }

    /// A full bucket is as good as none.
    private mutating func forgetFull(_ now: UInt64) {
        buckets = buckets.filter { key, bucket in
            rates[key.rateClass].map { filled(bucket, $0, now) < $0.burst * Self.call } ?? false
        }
        countMax = max(Self.kept, 2 * buckets.count)
    }
}
