import AgentServer

/// The lines of `watch`.
///
/// - Source: MCP 6.1, 6.7.
package struct WatchLines: Sendable {
    private let isJSON: Bool
    private let hasText: Bool

    package init(isJSON: Bool, hasText: Bool) {
        self.isJSON = isJSON
        self.hasText = hasText
    }

    package func line(_ message: ShownMessage, cursor: String) -> String {
        guard isJSON else {
            return hasText
                ? message.line(showsChannel: true)
                : "MessageReceived #\(TerminalText.line(message.channel)) "
                    + "@\(TerminalText.line(message.author)) \(message.shortID)"
        }
        return Self.event("MessageReceived", message.at, data(message), cursor, message.json)
    }

    /// One line for a burst: how many messages per channel.
    package func settled(_ messages: [ShownMessage], cursor: String) -> String {
        var counts = JSONObject()
        for message in messages {
            counts[message.channel] = JSON(Int(counts[message.channel]?.integer ?? 0) + 1)
        }
        guard isJSON else {
            let places = counts.members.map {
                "#\(TerminalText.line($0.key)) \($0.value.integer ?? 0)"
            }
            return "Settled " + places.joined(separator: ", ")
        }
        return Self.event(
            "Settled", messages.last?.at ?? "", ["channels": .object(counts)], cursor, .null)
    }

    private func data(_ message: ShownMessage) -> JSONObject {
        let json = message.json
        var data: JSONObject = [
            "channel": .string(message.channel), "channel_id": json["channel_id"] ?? .null,
            "message_id": .string(message.id), "author": json["from_id"] ?? .null,
            "is_local": .bool(message.trust == "self"), "mention": .bool(message.isMention),
        ]
        if let parent = message.replyTo { data.append("reply_to", .string(parent)) }
        data.append("channel_seq", json["channel_seq"] ?? .null)
        data.append("late", .bool(json["late"]?.bool ?? false))
        if hasText {
            data.append("from", .string(message.author))
            data.append("text", .string(message.text))
        }
        return data
    }

    private static func event(
        _ type: String, _ at: String, _ data: JSONObject, _ cursor: String, _ message: JSON
    ) -> String {
        var object: JSONObject = [
            "v": 1, "feed": Cursor.feed(in: cursor).map { JSON($0) } ?? .null,
            "cursor": .string(cursor), "type": .string(type),
        ]
        if let server = message["server_id"] { object.append("server_id", server) }
        object.append("at", .string(at))
        object.append("data", .object(data))
        return JSON.object(object).text
    }
}
