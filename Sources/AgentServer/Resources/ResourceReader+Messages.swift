import PeerNode
import PeerState

extension ResourceReader {
    /// A page of a channel, bounded like every result.
    func messages(_ target: MessagesTarget) async throws -> ResourceContents {
        let text = target.server.map { "\($0)/\(target.name)" } ?? target.name
        let channel = try await call.channel(ChannelAddress(text: text, field: "name"))
        let reader = ChannelPage(
            call: call, channel: channel, limit: target.limit, format: .detailed)
        let anchor = try await reader.anchor(
            after: target.after, before: target.before, around: nil)
        let page = try await call.port.page(
            PageRequest(
                server: channel.server, channel: channel.id, anchor: anchor,
                limit: target.limit, showsSealed: true))
        let (kept, entries) = fitting(page.messages, keepsLast: target.after == nil)
        let isCut = kept.count < page.messages.count
        let hasMore = isCut || (target.after == nil ? page.hasMoreBefore : page.hasMoreAfter)
        var cursor = call.cursor(page.feed)
        if hasMore, let edge = target.after == nil ? kept.first : kept.last {
            cursor = call.cursor(page.feed, .display(edge.position))
        }
        var contents = ResourceContents([
            "channel": .string(Sanitiser.channel(channel.name)),
            "channel_id": .string(channel.id.hex),
            "channel_seq": JSON(page.channel.channelSeq), "messages": .array(entries),
            "cursor": .string(cursor), "has_more": .bool(hasMore),
        ])
        contents.priority = kept.contains(where: \.isMention) ? 1.0 : 0.6
        return contents
    }

    /// As many messages as a result may hold, from one end.
    func fitting(
        _ messages: [MessageSnapshot], keepsLast: Bool
    ) -> (kept: [MessageSnapshot], entries: [JSON]) {
        var bytes = 0
        var kept: [MessageSnapshot] = []
        var entries: [JSON] = []
        for message in keepsLast ? messages.reversed() : messages {
            let entry = JSON.object(entry(message))
            // Quoted once more as the text of the contents.
            bytes += JSON.string(entry.text).encoded.count
            guard bytes <= Limits.resultBytes - 2_000 || kept.isEmpty else { break }
            kept.append(message)
            entries.append(entry)
        }
        return keepsLast ? (kept.reversed(), entries.reversed()) : (kept, entries)
    }

    func entry(_ message: MessageSnapshot) -> JSONObject {
        var entry: JSONObject = [
            "id": .string(message.id.hex),
            "author_peer_id": .string(message.author.hex),
            "author_display_name": .string(Sanitiser.name(message.authorName)),
            "body": .string(Sanitiser.text(message.text)),
            "timestamp_ms": JSON(message.atMilliseconds),
            "edited": .bool(message.isEdited), "deleted": .bool(message.isDeleted),
        ]
        if message.isSealed { entry.append("unreadable", MessageEncoder.noKey) }
        if let parent = message.parent { entry.append("reply_to", .string(parent.hex)) }
        if let answers = message.around.answers {
            entry.append("reply_preview", MessageEncoder.preview(answers))
        }
        entry.append(
            "reactions",
            .object(MessageEncoder.reactions(message.around.reactions, withNames: true)))
        if message.around.replies > 0 { entry.append("replies", JSON(message.around.replies)) }
        if let name = message.around.deletedBy {
            entry.append("deleted_by", .string(Sanitiser.name(name)))
        }
        entry.append(files: message.files)
        entry.append("trust", .string(message.trust))
        return entry
    }

    func message(_ address: MessageAddress) async throws -> ResourceContents {
        let message = try await call.message(address)
        var entry = entry(message)
        if message.isEdited {
            let versions = try await call.port.versions(of: message.id)
            entry.append("history", VersionList.json(versions))
        }
        entry.append(await call.port.delivery(of: message))
        var contents = ResourceContents(entry)
        contents.ttlMilliseconds = message.isDeleted ? 0 : 60_000
        contents.priority = message.isMention ? 1.0 : 0.6
        return contents
    }
}
