extension StoreCore {
    /// Finds messages that can be read, newest first.
    ///
    /// Newest is what this node stored last: an order that never changes, so a cursor stays good.
    /// Tombstones and channels that are not among the places are never looked at.
    package func search(_ request: SearchRequest) throws(StoreFailure) -> SearchPage {
        try settleTexts()
        var page = SearchPage()
        guard request.limit > 0, let scope = try scope(of: request) else { return page }
        let (sql, values) = Self.condition(of: request, scope)
        let snippet =
            scope.expression.hasWords
            ? "snippet(search, 0, char(1), char(2), '…', \(Limits.snippetWords))" : "NULL"
        let found = try database.with(
            "SELECT t.ref, \(snippet) \(sql) ORDER BY search.rowid DESC LIMIT ?7",
            values(request.cursor, request.limit + 1)
        ) { row throws(StoreFailure) in
            var found: [(reference: Int64, snippet: String?)] = []
            while try row.step() {
                found.append((row.integer(0), row.isNull(1) ? nil : row.text(1)))
            }
            return found
        }
        for item in found.prefix(request.limit) {
            guard let message = try message(at: item.reference) else { continue }
            let snippet =
                item.snippet.map { SearchHit.Snippet(marked: $0) }
                ?? SearchHit.Snippet(beginning: message.text)
            page.hits.append(
                SearchHit(message: message, snippet: snippet, place: UInt64(item.reference)))
        }
        if found.count > request.limit {
            page.cursor = found.prefix(request.limit).last.map { UInt64($0.reference) }
        }
        if request.cursor == nil {
            page.total = found.count <= request.limit ? found.count : try total(sql, values)
        }
        return page
    }

    private func total(
        _ sql: String, _ values: (UInt64?, Int) -> [SQLValue]
    ) throws(StoreFailure) -> Int {
        try database.with(
            "SELECT count(*) FROM (SELECT 1 \(sql) LIMIT ?7)", values(nil, Limits.searchTotalMax)
        ) { row throws(StoreFailure) in try row.step() ? Int(row.integer(0)) : 0 }
    }

    private struct SearchScope {
        let expression: SearchExpression
        let channels: [Int64]
        let partners: [Int64]
    }

    /// Row numbers for the names in a request; `nil` when nothing can match.
    private func scope(of request: SearchRequest) throws(StoreFailure) -> SearchScope? {
        var servers: Set<Int64> = []
        var channels: [Int64] = []
        for place in request.places {
            guard let server = try knownReference(to: place.server),
                let channel = try knownReference(to: place.channel, in: server)
            else { continue }
            servers.insert(server)
            channels.append(channel)
        }
        let partners = try references(to: request.partners)
        guard !channels.isEmpty, partners.count == request.partners.count else { return nil }
        var facets: [[String]] = []
        if channels.count <= Limits.searchChannelFacets {
            facets.append(channels.map { "c\($0)" })
        } else {
            facets.append(servers.sorted().map { "s\($0)" })
        }
        if let authors = request.authors {
            let known = try references(to: authors.sorted())
            guard !known.isEmpty else { return nil }
            facets.append(known.map { "a\($0)" })
        }
        facets += Self.facets(request.required).map { [$0] }
        let excluded = try references(to: request.excludedAuthors.sorted()).map { "a\($0)" }
        let expression = SearchExpression(
            request.terms, facets: facets,
            excludedFacets: excluded + Self.facets(request.excluded))
        return SearchScope(expression: expression, channels: channels, partners: partners)
    }

    private func references(to peers: [Peer.ID]) throws(StoreFailure) -> [Int64] {
        var found: [Int64] = []
        for peer in peers {
            if let reference = try knownReference(to: peer) { found.append(reference) }
        }
        return found
    }

    private static func facets(_ flags: TextFlags) -> [String] {
        let names: [(TextFlags, String)] = [(.file, "hf"), (.link, "hl"), (.mention, "hm")]
        return names.filter { flags.contains($0.0) }.map(\.1)
    }

    /// What follows the columns, and its parameters for a cursor and a limit.
    ///
    /// The sign before the channel keeps the index from being asked once per channel.
    private static func condition(
        of request: SearchRequest, _ scope: SearchScope
    ) -> (sql: String, values: (UInt64?, Int) -> [SQLValue]) {
        var sql = """
            FROM search CROSS JOIN texts AS t INDEXED BY texts_facts ON t.ref = search.rowid
            WHERE search MATCH ?1 AND search.rowid < ?2
            AND +t.channel IN (SELECT value FROM json_each(?3))
            AND (?4 IS NULL OR min(t.wall_ms, t.stored_ms + ?6) >= ?4)
            AND (?5 IS NULL OR min(t.wall_ms, t.stored_ms + ?6) < ?5)
            """
        var extra: [SQLValue] = []
        for term in request.terms where !term.isIndexed {
            extra.append(.text(term.text))
            let sign = term.isExcluded ? "=" : ">"
            sql += " AND instr(t.text, ?\(7 + extra.count)) \(sign) 0"
        }
        for partner in scope.partners {
            extra.append(.integer(partner))
            sql += """
                 AND (t.author = ?\(7 + extra.count) OR EXISTS (
                    SELECT 1 FROM texts AS o INDEXED BY texts_partakers
                    WHERE o.thread = t.thread AND o.author = ?\(7 + extra.count)
                        AND o.flags & 8 = 0))
                """
        }
        let channels = "[" + scope.channels.map { String($0) }.joined(separator: ",") + "]"
        let expression = scope.expression.text
        return (
            sql,
            { cursor, limit in
                [
                    .text(expression), .integer(cursor.map { Int64(clamping: $0) } ?? .max),
                    .text(channels), request.since.map { .unsigned($0) } ?? .null,
                    request.before.map { .unsigned($0) } ?? .null,
                    .unsigned(Limits.clockAheadMilliseconds), .integer(Int64(limit)),
                ] + extra
            }
        )
    }
}
