package import PeerNode
package import PeerState

/// Shows messages as JSON objects and as dense lines, from one set of facts.
///
/// - Source: MCP 8.1 and 8.2.
package struct MessageEncoder: Sendable {
    package let format: OutputFormat
    /// Who asks; messages another principal of this node sent are marked.
    private let principal: String
    private let channels: [Channel.ID: ChannelSnapshot]
    /// Ids that must be shown whole, because two of them begin alike.
    private let ambiguous: Set<String>

    package init(
        _ messages: [MessageSnapshot], format: OutputFormat, principal: String,
        channels: [ChannelSnapshot]
    ) {
        self.format = format
        self.principal = principal
        self.channels = Dictionary(channels.map { ($0.id, $0) }) { first, _ in first }
        var seen: [String: String] = [:]
        var ambiguous: Set<String> = []
        let ids =
            messages.map(\.id.hex) + messages.map(\.author.hex)
            + messages.compactMap(\.parent?.hex)
        for id in ids {
            let prefix = String(id.prefix(Limits.idPrefixDigits))
            if let other = seen[prefix], other != id { ambiguous.insert(prefix) }
            seen[prefix] = id
        }
        self.ambiguous = ambiguous
    }

    /// Where a message stands, for people.
    package func channelName(_ id: Channel.ID) -> String {
        channels[id].map { Sanitiser.name($0.name) } ?? id.short
    }

    /// The same as lines show it.
    package func channelLabel(_ id: Channel.ID) -> String { channels[id]?.label ?? "#" + id.short }

    private func id<Kind>(_ id: Identifier<Kind>) -> String {
        format == .detailed || ambiguous.contains(id.short) ? id.hex : id.short
    }

    private func text(_ message: MessageSnapshot) -> (text: String, isCut: Bool) {
        Sanitiser.cut(Sanitiser.text(message.text), bytes: format.bodyBytes)
    }

    /// The message object, and whether its text had to be cut.
    package func object(_ message: MessageSnapshot) -> (object: JSONObject, isCut: Bool) {
        let (text, isCut) = text(message)
        var object: JSONObject = [
            "id": .string(id(message.id)),
            "from_id": .string(id(message.author)),
            "channel": .string(channelName(message.channel)),
            "at": .string(Calendar.seconds(message.atMilliseconds)),
            "from": .string(Sanitiser.name(message.authorName)),
            "text": .string(text),
            "trust": .string(message.trust),
        ]
        if let parent = message.parent { object.append("reply_to", .string(id(parent))) }
        if message.isLate { object.append("late", true) }
        if message.isMention { object.append("mention", true) }
        if message.isAgent { object.append("agent", true) }
        if message.isLocal, let other = message.principal, other != principal {
            object.append("via", .string(Sanitiser.name(other)))
        }
        if isCut { object.append("truncated", true) }
        if format == .detailed { appendDetails(of: message, to: &object) }
        return (object, isCut)
    }

    private func appendDetails(of message: MessageSnapshot, to object: inout JSONObject) {
        object.append("server_id", .string(message.server.hex))
        object.append("channel_id", .string(message.channel.hex))
        object.append("author_seq", JSON(message.authorSeq))
        object.append("channel_seq", JSON(message.channelSeq))
        object.append("lamport", JSON(message.lamport))
        object.append("wall_ms", JSON(message.atMilliseconds))
        object.append("clamped", .bool(message.isClamped))
        object.append("epoch", .string(message.epoch.hex))
    }

    /// `HH:MM @name [m:<id>] marks text`, without line breaks.
    package func line(_ message: MessageSnapshot, showsChannel: Bool) -> String {
        var line = Calendar.time(message.atMilliseconds)
        if showsChannel { line += " \(channelLabel(message.channel))" }
        line += " @\(Sanitiser.name(message.authorName))"
        if message.isAgent { line += "⚙" }
        if message.trust == "new" || message.trust == "former" { line += "?" }
        line += " [m:\(id(message.id))]"
        if let parent = message.parent { line += " ↩m:\(id(parent))" }
        if message.isLate { line += " ⏱" }
        let (text, isCut) = text(message)
        line +=
            " "
            + text.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "⏎")
        return isCut ? line + "…" : line
    }
}
