package import PeerState

/// When to dial an address again: twice as late after each failure, never at the same time as
/// everybody else.
///
/// - Units: `Limits.redialFirst` doubling to `Limits.redialLast`, each shortened by up to half at
///   random.
package struct Backoff: Hashable, Sendable {
    private var failures: UInt64 = 0

    package init() {}

    /// How long to wait after one more failure.
    package mutating func failed(_ entropy: inout Entropy) -> Milliseconds {
        let steps = min(failures, 16)
        failures += 1
        let full = min(Limits.redialFirst.count << steps, Limits.redialLast.count)
        return Milliseconds(full - entropy.next() % (full / 2 + 1))
    }

    /// The link worked for a while, so the next failure is a first one.
    package mutating func succeeded() { failures = 0 }
}
