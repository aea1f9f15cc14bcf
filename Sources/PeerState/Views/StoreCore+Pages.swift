extension StoreCore {
    /// One message that can be read, or its tombstone.
    ///
    /// - Parameter withSealed: also one whose key is not here.
    package func message(
        _ id: Event.ID, withSealed: Bool = false
    ) throws(StoreFailure) -> StoredMessage? {
        try settleTexts()
        guard let place = try textPlace(of: id) else { return nil }
        if place.flags != nil { return try message(at: place.reference) }
        return withSealed ? try sealedMessage(at: place.reference) : nil
    }

    /// Messages, sealed ones too, whose id begins with these hexadecimal digits, by id.
    ///
    /// - Parameter hexPrefix: at most 64 digits; anything else finds nothing.
    package func messageIDs(
        startingWith hexPrefix: String, limit: Int
    ) throws(StoreFailure) -> [Event.ID] {
        try settleTexts()
        let digits = hexPrefix.lowercased()
        let missing = 2 * Event.ID.byteCount - digits.utf8.count
        guard missing >= 0,
            let low = [UInt8](hex: digits + String(repeating: "0", count: missing)),
            let high = [UInt8](hex: digits + String(repeating: "f", count: missing))
        else { return [] }
        return try database.rows(
            """
            SELECT e.id FROM events AS e
            WHERE substr(e.id, 1, 8) BETWEEN substr(?1, 1, 8) AND substr(?2, 1, 8)
                AND e.id BETWEEN ?1 AND ?2
                AND (EXISTS (SELECT 1 FROM texts AS t WHERE t.ref = e.ref)
                    OR EXISTS (SELECT 1 FROM sealed_texts AS x WHERE x.ref = e.ref))
            ORDER BY substr(e.id, 1, 8), e.id LIMIT ?3
            """, .blob(low), .blob(high), .integer(Int64(limit))
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }

    /// Messages of a channel from anywhere in it, in O(log n) and what is shown.
    ///
    /// - Parameters:
    ///   - thread: any message of a conversation, to see that alone.
    ///   - since: on the author's clock, bounded by when this node got the message; ms since 1970.
    ///   - withSealed: shows those whose key is not here, too; never for `.arrived`.
    /// - Errors: `conflict` when `.around` names a message that is not in the channel.
    package func messages(
        of channel: Channel.ID, in server: Server.ID, thread: Event.ID? = nil,
        _ anchor: TextAnchor, since: UInt64? = nil, withSealed: Bool = false, limit: Int
    ) throws(StoreFailure) -> TextPage {
        try settleTexts()
        guard let server = try knownReference(to: server),
            let reference = try knownReference(to: channel, in: server)
        else { return TextPage() }
        var scope = TextScope(channel: reference, since: since)
        if withSealed { scope.showsSealed = try hasSealed(in: reference) }
        if let thread {
            guard let root = try threadRoot(of: thread, scope) else {
                return try alone(thread, in: channel, anchor, scope)
            }
            scope.thread = root
        }
        if case .newest = anchor, thread == nil, since == nil, !scope.showsSealed {
            return try newestPage(scope, max(1, limit))
        }
        return try page(scope, anchor, max(1, limit), channel)
    }

    /// The end of a whole channel: nothing follows it, and all else lies before it.
    private func newestPage(
        _ scope: TextScope, _ limit: Int
    ) throws(StoreFailure) -> TextPage {
        var page = TextPage()
        page.messages = try messages(scope, .before, .highest, limit).reversed()
        let count = try textCount(of: scope.channel)
        let before = count - page.messages.count
        if count == Limits.textsCounted && before < Limits.remainingMax {
            let first = page.messages.first?.position ?? .highest
            page.remaining = try self.count(scope, .before, first, max: Limits.remainingMax)
        } else {
            page.remaining = min(before, Limits.remainingMax)
        }
        page.hasMoreBefore = page.remaining > 0
        return page
    }

    /// Counted once, and then with each text that is shown.
    private func textCount(of channel: Int64) throws(StoreFailure) -> Int {
        if let known = textCounts[channel] { return known }
        let found =
            try database.first(
                """
                SELECT count(*) FROM (SELECT 1 FROM texts INDEXED BY texts_order
                    WHERE channel = ?1 LIMIT ?2)
                """, .integer(channel), .integer(Int64(Limits.textsCounted))
            ) { Int($0.integer(0)) } ?? 0
        if textCounts.count >= Limits.cachedChannels { textCounts = [:] }
        textCounts[channel] = found
        return found
    }

    private func page(
        _ scope: TextScope, _ anchor: TextAnchor, _ limit: Int, _ channel: Channel.ID
    ) throws(StoreFailure) -> TextPage {
        var page = TextPage()
        switch anchor {
        case .oldest: page.messages = try messages(scope, .after, .lowest, limit)
        case .after(let place): page.messages = try messages(scope, .after, place, limit)
        case .newest: page.messages = try messages(scope, .before, .highest, limit).reversed()
        case .before(let place):
            page.messages = try messages(scope, .before, place, limit).reversed()
        case .around(let id):
            guard let centre = try message(id, withSealed: scope.showsSealed),
                centre.channel == channel
            else {
                throw StoreFailure(.conflict, "no such message in this channel")
            }
            let before = try messages(scope, .before, centre.position, limit / 2)
            page.messages = before.reversed() + [centre]
            page.messages += try messages(
                scope, .after, centre.position, limit - page.messages.count)
        case .arrived(let feed): return try arrivals(scope, after: feed, limit)
        }
        let isForward = anchor.isForward
        let first = page.messages.first?.position ?? anchor.place
        let last = page.messages.last?.position ?? anchor.place
        let before = try count(scope, .before, first, max: isForward ? 1 : Limits.remainingMax)
        let after = try count(scope, .after, last, max: isForward ? Limits.remainingMax : 1)
        page.hasMoreBefore = before > 0
        page.hasMoreAfter = after > 0
        page.remaining = isForward ? after : before
        return page
    }

    /// A message nobody replied to is a conversation of its own.
    private func alone(
        _ id: Event.ID, in channel: Channel.ID, _ anchor: TextAnchor, _ scope: TextScope
    ) throws(StoreFailure) -> TextPage {
        var page = TextPage()
        guard let message = try message(id, withSealed: scope.showsSealed),
            message.channel == channel
        else { return page }
        let isShown =
            switch anchor {
            case .newest, .oldest, .around: true
            case .after(let place): place < message.position
            case .before(let place): message.position < place
            case .arrived(let feed): message.feed > feed
            }
        if isShown { page.messages = [message] }
        return page
    }

    private func threadRoot(
        of id: Event.ID, _ scope: TextScope
    ) throws(StoreFailure) -> Int64? {
        let root = try database.first(
            """
            SELECT t.thread FROM events AS e CROSS JOIN texts AS t ON t.ref = e.ref
            WHERE substr(e.id, 1, 8) = substr(?1, 1, 8) AND e.id = ?1
            """, .identifier(id)
        ) { $0.isNull(0) ? nil : $0.integer(0) }
        if let root { return root }
        guard scope.showsSealed, let reference = try eventReference(id) else { return nil }
        return try sealedThread(of: reference) ?? nil
    }

    private func messages(
        _ scope: TextScope, _ direction: TextScope.Direction, _ place: OrderKey, _ limit: Int
    ) throws(StoreFailure) -> [StoredMessage] {
        let values: [SQLValue] =
            Self.values(scope, place) + [
                scope.since.map { .unsigned($0) } ?? .null,
                .unsigned(Limits.clockAheadMilliseconds), .integer(Int64(limit)),
            ]
        var found: [StoredMessage] = []
        for table in scope.tables {
            let sql = Self.texts.listing(of: scope, in: table, direction)
            try database.with(sql, values) { row throws(StoreFailure) in
                while try row.step() { found.append(try Self.message(row)) }
            }
        }
        guard scope.showsSealed else { return found }
        found.sort { left, right in
            direction == .after ? left.position < right.position : right.position < left.position
        }
        return Array(found.prefix(limit))
    }

    private func count(
        _ scope: TextScope, _ direction: TextScope.Direction, _ place: OrderKey, max: Int
    ) throws(StoreFailure) -> Int {
        var total = 0
        for table in scope.tables where total < max {
            total += try count(scope, table, direction, place, max: max - total)
        }
        return total
    }

    private func count(
        _ scope: TextScope, _ table: TextScope.Table, _ direction: TextScope.Direction,
        _ place: OrderKey, max: Int
    ) throws(StoreFailure) -> Int {
        // Most rows differ in lamport: those are counted without looking at anything else.
        let rows = """
            FROM \(table.name) AS t INDEXED BY \(scope.index(of: table))
            WHERE \(scope.condition)
            """
        let sql: SQLText = """
            SELECT min(?7, (
                SELECT count(*) FROM (
                    SELECT 1 \(rows) AND t.lamport \(direction.sign) ?2 LIMIT ?7)
            ) + (
                SELECT count(*) \(rows) AND \(direction.conditionOfSameLamport)))
            """
        let values = Self.values(scope, place) + [.integer(Int64(max))]
        return try database.with(sql, values) { row throws(StoreFailure) in
            try row.step() ? Int(row.integer(0)) : 0
        }
    }

    private static func values(_ scope: TextScope, _ place: OrderKey) -> [SQLValue] {
        [.integer(scope.thread ?? scope.channel)] + place.values
    }

    private func arrivals(
        _ scope: TextScope, after feed: UInt64, _ limit: Int
    ) throws(StoreFailure) -> TextPage {
        var page = TextPage()
        let sql: SQLText = """
            \(Self.messageColumns("texts_arrival")) WHERE t.channel = ?1 AND t.feed > ?2
            AND (?3 IS NULL OR min(t.wall_ms, t.stored_ms + ?4) >= ?3)
            AND (?5 IS NULL OR t.thread = ?5) ORDER BY t.feed LIMIT ?6
            """
        page.messages = try database.rows(
            sql, .integer(scope.channel), .unsigned(feed),
            scope.since.map { .unsigned($0) } ?? .null,
            .unsigned(Limits.clockAheadMilliseconds), .optional(scope.thread),
            .integer(Int64(limit))
        ) { row throws(StoreFailure) in try Self.message(row) }
        page.remaining =
            try database.first(
                """
                SELECT count(*) FROM (SELECT 1 FROM texts
                    WHERE channel = ?1 AND feed > ?2 LIMIT ?3)
                """, .integer(scope.channel), .unsigned(page.messages.last?.feed ?? feed),
                .integer(Int64(Limits.remainingMax))
            ) { Int($0.integer(0)) } ?? 0
        page.hasMoreAfter = page.remaining > 0
        return page
    }
}
