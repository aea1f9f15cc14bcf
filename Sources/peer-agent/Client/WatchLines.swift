package import AgentServer

/// The lines of `watch`.
///
/// - Source: MCP 6.1, 6.7.
package struct WatchLines: Sendable {
    private let isJSON: Bool

    package init(isJSON: Bool) {
        self.isJSON = isJSON
    }

    /// - Parameter event: as a listener is told it.
    package func line(_ event: JSON) -> String {
        guard isJSON else { return Self.text(event) }
        var object: JSONObject = ["v": 1]
        for member in event.object?.members ?? [] where member.key != "_meta" {
            object.append(member.key, member.value)
        }
        return JSON.object(object).text
    }

    package func line(_ message: ShownMessage, cursor: String) -> String {
        guard isJSON else { return message.line(showsChannel: true) }
        return Self.event("MessageReceived", message.at, data(message), cursor, message.json)
    }

    /// One line for a burst: how many events per channel.
    package func settled(_ events: [JSON]) -> String {
        let last = events.last
        return settled(
            events.compactMap { $0["data"]?["channel"]?.string }, at: last?["at"]?.string ?? "",
            cursor: last?["cursor"]?.string ?? "")
    }

    package func settled(_ messages: [ShownMessage], cursor: String) -> String {
        settled(messages.map(\.channel), at: messages.last?.at ?? "", cursor: cursor)
    }

    private func settled(_ channels: [String], at: String, cursor: String) -> String {
        var counts = JSONObject()
        for channel in channels {
            counts[channel] = JSON(Int(counts[channel]?.integer ?? 0) + 1)
        }
        guard isJSON else {
            let places = counts.members.map {
                "#\(TerminalText.line($0.key)) \($0.value.integer ?? 0)"
            }
            return "Settled " + places.joined(separator: ", ")
        }
        return Self.event("Settled", at, ["channels": .object(counts)], cursor, .null)
    }

    /// The type, where and by whom, then what else there is.
    private static func text(_ event: JSON) -> String {
        var words = [TerminalText.line(event["type"]?.string ?? "")]
        let data = event["data"]?.object?.members ?? []
        if let channel = event["data"]?["channel"]?.string {
            words.append("#" + TerminalText.line(channel))
        }
        for member in data where !["channel", "channel_id"].contains(member.key) {
            words.append("\(member.key)=\(text(of: member.value))")
        }
        return words.joined(separator: " ")
    }

    /// Ids by their beginning, as the other commands take them.
    private static func text(of value: JSON) -> String {
        guard let text = value.string else { return TerminalText.line(value.text) }
        let isID = text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
        return isID ? String(text.prefix(16)) : TerminalText.line(text)
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
        data.append("from", .string(message.author))
        data.append("text", .string(message.text))
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
