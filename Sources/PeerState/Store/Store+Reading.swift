/// Reads, and the few writes that need no batch, as in `StoreCore`.
extension Store {
    package func loadServers() throws(StoreFailure) -> [Server.ID] {
        try use { core throws(StoreFailure) in try core.loadServers() }
    }

    package func events(
        of server: Server.ID, after: OrderKey?, maxCount: Int = Limits.eventsPerStep
    ) throws(StoreFailure) -> [StoredEvent] {
        try use { core throws(StoreFailure) in
            try core.events(of: server, after: after, maxCount: maxCount)
        }
    }

    package func envelopes(
        server: Server.ID, author: Peer.ID, from: UInt64, to: UInt64, maxBytes: Int, maxCount: Int
    ) throws(StoreFailure) -> [StoredEvent] {
        try use { core throws(StoreFailure) in
            try core.envelopes(
                server: server, author: author, from: from, to: to, maxBytes: maxBytes,
                maxCount: maxCount)
        }
    }

    package func page(
        of server: Server.ID, ranges: [EventRange], maxBytes: Int, maxCount: Int
    ) throws(StoreFailure) -> EventPage {
        try use { core throws(StoreFailure) in
            try core.page(of: server, ranges: ranges, maxBytes: maxBytes, maxCount: maxCount)
        }
    }

    package func totals(
        of server: Server.ID, ranges: [EventRange]
    ) throws(StoreFailure) -> EventTotals {
        try use { core throws(StoreFailure) in try core.totals(of: server, ranges: ranges) }
    }

    package func envelope(server: Server.ID, id: Event.ID) throws(StoreFailure) -> [UInt8]? {
        try use { core throws(StoreFailure) in try core.envelope(server: server, id: id) }
    }

    package func feed(after position: UInt64, limit: Int) throws(StoreFailure) -> [FeedRow] {
        try use { core throws(StoreFailure) in try core.feed(after: position, limit: limit) }
    }

    package func lastFeedPosition() throws(StoreFailure) -> UInt64 {
        try use { core throws(StoreFailure) in try core.lastFeedPosition() }
    }

    package func epochKeys() throws(StoreFailure) -> [EpochKeyRow] {
        try use { core throws(StoreFailure) in try core.epochKeys() }
    }

    package func prekeys() throws(StoreFailure) -> [PrekeyRow] {
        try use { core throws(StoreFailure) in try core.prekeys() }
    }

    package func marks() throws(StoreFailure) -> [MarkRow] {
        try use { core throws(StoreFailure) in try core.marks() }
    }

    package func sent(
        principal: String, channel: Channel.ID, clientMessageID: String
    ) throws(StoreFailure) -> SentRow? {
        try use { core throws(StoreFailure) in
            try core.sent(
                principal: principal, channel: channel, clientMessageID: clientMessageID)
        }
    }

    package func setting(_ name: String) throws(StoreFailure) -> [UInt8]? {
        try use { core throws(StoreFailure) in try core.setting(name) }
    }

    package func settings(prefix: String) throws(StoreFailure) -> [Setting] {
        try use { core throws(StoreFailure) in try core.settings(prefix: prefix) }
    }

    package func missingChunks(_ search: ChunkSearch) throws(StoreFailure) -> MissingChunks {
        try use { core throws(StoreFailure) in try core.missingChunks(search) }
    }

    package func lose(_ chunks: [Chunk.ID]) throws(StoreFailure) {
        try use { core throws(StoreFailure) in try core.lose(chunks) }
    }

    /// Forgets what is kept for a while only: client message ids and announcements.
    package func prune(nowMilliseconds: UInt64) throws(StoreFailure) {
        try use { core throws(StoreFailure) in
            try core.pruneSent(nowMilliseconds: nowMilliseconds)
            try core.pruneFeed(nowMilliseconds: nowMilliseconds)
        }
    }

    package func settleHighWater() throws(StoreFailure) {
        try use { core throws(StoreFailure) in try core.settleHighWater() }
    }

    package func check() throws(StoreFailure) {
        try use { core throws(StoreFailure) in try core.check() }
    }

    /// Transactions so far; fewer than the batches when commits were grouped.
    package func transactionCount() throws(StoreFailure) -> Int {
        try use { core throws(StoreFailure) in core.transactions }
    }
}
