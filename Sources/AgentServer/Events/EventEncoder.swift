import PeerNode
import PeerState

/// Shows events as JSON objects, with every text of others cleaned and bounded.
///
/// - Source: MCP 6.1.
struct EventEncoder: Sendable {
    let storeTag: UInt32
    /// What events without a number show as their place.
    let position: UInt64

    func object(_ event: NodeEvent) -> JSONObject {
        var data = JSONObject()
        for field in event.data { data[field.name] = Self.json(field.value) }
        var object: JSONObject = [
            "feed": event.feed.map { JSON($0) } ?? .null,
            "cursor": .string(Cursor(feed: event.feed ?? position).text(storeTag: storeTag)),
            "type": .string(event.kind.rawValue),
        ]
        if let server = event.server { object.append("server_id", .string(server.hex)) }
        object.append("at", .string(Calendar.milliseconds(event.atMilliseconds)))
        object.append("data", .object(data))
        return object
    }

    private static func json(_ value: NodeEvent.Value) -> JSON {
        switch value {
        case .text(let text):
            return .string(Sanitiser.cut(Sanitiser.text(text), bytes: Limits.eventText).text)
        case .word(let word): return .string(word)
        case .number(let number): return JSON(number)
        case .time(let time): return .string(Calendar.milliseconds(time))
        case .flag(let flag): return .bool(flag)
        case .words(let words): return JSON(words)
        case .place(let cut?): return ["seq": JSON(cut.seq), "event_id": .string(cut.id.hex)]
        case .place(nil): return .null
        // A description that was cleaned or cut would not connect.
        case .signal(let kind, let payload):
            return ["kind": .string(kind.word), "payload": .string(payload)]
        }
    }
}

extension Limits {
    /// Bytes of one text in an event.
    static let eventText = 2_000
    /// Feed rows that one call of `list_events` looks at.
    static let eventsScanned = 10_000
    /// Bytes of the events in one result, encoded once.
    static let eventPageBytes = 40_000
}
