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
    /// Bytes of a fingerprint.
    static let negFingerprint = 16
    /// Bytes of a message left free for its last range.
    static let negReserve = 200
    /// Differences an initiator follows up; more are found by the next exchange.
    static let negDifferences = 65_536
}
