import PeerNode
import PeerState

/// How much of each channel one principal has not read, as it was last told.
///
/// - Source: MCP 6.2 `UnreadChanged`.
struct UnreadCounts: Sendable {
    private struct Count: Equatable {
        var name: String
        var server: Server.ID
        var unread = 0
        var mentions = 0
    }

    private var told: [Channel.ID: Count]

    init(_ inbox: InboxSnapshot) {
        told = Self.counts(inbox)
    }

    private static func counts(_ inbox: InboxSnapshot) -> [Channel.ID: Count] {
        var counts: [Channel.ID: Count] = [:]
        for entry in inbox.entries {
            counts[entry.channel.id] = Count(
                name: entry.channel.name, server: entry.channel.server, unread: entry.unread,
                mentions: entry.mentions)
        }
        return counts
    }

    /// Takes over what is unread now, and returns an event for each channel that differs.
    mutating func update(_ inbox: InboxSnapshot, at now: UInt64) -> [NodeEvent] {
        var counts = Self.counts(inbox)
        // What has nothing unread any more may be left out of the inbox.
        for (channel, count) in told where counts[channel] == nil {
            counts[channel] = Count(name: count.name, server: count.server)
        }
        let changed = counts.filter { channel, count in
            let before = told[channel]
            return count.unread != before?.unread ?? 0 || count.mentions != before?.mentions ?? 0
        }
        told = counts.filter { $0.value.unread > 0 || $0.value.mentions > 0 }
        return changed.sorted { $0.key < $1.key }.map { channel, count in
            var event = NodeEvent(.unreadChanged, server: count.server, atMilliseconds: now)
            event.channel = channel
            event.data = [
                .init(name: "channel", value: .text(count.name)),
                .init(name: "unread", value: .number(UInt64(count.unread))),
                .init(name: "mentions", value: .number(UInt64(count.mentions))),
            ]
            return event
        }
    }
}
