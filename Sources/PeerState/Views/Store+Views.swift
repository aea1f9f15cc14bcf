/// Reading messages, as in `StoreCore`.
extension Store {
    package func message(
        _ id: Event.ID, withSealed: Bool = false
    ) throws(StoreFailure) -> StoredMessage? {
        try use { core throws(StoreFailure) in try core.message(id, withSealed: withSealed) }
    }

    package func messageIDs(
        startingWith hexPrefix: String, limit: Int
    ) throws(StoreFailure) -> [Event.ID] {
        try use { core throws(StoreFailure) in
            try core.messageIDs(startingWith: hexPrefix, limit: limit)
        }
    }

    package func messages(
        of channel: Channel.ID, in server: Server.ID, thread: Event.ID? = nil,
        _ anchor: TextAnchor, since: UInt64? = nil, limit: Int
    ) throws(StoreFailure) -> TextPage {
        try use { core throws(StoreFailure) in
            try core.messages(
                of: channel, in: server, thread: thread, anchor, since: since, limit: limit)
        }
    }

    package func unread(
        in server: Server.ID, by principal: String
    ) throws(StoreFailure) -> [ChannelUnread] {
        try use { core throws(StoreFailure) in try core.unread(in: server, by: principal) }
    }

    package func unreadMessages(
        of channel: Channel.ID, in server: Server.ID, by principal: String, limit: Int
    ) throws(StoreFailure) -> [StoredMessage] {
        try use { core throws(StoreFailure) in
            try core.unreadMessages(of: channel, in: server, by: principal, limit: limit)
        }
    }

    package func firstUnread(
        of channel: Channel.ID, in server: Server.ID, by principal: String
    ) throws(StoreFailure) -> StoredMessage? {
        try use { core throws(StoreFailure) in
            try core.firstUnread(of: channel, in: server, by: principal)
        }
    }

    package func mark(
        for principal: String, upTo message: Event.ID, now: UInt64
    ) throws(StoreFailure) -> MarkRow? {
        try use { core throws(StoreFailure) in
            try core.mark(for: principal, upTo: message, now: now)
        }
    }

    package func channelTotals(in server: Server.ID) throws(StoreFailure) -> [ChannelTotals] {
        try use { core throws(StoreFailure) in try core.channelTotals(in: server) }
    }

    package func arrivals(
        after feed: UInt64, channels: Set<Channel.ID>? = nil, limit: Int,
        where accepts: @Sendable (StoredMessage) -> Bool = { _ in true }
    ) throws(StoreFailure) -> [StoredMessage] {
        try use { core throws(StoreFailure) in
            try core.arrivals(after: feed, channels: channels, limit: limit, where: accepts)
        }
    }

    package func unshownEvents(
        of server: Server.ID, kind: UInt64, after: OrderKey?
    ) throws(StoreFailure) -> [StoredEvent] {
        try use { core throws(StoreFailure) in
            try core.unshownEvents(of: server, kind: kind, after: after)
        }
    }

    package func search(_ request: SearchRequest) throws(StoreFailure) -> SearchPage {
        try use { core throws(StoreFailure) in try core.search(request) }
    }

    package func checkpoint(
        of server: Server.ID, foldVersion: UInt64
    ) throws(StoreFailure) -> Checkpoint? {
        try use { core throws(StoreFailure) in
            try core.checkpoint(of: server, foldVersion: foldVersion)
        }
    }

    package func dropCheckpoint(of server: Server.ID) throws(StoreFailure) {
        try use { core throws(StoreFailure) in try core.dropCheckpoint(of: server) }
    }

    package func integrity() throws(StoreFailure) -> [IntegrityFinding] {
        try use { core throws(StoreFailure) in try core.integrity() }
    }

    package func beginRebuild() throws(StoreFailure) {
        try use { core throws(StoreFailure) in try core.beginRebuild() }
    }

    package func hasUnwrittenTexts() throws(StoreFailure) -> Bool {
        try use { core throws(StoreFailure) in try core.hasUnwrittenTexts() }
    }

    package func refill(open: (StoredEvent) -> [TextChange]) throws(StoreFailure) -> Bool {
        try use { core throws(StoreFailure) in try core.refill(open: open) }
    }

    package func forgetKeptArrivals() throws(StoreFailure) {
        try use { core throws(StoreFailure) in try core.forgetKeptArrivals() }
    }

    package func mergeSearch(pages: Int = 64) throws(StoreFailure) -> Bool {
        try use { core throws(StoreFailure) in try core.mergeSearch(pages: pages) }
    }
}
