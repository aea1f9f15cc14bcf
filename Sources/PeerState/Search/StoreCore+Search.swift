extension StoreCore {
    /// Finds messages that can be read, newest first.
    ///
    /// Newest is what this node stored last: an order that never changes, so a cursor stays good.
    /// Tombstones and channels that are not among the places are never looked at.
    package func search(_ request: SearchRequest) throws(StoreFailure) -> SearchPage {
        try settleTexts()
        var page = SearchPage()
        guard request.limit > 0, let scope = try searchScope(of: request) else { return page }
        let found = try find(request, scope)
        for item in found.rows.prefix(request.limit) {
            guard let message = try message(at: item.reference) else { continue }
            let snippet =
                item.snippet.map { SearchHit.Snippet(marked: $0) }
                ?? SearchHit.Snippet(beginning: message.text)
            page.hits.append(
                SearchHit(message: message, snippet: snippet, place: UInt64(item.reference)))
        }
        if found.count > request.limit {
            page.cursor = found.rows.last.map { UInt64($0.reference) }
        }
        if request.cursor == nil {
            page.total =
                found.count <= request.limit
                ? found.count : min(found.count, Limits.searchTotalMax)
        }
        return page
    }

    private struct Found {
        /// Those of the page.
        var rows: [(reference: Int64, snippet: String?)] = []
        /// Of all that match, as far as that was asked for.
        var count = 0
    }

    /// Walks the index once, for the page and for the count.
    private func find(
        _ request: SearchRequest, _ scope: SearchScope
    ) throws(StoreFailure) -> Found {
        let snippet =
            scope.expression.hasWords
            ? """
            CASE WHEN is_wanted() THEN
                snippet(search, 0, char(1), char(2), '…', \(Limits.snippetWords)) END
            """ : "NULL"
        let (sql, values) = Self.condition(of: request, scope)
        let statement: SQLText = "SELECT t.ref, \(snippet) \(sql)"
        let last = request.cursor.map { Int64(clamping: $0) - 1 } ?? .max
        let goal =
            request.cursor == nil
            ? max(request.limit + 1, Limits.searchTotalMax) : request.limit + 1
        var found = Found()
        for rows in try ranges(of: request) where found.count < goal && rows.lowerBound <= last {
            database.wanted.isSet = found.count < request.limit
            defer { database.wanted.isSet = true }
            let bounds = values(rows.lowerBound, min(rows.upperBound, last), goal - found.count)
            try database.with(statement, bounds) { row throws(StoreFailure) in
                while try row.step() {
                    found.count += 1
                    guard found.count <= request.limit else { continue }
                    found.rows.append((row.integer(0), row.isNull(1) ? nil : row.text(1)))
                    database.wanted.isSet = found.count < request.limit
                }
            }
        }
        return found
    }

    private func ranges(of request: SearchRequest) throws(StoreFailure) -> [ClosedRange<Int64>] {
        guard request.since != nil || request.before != nil else { return [0...Int64.max] }
        if !searchTimes.isComplete {
            try database.with(
                "SELECT ref, wall_ms, stored_ms FROM texts INDEXED BY texts_facts ORDER BY ref"
            ) { row throws(StoreFailure) in
                while try row.step() {
                    searchTimes.note(
                        row.integer(0),
                        SearchTimes.shown(wall: row.unsigned(1), stored: row.unsigned(2)))
                }
            }
            searchTimes.isComplete = true
        }
        return searchTimes.rows(since: request.since, before: request.before)
    }

    /// What follows the columns, and its parameters for the first and last row and a limit.
    ///
    /// The sign before the channel keeps the index from being asked once per channel.
    private static func condition(
        of request: SearchRequest, _ scope: SearchScope
    ) -> (sql: String, values: (Int64, Int64, Int) -> [SQLValue]) {
        var sql = """
            FROM search CROSS JOIN texts AS t INDEXED BY texts_facts ON t.ref = search.rowid
            WHERE search MATCH ?1 AND search.rowid >= ?8 AND search.rowid <= ?2
            AND +t.channel IN (SELECT value FROM json_each(?3))
            AND (?4 IS NULL OR min(t.wall_ms, t.stored_ms + ?6) >= ?4)
            AND (?5 IS NULL OR min(t.wall_ms, t.stored_ms + ?6) < ?5)
            """
        var extra: [SQLValue] = []
        for term in request.terms where !term.isIndexed {
            extra.append(.text(term.text))
            let sign = term.isExcluded ? "=" : ">"
            sql += " AND instr(t.text, ?\(8 + extra.count)) \(sign) 0"
        }
        if !scope.partners.authors.isEmpty {
            sql += scope.partners.condition(first: 9 + extra.count)
            extra += scope.partners.values
        }
        sql += " ORDER BY search.rowid DESC LIMIT ?7"
        let channels = "[" + scope.channels.map { String($0) }.joined(separator: ",") + "]"
        let expression = scope.expression.text
        return (
            sql,
            { first, last, limit in
                [
                    .text(expression), .integer(last), .text(channels),
                    request.since.map { .unsigned($0) } ?? .null,
                    request.before.map { .unsigned($0) } ?? .null,
                    .unsigned(Limits.clockAheadMilliseconds), .integer(Int64(limit)),
                    .integer(first),
                ] + extra
            }
        )
    }
}
