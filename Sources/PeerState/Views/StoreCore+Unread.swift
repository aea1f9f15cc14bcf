extension StoreCore {
    /// Messages that count for a principal (?8): not deleted, not history, not his own.
    private static let counts = """
        t.flags & 40 = 0 AND (t.flags & 2 = 0 OR t.principal <> ?8)
        """

    /// What a principal has not read, for every channel of a server with something unread.
    ///
    /// Reads what arrived since the last time, and else the unread part of the indexes.
    package func unread(
        in server: Server.ID, by principal: String
    ) throws(StoreFailure) -> [ChannelUnread] {
        try settleCounting(for: principal)
        guard let reference = try knownReference(to: server) else { return [] }
        let channels = try database.rows(
            "SELECT ref, id FROM channels WHERE server = ?1 ORDER BY id", .integer(reference)
        ) { row throws(StoreFailure) in
            (reference: row.integer(0), id: try row.identifier(1) as Channel.ID)
        }
        var result: [ChannelUnread] = []
        for channel in channels {
            let found = try unread(channel.reference, channel.id, reference, principal)
            if found.unread > 0 { result.append(found) }
        }
        return result
    }

    package func unread(
        of channel: Channel.ID, in server: Server.ID, by principal: String
    ) throws(StoreFailure) -> ChannelUnread {
        try settleCounting(for: principal)
        guard let server = try knownReference(to: server),
            let reference = try knownReference(to: channel, in: server)
        else { return ChannelUnread(channel: channel, unread: 0, mentions: 0) }
        return try unread(reference, channel, server, principal)
    }

    /// Writes texts that wait, unless none of them can be unread by the principal.
    private func settleCounting(for principal: String) throws(StoreFailure) {
        if deferred.canCount(for: principal) { try settleTexts() }
    }

    private func unread(
        _ reference: Int64, _ channel: Channel.ID, _ server: Int64, _ principal: String
    ) throws(StoreFailure) -> ChannelUnread {
        let known = tallies.tally(of: channel, by: principal)
        if let known, !known.isBehind { return ChannelUnread(channel, known.tally) }
        let last =
            try database.first(
                "SELECT max(feed) FROM texts INDEXED BY texts_arrival WHERE channel = ?1",
                .integer(reference)
            ) { $0.unsigned(0) } ?? 0
        var tally: UnreadTallies.Tally
        if let known {
            tally = known.tally
        } else {
            tally = UnreadTallies.Tally(
                mark: try mark(channel, server, principal), feed: last)
        }
        let mark = tally.mark
        let parts = known == nil ? Self.parts(of: mark) : [Self.arrived(since: mark)]
        let values = Self.values(reference, mark, principal)
        for part in parts {
            let sql: SQLText = """
                SELECT count(*), count(nullif(t.flags & 1, 0))
                FROM texts AS t INDEXED BY \(part.index)
                WHERE t.channel = ?1 AND \(part.condition) AND \(Self.counts)
                """
            let more: [SQLValue] = known == nil ? [] : [.unsigned(max(tally.feed, mark.floor))]
            let found = try database.with(sql, values + more) { row throws(StoreFailure) in
                try row.step() ? (Int(row.integer(0)), Int(row.integer(1))) : (0, 0)
            }
            tally.unread += found.0
            tally.mentions += found.1
        }
        tally.feed = last
        tallies.keep(tally, of: channel, by: principal, last: last)
        return ChannelUnread(channel, tally)
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

    private typealias Mark = UnreadTallies.Mark

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

    /// The part of what is unread that arrived after ?9.
    private static func arrived(
        since mark: Mark
    ) -> (index: String, condition: String, order: String) {
        guard mark.order != nil else { return ("texts_arrival", "t.feed > ?9", "t.feed") }
        let after = TextScope.Direction.after.condition
        return (
            "texts_arrival",
            "t.feed > ?9 AND ((t.flags & 16 AND t.feed > ?7) OR (\(after)))", "t.feed"
        )
    }

    private static func values(
        _ channel: Int64, _ mark: Mark, _ principal: String
    ) -> [SQLValue] {
        [.integer(channel)] + (mark.order ?? .lowest).values
            + [.unsigned(mark.position), .text(principal)]
    }
}

extension UnreadTallies.Mark {
    /// What arrived up to here is read, whatever it is.
    fileprivate var floor: UInt64 { order == nil ? position : 0 }
}

extension ChannelUnread {
    fileprivate init(_ channel: Channel.ID, _ tally: UnreadTallies.Tally) {
        self.init(channel: channel, unread: tally.unread, mentions: tally.mentions)
    }
}
