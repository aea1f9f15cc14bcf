package import PeerState

/// What stands around a message in its conversation.
package struct MessageContext: Hashable, Sendable {
    /// The message it answers, as far as it can be read.
    package var parent: StoredMessage?
    /// How many messages answer it, when it begins a conversation.
    package var replies = 0
}

/// Reading what views need beside the messages themselves.
extension NodeStorage {
    /// - Parameter withSealed: counts and answers messages whose key is not here, too.
    /// - Bound: two look-ups per message.
    package static func contexts(
        of messages: [StoredMessage], withSealed: Bool = false, _ core: StoreCore
    ) throws(StoreFailure) -> [Event.ID: MessageContext] {
        var contexts: [Event.ID: MessageContext] = [:]
        let shown = Dictionary(messages.map { ($0.id, $0) }) { first, _ in first }
        for message in messages where message.root != nil || message.parent != nil {
            var context = MessageContext()
            if let parent = message.parent {
                context.parent = shown[parent]
                if context.parent == nil {
                    context.parent = try core.message(parent, withSealed: withSealed)
                }
            }
            if message.root == message.id {
                context.replies = try core.replyCount(of: message.id, withSealed: withSealed)
            }
            contexts[message.id] = context
        }
        return contexts
    }

    /// Stored events, decoded; those that are not there are left out.
    package static func events(
        _ ids: [Server.ID: [Event.ID]], _ core: StoreCore
    ) throws(StoreFailure) -> [Event] {
        var found: [Event] = []
        for server in ids.keys.sorted() {
            for id in ids[server] ?? [] {
                if let event = try event(id, in: server, core) { found.append(event) }
            }
        }
        return found
    }

    static func event(
        _ id: Event.ID, in server: Server.ID, _ core: StoreCore
    ) throws(StoreFailure) -> Event? {
        guard let envelope = try core.envelope(server: server, id: id) else { return nil }
        return HostedServer.decode(envelope, of: server)
    }

    package struct FoundFeed: Sendable {
        package var items: [FeedItem] = []
        package var position: UInt64
        package var hasMore = false
        package var oldest: UInt64 = 0
    }

    /// The feed after a position, with the events it speaks of.
    ///
    /// - Parameter end: nothing beyond it is looked at.
    package static func feed(
        after position: UInt64, through end: UInt64, limit: Int, _ core: StoreCore
    ) throws(StoreFailure) -> FoundFeed {
        var found = FoundFeed(position: max(position, end))
        let rows = try core.feed(after: position, limit: limit + 1)
            .filter { $0.position <= end }
        found.oldest = try core.firstFeedPosition()
        found.hasMore = rows.count > limit
        for row in rows.prefix(limit) {
            let event = try event(row.event, in: row.server, core)
            var message: StoredMessage?
            switch event?.body {
            case is MessagePosted: message = try core.message(row.event)
            case let body as MessageEdited: message = try core.message(body.message)
            default: break
            }
            found.items.append(FeedItem(row: row, event: event, message: message))
        }
        if found.hasMore, let last = rows.prefix(limit).last { found.position = last.position }
        return found
    }

    /// Adds to a mark what the store knows: the last message in display order that it covers.
    ///
    /// A sealed message was announced to nobody: marking up to it is marking up to the text before
    /// it, and it counts as any other when it opens.
    package static func completed(
        _ mark: ReadMark, _ core: StoreCore
    ) throws(StoreFailure) -> ReadMark {
        var mark = mark
        if let order = mark.order {
            let last = try core.message(order.id, withSealed: true)
            guard last?.flags.contains(.sealed) == true else { return mark }
            let before = try core.messages(
                of: mark.channel, in: mark.server, .before(order), limit: 1
            ).messages.last
            mark.order = before?.position
            mark.feed = before?.feed ?? 0
            if before == nil { mark.position = 0 }
            return mark
        }
        mark.order = try core.lastRead(
            in: mark.channel, of: mark.server, announcedBy: mark.position)
        // Nothing was announced there: nothing is marked.
        if mark.order == nil { (mark.position, mark.feed) = (0, 0) }
        return mark
    }
}
