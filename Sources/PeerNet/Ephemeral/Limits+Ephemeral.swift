package import PeerState

extension Limits {
    // Ephemeral messages (PROTOCOL 11)
    package static let ephemeralPayload = 20_480
    package static let ephemeralTTL = Milliseconds.seconds(30)
    /// How far an author's clock may be from ours.
    package static let ephemeralClock: UInt64 = 60_000
    /// Authors whose counters are remembered, per server, and counters of each.
    package static let ephemeralAuthors = 64
    package static let ephemeralCounters = 8
    /// After this long without a word an author may begin to count anew: whatever he sent before
    /// is refused for its age.
    package static let ephemeralMemory = Milliseconds.seconds(120)
    /// What one link may bring: bounds the signatures that are checked for it.
    package static let ephemeralLinkRate: UInt64 = 500
    package static let ephemeralLinkBurst: UInt64 = 1_000
    package static let ephemeralLinkByteRate: UInt64 = 4 << 20
    package static let ephemeralLinkByteBurst: UInt64 = 8 << 20
    /// Bytes of partial text one author may have accepted.
    package static let deltaByteRate: UInt64 = 8 << 10
    package static let deltaByteBurst: UInt64 = 16 << 10
    /// Rates remembered at once, over all authors.
    package static let ephemeralRates = 16_384
}
