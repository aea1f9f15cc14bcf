extension StoreCore {
    /// Messages that count for a principal (?8): not deleted, not history, not his own.
    private static let counts = """
        t.flags & 40 = 0 AND (t.flags & 2 = 0 OR t.principal <> ?8)
        """

    /// What a principal has not read, for every channel of a server with something unread.
    ///
    /// Reads the unread part of the indexes alone.
    package func unread(
        in server: Server.ID, by principal: String
    ) throws(StoreFailure) -> [ChannelUnread] {
        try settleTexts()
        guard let reference = try knownReference(to: server) else { return [] }
        let channels = try database.rows(
            "SELECT ref, id FROM channels WHERE server = ?1 ORDER BY id", .integer(reference)
        ) { row throws(StoreFailure) in
            (reference: row.integer(0), id: try row.identifier(1) as Channel.ID)
        }
        var result: [ChannelUnread] = []
        for channel in channels {
            let mark = try mark(channel.id, reference, principal)
            let found = try unread(channel.reference, channel.id, mark, principal)
            if found.unread > 0 { result.append(found) }
        }
        return result
    }

    package func unread(
        of channel: Channel.ID, in server: Server.ID, by principal: String
    ) throws(StoreFailure) -> ChannelUnread {
        try settleTexts()
        guard let server = try knownReference(to: server),
            let reference = try knownReference(to: channel, in: server)
        else { return ChannelUnread(channel: channel, unread: 0, mentions: 0) }
        return try unread(
            reference, channel, try mark(channel, server, principal), principal)
    }

    private func unread(
        _ reference: Int64, _ channel: Channel.ID, _ mark: Mark, _ principal: String
    ) throws(StoreFailure) -> ChannelUnread {
        var unread = 0
        var mentions = 0
        for part in Self.parts(of: mark) {
            let sql: SQLText = """
                SELECT count(*), count(nullif(t.flags & 1, 0))
                FROM texts AS t INDEXED BY \(part.index)
                WHERE t.channel = ?1 AND \(part.condition) AND \(Self.counts)
                """
            let values = Self.values(reference, mark, principal)
            let found = try database.with(sql, values) { row throws(StoreFailure) in
                try row.step() ? (Int(row.integer(0)), Int(row.integer(1))) : (0, 0)
            }
            unread += found.0
            mentions += found.1
        }
        return ChannelUnread(channel: channel, unread: unread, mentions: mentions)
    }

    /// The oldest messages a principal has not read, in display order (in order of arrival while
    /// his mark has no order).
    package func unreadMessages(
        of channel: Channel.ID, in server: Server.ID, by principal: String, limit: Int
    ) throws(StoreFailure) -> [StoredMessage] {
        try settleTexts()
        guard let server = try knownReference(to: server),
            let reference = try knownReference(to: channel, in: server)
        else { return [] }
        let mark = try mark(channel, server, principal)
        var found: [StoredMessage] = []
        for part in Self.parts(of: mark) where found.count < limit {
            let sql: SQLText = """
                \(Self.messageColumns(part.index)) WHERE t.channel = ?1 AND \(part.condition)
                AND \(Self.counts) ORDER BY \(part.order) LIMIT ?9
                """
            let values = Self.values(reference, mark, principal)
            found += try database.with(
                sql, values + [.integer(Int64(limit - found.count))]
            ) { row throws(StoreFailure) in
                var found: [StoredMessage] = []
                while try row.step() { found.append(try Self.message(row)) }
                return found
            }
        }
        return found
    }

    /// The first message a principal has not read; `nil` when there is none.
    package func firstUnread(
        of channel: Channel.ID, in server: Server.ID, by principal: String
    ) throws(StoreFailure) -> StoredMessage? {
        try unreadMessages(of: channel, in: server, by: principal, limit: 1).first
    }

    /// A mark that makes a message, and all before it, read as of the feed position `now`.
    ///
    /// - Returns: `nil` when the message is not shown here.
    package func mark(
        for principal: String, upTo message: Event.ID, now: UInt64
    ) throws(StoreFailure) -> MarkRow? {
        guard let message = try self.message(message) else { return nil }
        return MarkRow(
            principal: principal, server: message.server, channel: message.channel, position: now,
            order: message.position)
    }

    private struct Mark {
        var position: UInt64 = 0
        var order: OrderKey?
    }

    private func mark(
        _ channel: Channel.ID, _ server: Int64, _ principal: String
    ) throws(StoreFailure) -> Mark {
        try database.first(
            """
            SELECT position, lamport, author, seq, event FROM marks
            WHERE principal = ?1 AND server = ?2 AND channel = ?3
            """, .text(principal), .integer(server), .identifier(channel)
        ) { row throws(StoreFailure) in
            Mark(position: row.unsigned(0), order: try Self.order(row, at: 1))
        } ?? Mark()
    }

    /// Disjoint parts of what is unread; with an order, what came late stands before the rest.
    private static func parts(
        of mark: Mark
    ) -> [(index: String, condition: String, order: String)] {
        guard mark.order != nil else { return [("texts_arrival", "t.feed > ?7", "t.feed")] }
        let byOrder = "t.lamport, t.author_order, a.id, t.seq, e.id"
        return [
            (
                "texts_late",
                "t.flags & 16 AND t.feed > ?7 AND NOT (\(TextScope.Direction.after.condition))",
                byOrder
            ),
            ("texts_order", TextScope.Direction.after.condition, byOrder),
        ]
    }

    private static func values(
        _ channel: Int64, _ mark: Mark, _ principal: String
    ) -> [SQLValue] {
        [.integer(channel)] + (mark.order ?? .lowest).values
            + [.unsigned(mark.position), .text(principal)]
    }
}
