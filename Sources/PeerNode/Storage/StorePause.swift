package import PeerState

/// The time in which nothing is stored, after the store refused a batch.
///
/// Meanwhile acts are refused, events of peers are let pass, and a small write is tried now and
/// then; links and reading go on.
/// - Bounds: `Limits.storePauseShortest` before the first try, twice as long after each refusal up
///   to `storePauseLongest`, until nothing was refused for `storeCalm`.
struct StorePause: Sendable {
    /// Why nothing is stored; `nil` while the store takes what it is given.
    private(set) var code: NodeCode?
    /// The small write under way.
    var probe: NodeCore.JobID?
    private(set) var due = Instant.zero
    private var length = Limits.storePauseShortest
    private var refusedAt: Instant?

    var isOn: Bool { code != nil }

    func isDue(_ now: Instant) -> Bool { isOn && probe == nil && now >= due }

    mutating func refused(_ code: NodeCode, _ now: Instant) {
        let isCalm = refusedAt.map { now >= $0 + Limits.storeCalm } ?? true
        length =
            isCalm
            ? Limits.storePauseShortest
            : min(Milliseconds(length.count * 2), Limits.storePauseLongest)
        self.code = code
        refusedAt = now
        due = now + length
        probe = nil
    }

    mutating func end() {
        code = nil
        probe = nil
    }
}

extension Limits {
    package static let storePauseShortest = Milliseconds(500)
    package static let storePauseLongest = Milliseconds.seconds(10)
    package static let storeCalm = Milliseconds.seconds(60)
}
