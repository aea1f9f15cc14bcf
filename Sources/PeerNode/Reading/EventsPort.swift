package import PeerState

/// What happened on a node, by number and as it passes (MCP 6).
package protocol EventsPort: Sendable {
    /// What the feed holds after a position, oldest first.
    ///
    /// - Errors: `storeFailed`.
    func events(after feed: UInt64, limit: Int) async throws -> NodeEventPage

    /// What has no number, from now on; the newest `Limits.noticesKept` wait for a slow reader.
    func notices() async -> AsyncStream<NodeEvent>
}

extension Limits {
    package static let noticesKept = 1_024
}
