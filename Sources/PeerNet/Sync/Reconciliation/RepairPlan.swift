import PeerState

/// When one server is compared event by event, though its heads say nothing is missing.
///
/// - Bounds: not again within `Limits.repairAgain`, twice as long after each, up to
///   `repairAgainLongest`; an audit every `auditPeriod` ± 50 %.
struct RepairPlan: Hashable, Sendable {
    /// When to look through events without a cause; nil until the first link.
    var auditAt: Instant?
    private var quietUntil = Instant.zero
    private var quiet = Limits.repairAgain
    /// Announcements in a row of which something was never given.
    private var unmet = 0

    /// Whether a comparison may begin now, which it then does.
    mutating func take(_ now: Instant) -> Bool {
        guard quietUntil <= now else { return false }
        quietUntil = now + quiet
        quiet = Milliseconds(min(quiet.count * 2, Limits.repairAgainLongest.count))
        return true
    }

    /// Everything announced was given.
    mutating func met() { unmet = 0 }

    /// Both hold as much: what went wrong before is over.
    mutating func agreed() { quiet = Limits.repairAgain }

    /// Whether heads have failed to explain what is missing often enough.
    mutating func noteUnmet() -> Bool {
        unmet += 1
        return unmet >= Limits.unmetBeforeRepair
    }
}
