import PeerNode
import PeerState

/// Parts of channels: one conversation, and what is pinned.
extension ResourceReader {
    /// The first `Limits.threadShown` messages of a conversation.
    func thread(_ address: MessageAddress) async throws -> ResourceContents {
        let message = try await call.message(address)
        var root = message
        if let id = message.around.root, id != message.id { root = try await call.port.message(id) }
        let page = try await call.port.page(
            PageRequest(
                server: message.server, channel: message.channel, anchor: .after(root.position),
                limit: Limits.threadShown, thread: message.id, showsSealed: true))
        let (kept, entries) = fitting(page.messages, keepsLast: false)
        let hasMore = page.hasMoreAfter || kept.count < page.messages.count
        let last = hasMore ? kept.last : nil
        var contents = ResourceContents([
            "root": .object(entry(root)), "messages": .array(entries),
            "cursor": .string(
                call.cursor(page.feed, last.map { .display($0.position) } ?? .none)),
            "has_more": .bool(hasMore),
        ])
        contents.priority = kept.contains(where: \.isMention) ? 1.0 : 0.6
        return contents
    }

    func pins(of name: String, in server: String?) async throws -> ResourceContents {
        let text = server.map { "\($0)/\(name)" } ?? name
        let channel = try await call.channel(ChannelAddress(text: text, field: "name"))
        let pins = try await call.port.pins(of: channel.id, in: channel.server)
        let (kept, _) = fitting(pins.map(\.message), keepsLast: false)
        var contents = ResourceContents([
            "pins": .array(
                pins.prefix(kept.count).map { pin in
                    var entry = entry(pin.message)
                    entry.append("pinned_by", .string(pin.author.hex))
                    entry.append("pinned_by_name", .string(Sanitiser.name(pin.authorName)))
                    entry.append("pinned_at", .string(Calendar.seconds(pin.atMilliseconds)))
                    return .object(entry)
                })
        ])
        contents.priority = 0.6
        return contents
    }
}

extension Limits {
    package static let threadShown = 100
}
