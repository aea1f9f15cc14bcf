/// What is counted; the raw value is its name in `status` and `peer://connection` and, in snake
/// case, in `/metrics`.
package enum Counter: String, CaseIterable, Sendable {
    // Links
    case linksOpened, linksClosed, linksSuperseded, linksReleased
    case halfOpenRefused, handshakesRefused, closedForScore, closedForCredit, strangersClosed
    case dials, dialsFailed
    // Frames and events that were dropped or refused
    case badFrames, hellosRejected, eventsInvalid, eventsRefused, loweringsRefused
    /// Events that came again: what broadcast costs beyond need.
    case eventsDuplicate
    /// Pushes that were left for later, or dropped: over the quota of their author, of the peer
    /// that pushed them, and of an author over quota after a gap.
    case pushesOverAuthorQuota, pushesOverPeerQuota, pushesPostponed
    case viewFloods, peersIgnored, unsupportedFrames
    // What was asked for again, or elsewhere
    case promisesUnmet, takeovers, repairs
    /// Wants for authors over quota, and Wants that had to wait for their turn.
    case wantsPostponed, wantsHeld
    // Addresses
    case addressesLearned, addressesRefused, beaconsAnswered, beaconsIgnored
    // Relays: of others here, and own streams
    case relayedBytes, relayRefused, relayOpensRefused, relayRetries
    /// Chunks of files for others, at a provider: those that came, those that nobody linked had,
    /// and those of authors who have as much here as they may.
    case chunksKept, chunksUnavailable, chunksOverBudget
}

/// What waits or is held now.
package enum Gauge: String, CaseIterable, Sendable {
    case dialTargets, addressBook
    case activeNeighbours, passiveNeighbours
    case authorsOverQuota
    case checksWaiting, commitsWaiting, eventsPending, messagesWithoutKey
    case fetchesOpen
    /// Chunks for others that were found missing and wait or are on their way.
    case chunksWaiting
    case relayBindings, relayStreams, relayedLinks, relayQueuedBytes
}
