extension StoreCore {
    /// Writes one batch inside the open transaction.
    func write(_ batch: StoreBatch) throws(StoreFailure) {
        for server in batch.erasedServers { try erase(server) }
        for id in batch.droppedEvents {
            try dropText(id)
            try database.run(
                "DELETE FROM events WHERE substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1",
                .identifier(id))
        }
        for key in batch.droppedPrekeys {
            try database.run("DELETE FROM prekeys WHERE public_key = ?1", .identifier(key))
        }
        for event in batch.events { try insert(event) }
        for row in batch.chunks { try insert(row) }
        for row in batch.feed { try insert(row) }
        for row in batch.epochKeys { try insert(row) }
        for row in batch.prekeys { try insert(row) }
        for row in batch.marks { try insert(row) }
        for row in batch.sent { try insert(row) }
        for setting in batch.settings { try write(setting) }
        for change in batch.addresses { try apply(change) }
    }

    func apply(_ changes: [TextChange]) throws(StoreFailure) {
        for change in changes { try apply(change) }
    }

    private func insert(_ event: StoredEvent) throws(StoreFailure) {
        let server = try reference(to: event.server)
        let author = try reference(to: event.author)
        try database.run(
            """
            INSERT INTO events(server, author, seq, lamport, kind, stored_ms, is_void, size, id,
                envelope)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
            """,
            .integer(server), .integer(author), .unsigned(event.seq), .unsigned(event.lamport),
            .unsigned(event.kind), .unsigned(event.storedAtMilliseconds),
            .integer(event.isVoid ? 1 : 0), .integer(Int64(event.envelope.count)),
            .identifier(event.id), .blob(event.envelope))
        guard let row = try database.insertedRow() else { return }
        freshPlaces[event.id] = TextPlace(
            reference: row, server: server, author: author, position: event.orderKey,
            storedMilliseconds: event.storedAtMilliseconds, flags: nil)
    }

    private func insert(_ row: FeedRow) throws(StoreFailure) {
        try database.run(
            "INSERT INTO feed VALUES (?1, ?2, ?3, ?4, ?5, ?6)", .unsigned(row.position),
            .integer(try reference(to: row.server)), .identifier(row.event), .text(row.kind),
            .unsigned(row.atMilliseconds), .unsigned(row.channelSeq))
    }

    private func insert(_ row: EpochKeyRow) throws(StoreFailure) {
        try database.run(
            "INSERT OR REPLACE INTO epoch_keys VALUES (?1, ?2, ?3, ?4)",
            .integer(try reference(to: row.server)), .identifier(row.channel),
            .identifier(row.epoch), .blob(row.key))
    }

    private func insert(_ row: PrekeyRow) throws(StoreFailure) {
        let event: SQLValue = row.event.map { .identifier($0) } ?? .null
        try database.run(
            "INSERT OR REPLACE INTO prekeys VALUES (?1, ?2, ?3, ?4, ?5)",
            .integer(try reference(to: row.server)), .identifier(row.publicKey), event,
            .blob(row.secret), .unsigned(row.createdAtMilliseconds))
    }

    private func insert(_ row: MarkRow) throws(StoreFailure) {
        tallies.forget(row.channel, by: row.principal)
        try database.run(
            "INSERT OR REPLACE INTO marks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            .text(row.principal), .integer(try reference(to: row.server)),
            .identifier(row.channel), .unsigned(row.position),
            row.order.map { .unsigned($0.lamport) } ?? .null,
            row.order.map { .identifier($0.author) } ?? .null,
            row.order.map { .unsigned($0.seq) } ?? .null,
            row.order.map { .identifier($0.id) } ?? .null)
    }

    private func insert(_ row: SentRow) throws(StoreFailure) {
        try database.run(
            "INSERT OR REPLACE INTO sent VALUES (?1, ?2, ?3, ?4, ?5, ?6)", .text(row.principal),
            .identifier(row.channel), .text(row.clientMessageID), .identifier(row.textHash),
            .identifier(row.event), .unsigned(row.atMilliseconds))
    }

    private func write(_ setting: Setting) throws(StoreFailure) {
        guard let value = setting.value else {
            return try database.run("DELETE FROM settings WHERE name = ?1", .text(setting.name))
        }
        try database.run(
            "INSERT OR REPLACE INTO settings VALUES (?1, ?2)", .text(setting.name), .blob(value))
    }

