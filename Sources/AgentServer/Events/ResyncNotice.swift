import PeerState

/// Tells a listener that it was too slow, and from where to read what it missed.
///
/// - Source: MCP 2.2 U4, 6.2 `Resync`.
package enum ResyncNotice {
    private static let mark = Array(#""method":"\#(EventRelay.method)""#.utf8)

    /// Whether a frame, or the event of a stream that carries it, tells of something in the feed.
    package static func isEvent(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(160).holds(mark)
    }

    /// What names the stream of an event: the id of the subscription as it was written.
    static func stream(of bytes: [UInt8]) -> [UInt8] {
        let head = bytes.prefix(512)
        guard let found = head.place(of: subscription) else { return [] }
        return Array(head[found.upperBound...].prefix { $0 != UInt8(ascii: "}") })
    }

    private static let subscription = Array(#"io.modelcontextprotocol/subscriptionId":"#.utf8)

    /// The frame that stands for what was dropped.
    ///
    /// - Parameter first: the first dropped one, or the event of a stream that carries it.
    /// - Returns: `nil` when `first` tells no event.
    package static func frame(
        first: [UInt8], dropped: Int, storeTag: UInt32, now: UInt64
    ) -> [UInt8]? {
        guard let params = params(of: first) else { return nil }
        var cursor = params["cursor"] ?? .null
        if let feed = params["feed"]?.integer, feed > 0 {
            // Reading goes on after a cursor, so it is the one before.
            cursor = .string(Cursor(feed: UInt64(feed) - 1).text(storeTag: storeTag))
        }
        var told = JSONObject()
        if let meta = params["_meta"] { told.append("_meta", meta) }
        told.append("feed", .null)
        told.append("cursor", cursor)
        told.append("type", .string("Resync"))
        told.append("at", .string(Calendar.milliseconds(now)))
        told.append("data", ["cursor": cursor, "dropped": JSON(dropped)])
        return MCPFrame.notification(EventRelay.method, told)
    }

    private static func params(of bytes: [UInt8]) -> JSON? {
        guard isEvent(bytes), let start = bytes.firstIndex(of: UInt8(ascii: "{")) else {
            return nil
        }
        let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? bytes.endIndex - 1
        do {
            return try JSON(parsing: Array(bytes[start...end]))["params"]
        } catch {
            return nil  // It was made here; without it the listener still reads on by its cursor.
        }
    }
}
