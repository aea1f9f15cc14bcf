package import PeerState

extension Limits {
    package static let maxNegBytes = 65_536
    package static let negRounds = 64
    /// Exchanges one peer may begin in `wantPeriod`.
    package static let negExchanges = 4
    package static let maxNegNeed = 500
    package static let negSaltKept = Milliseconds.seconds(60)
    package static let negRoundTimeout = Milliseconds.seconds(10)
    package static let compactFrontierAuthors = 300
    package static let negSalt = 32
    /// How soon a server is not compared event by event again, at least and at most.
    package static let repairAgain = Milliseconds.seconds(60)
    package static let repairAgainLongest = Milliseconds.seconds(6 * 3_600)
    /// Announcements in a row that stay unmet before events are compared.
    package static let unmetBeforeRepair = 2
    /// Events of a server that are compared at once; a larger one is audited chain by chain.
    package static let repairEvents: UInt64 = 200_000
    package static let auditEvents: UInt64 = 20_000
    package static let auditPeriod = Milliseconds.seconds(12 * 3_600)
    /// Bytes of a fingerprint.
    static let negFingerprint = 16
    /// Bytes of a message left free for its last range.
    static let negReserve = 200
    /// Differences an initiator follows up; more are found by the next exchange.
    static let negDifferences = 65_536
}
