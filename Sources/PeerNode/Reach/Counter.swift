/// What is counted; the raw value is its name in `status` and `peer://connection` and, in snake
/// case, in `/metrics`.
package enum Counter: String, CaseIterable, Sendable {
    // Links
    case linksOpened, linksClosed, linksSuperseded, linksReleased
    case halfOpenRefused, closedForScore, closedForCredit
    case dials, dialsFailed
    // Frames and events that were dropped or refused
    case badFrames, hellosRejected, eventsInvalid, eventsRefused, loweringsRefused
    /// Events that came again: what broadcast costs beyond need.
    case eventsDuplicate
    case viewFloods, peersIgnored, unsupportedFrames
    // What was asked for again, or elsewhere
    case promisesUnmet, takeovers, repairs
    // Addresses
    case addressesLearned, addressesRefused, beaconsAnswered, beaconsIgnored
    // Relays: of others here, and own streams
    case relayedBytes, relayRefused, relayOpensRefused, relayRetries
}

/// What waits or is held now.
package enum Gauge: String, CaseIterable, Sendable {
    case dialTargets, addressBook
    case activeNeighbours, passiveNeighbours
    case checksWaiting, commitsWaiting, eventsPending, messagesWithoutKey
    case fetchesOpen
    case relayBindings, relayStreams, relayedLinks, relayQueuedBytes
}
