/// One numbered announcement to agents, so that a cursor still means the same after a restart.
package struct FeedRow: Hashable, Sendable {
    /// Grows by one per announcement, from 1.
    package let position: UInt64
    package let server: Server.ID
    package let event: Event.ID
    /// The event name of MCP, such as `MessageReceived`.
    package let kind: String
    package let atMilliseconds: UInt64
    package let channelSeq: UInt64

    package init(
        position: UInt64, server: Server.ID, event: Event.ID, kind: String,
        atMilliseconds: UInt64, channelSeq: UInt64
    ) {
        self.position = position
        self.server = server
        self.event = event
        self.kind = kind
        self.atMilliseconds = atMilliseconds
        self.channelSeq = channelSeq
    }
}