    private func erase(_ server: Server.ID) throws(StoreFailure) {
        guard let reference = try knownReference(to: server) else { return }
        try eraseTexts(of: reference)
        for table in ["events", "feed", "epoch_keys", "prekeys", "marks", "chunks"] {
            try database.run("DELETE FROM \(table) WHERE server = ?1", .integer(reference))
        }
        try database.run("DELETE FROM servers WHERE ref = ?1", .integer(reference))
        serverReferences[server] = nil
    }

    /// Forgets client message ids older than a week, and all but the latest 10,000.
    package func pruneSent(nowMilliseconds: UInt64) throws(StoreFailure) {
        let age = Limits.sentKeptFor.count
        let oldest = nowMilliseconds > age ? nowMilliseconds - age : 0
        try database.run("DELETE FROM sent WHERE at_ms < ?1", .unsigned(oldest))
        try database.run(
            """
            DELETE FROM sent WHERE at_ms < (
                SELECT at_ms FROM sent ORDER BY at_ms DESC LIMIT 1 OFFSET ?1)
            """, .integer(Int64(Limits.sentKept - 1)))
    }

    /// Forgets announcements that nobody asks for any more, the oldest first and a bounded number
    /// at once; the newest stays, as what follows is numbered after it.
    package func pruneFeed(nowMilliseconds: UInt64) throws(StoreFailure) {
        let last = try lastFeedPosition()
        let age = Limits.feedKeptFor.count
        let oldest = nowMilliseconds > age ? nowMilliseconds - age : 0
        let old = try database.first(
            "SELECT max(position) FROM feed WHERE at_ms < ?1", .unsigned(oldest)
        ) { $0.isNull(0) ? 0 : $0.unsigned(0) }
        let kept = UInt64(Limits.feedKept)
        let wanted = max(old ?? 0, last > kept ? last - kept : 0)
        let first = try firstFeedPosition()
        let through = min(wanted, last > 0 ? last - 1 : 0, first &+ Limits.feedPrunedAtOnce)
        if through >= first && first > 0 { try pruneFeed(through: through) }
    }

    /// Forgets announcements up to and including `position`; later positions stay as they are.
    package func pruneFeed(through position: UInt64) throws(StoreFailure) {
        try database.run("DELETE FROM feed WHERE position <= ?1", .unsigned(position))
    }

    // References to servers and authors are made on first use.

    func reference(to server: Server.ID) throws(StoreFailure) -> Int64 {
        if let known = serverReferences[server] { return known }
        let made = try reference(to: server.bytes, in: "servers")
        if serverReferences.count >= Limits.cachedReferences { serverReferences = [:] }
        serverReferences[server] = made
        return made
    }

    func reference(to author: Peer.ID) throws(StoreFailure) -> Int64 {
        if let known = authorReferences[author] { return known }
        let made = try reference(to: author.bytes, in: "authors")
        if authorReferences.count >= Limits.cachedReferences { authorReferences = [:] }
        authorReferences[author] = made
        return made
    }

    private func reference(to id: [UInt8], in table: String) throws(StoreFailure) -> Int64 {
        let select: SQLText = "SELECT ref FROM \(table) WHERE id = ?1"
        if let known = try database.first(select, .blob(id), decode: { $0.integer(0) }) {
            return known
        }
        try database.run("INSERT INTO \(table)(id) VALUES (?1)", .blob(id))
        guard let made = try database.first(select, .blob(id), decode: { $0.integer(0) }) else {
            throw StoreFailure(.corrupt, "a row just written is not there")
        }
        return made
    }

    /// `nil` when nothing of the server is stored.
    func knownReference(to server: Server.ID) throws(StoreFailure) -> Int64? {
        if let known = serverReferences[server] { return known }
        let sql: SQLText = "SELECT ref FROM servers WHERE id = ?1"
        return try database.first(sql, .identifier(server)) { $0.integer(0) }
    }

    /// `nil` when nothing of the author is stored.
    func knownReference(to author: Peer.ID) throws(StoreFailure) -> Int64? {
        if let known = authorReferences[author] { return known }
        let sql: SQLText = "SELECT ref FROM authors WHERE id = ?1"
        return try database.first(sql, .identifier(author)) { $0.integer(0) }
    }
}
