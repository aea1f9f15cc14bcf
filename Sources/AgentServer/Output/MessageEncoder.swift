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
    /// Parts of texts that a search found, shown in place of the whole in lines.
    private let snippets: [Event.ID: String]

    package init(
        _ messages: [MessageSnapshot], format: OutputFormat, principal: String,
        channels: [ChannelSnapshot], snippets: [Event.ID: String] = [:]
    ) {
        self.snippets = snippets
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

    /// Where a message stands, as facts name it.
    package func channelName(_ id: Channel.ID) -> String {
        channels[id].map { Sanitiser.channel($0.name) } ?? id.short
    }

    /// The same as lines show it.
    package func channelLabel(_ id: Channel.ID) -> String { channels[id]?.label ?? "#" + id.short }

    private func id<Kind>(_ id: Identifier<Kind>) -> String {
        format == .detailed || ambiguous.contains(id.short) ? id.hex : id.short
    }

    private func text(_ message: MessageSnapshot) -> (text: String, isCut: Bool) {
        Sanitiser.cut(Sanitiser.text(message.text), bytes: format.bodyBytes)
    }

    /// Why a message has no text, in objects and in lines.
    package static let noKey = JSON.string("no_key")
    package static let placeholder = "[no key for this message]"

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
        if message.isEdited { object.append("edited", true) }
        if message.isDeleted { object.append("deleted", true) }
        if message.isSealed { object.append("unreadable", Self.noKey) }
        if message.isLate { object.append("late", true) }
        if message.isMention { object.append("mention", true) }
        if message.isAgent { object.append("agent", true) }
        if message.isLocal, let other = message.principal, other != principal {
            object.append("via", .string(Sanitiser.name(other)))
        }
        let reactions = message.around.reactions
        if !reactions.isEmpty { object.append("reactions", .object(shown(reactions))) }
        if message.around.replies > 0 { object.append("replies", JSON(message.around.replies)) }
        if let snippet = snippets[message.id] { object.append("snippet", .string(snippet)) }
        object.append(files: message.files)
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
        object.append("pinned", .bool(message.around.isPinned))
        object.append(message.delivery)
        appendSurroundings(message.around, to: &object)
    }

    private func appendSurroundings(
        _ around: MessageSurroundings, to object: inout JSONObject
    ) {
        if let root = around.root { object.append("thread", .string(root.hex)) }
        if let answers = around.answers { object.append("reply_preview", Self.preview(answers)) }
        let mine = around.reactions.filter(\.isMine).map { Sanitiser.name($0.emoji, 32) }
        if !mine.isEmpty { object.append("my_reactions", JSON(mine)) }
        if around.edits > 0 { object.append("edits", JSON(around.edits)) }
        if let at = around.editedAtMilliseconds {
            object.append("edited_at", .string(Calendar.seconds(at)))
        }
        if let name = around.deletedBy {
            object.append("deleted_by", .string(Sanitiser.name(name)))
        }
    }

    /// The message that one answers, in short.
    package static func preview(_ answers: MessageSurroundings.Answered) -> JSON {
        var preview: JSONObject = ["from": .string(Sanitiser.name(answers.author))]
        if answers.isDeleted {
            preview.append("deleted", true)
        } else if answers.isSealed {
            preview.append("unreadable", noKey)
        } else {
            preview.append("text", .string(Sanitiser.name(answers.text, Limits.shownPreview)))
        }
        return .object(preview)
    }

    /// By emoji: how many, or who.
    private func shown(_ reactions: [ReactionCount]) -> JSONObject {
        Self.reactions(reactions, withNames: format == .detailed)
    }

    package static func reactions(
        _ reactions: [ReactionCount], withNames: Bool
    ) -> JSONObject {
        var object = JSONObject()
        for reaction in reactions {
            // Two that look alike once they are sanitised are shown as the first.
            let emoji = Sanitiser.name(reaction.emoji, 32)
            guard object[emoji] == nil else { continue }
            let names = reaction.authors.map { Sanitiser.name($0) }
            object[emoji] = withNames ? JSON(names) : JSON(reaction.count)
        }
        return object
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
        if message.isEdited { line += " ✎" }
        if message.isDeleted { return line + " ✗" }
        if message.isLate { line += " ⏱" }
        var (text, isCut) = text(message)
        if message.isSealed { text = Self.placeholder }
        if let snippet = snippets[message.id] { (text, isCut) = (snippet, false) }
        line +=
            " "
            + text.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "⏎")
        if isCut { line += "…" }
        for file in message.files { line += " " + file.mark }
        let reactions = message.around.reactions.map {
            "\(Sanitiser.name($0.emoji, 32))\($0.count)"
        }
        return reactions.isEmpty ? line : line + " {\(reactions.joined(separator: " "))}"
    }
}

extension JSONObject {
    /// How far a message has come.
    mutating func append(_ delivery: MessageDelivery?) {
        guard let delivery else { return }
        append("stable", .bool(delivery.isStable))
        append(
            "delivery",
            [
                "reached": JSON(delivery.reached), "acknowledged": JSON(delivery.acknowledged),
            ])
    }
}
