/// One numbered announcement to agents, so that a cursor still means the same after a restart.
package struct FeedRow: Hashable, Sendable {
    /// Grows by one per announcement, from 1.
    package let position: UInt64
    package let server: Server.ID
    package let event: Event.ID
    /// The event name of MCP, such as `MessageReceived`; after it, and a space, the rule that
    /// decided, where one did.
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

    package var name: String { String(kind.prefix { $0 != " " }) }
    /// The word of the rule that took an event's effect, or had taken it.
    package var rule: String? {
        kind.firstIndex(of: " ").map { String(kind[kind.index(after: $0)...]) }
    }
}
