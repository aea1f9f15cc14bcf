extension StoreCore {
    /// Events of one author by (seq, id), both ends included.
    package func envelopes(
        server: Server.ID, author: Peer.ID, from: UInt64, to: UInt64, maxBytes: Int, maxCount: Int
    ) throws(StoreFailure) -> [StoredEvent] {
        let range = EventRange(author: author, from: from, through: to)
        let page = try page(
            of: server, ranges: [range], maxBytes: maxBytes, maxCount: maxCount)
        return page.events
    }

    /// The next events of several ranges, merged into canonical order, and what then remains.
    ///
    /// Merging compares the heads of the ranges, each in order of (seq, id). That is canonical
    /// order as lamport grows with seq; only the branches of a forked author may interleave
    /// differently, each still after what it rests on in its own chain.
    /// - Bounds: the envelopes are at most `maxBytes` together, so that a page may be empty though
    ///   something remains; at most `maxCount` events.
    package func page(
        of server: Server.ID, ranges: [EventRange], maxBytes: Int, maxCount: Int
    ) throws(StoreFailure) -> EventPage {
        guard let reference = try knownReference(to: server) else {
            return EventPage(events: [], remaining: [])
        }
        var cursors: [ChainCursor] = []
        for range in ranges {
            guard let author = try knownReference(to: range.author) else { continue }
            var cursor = ChainCursor(range: range, server: reference, author: author)
            try cursor.fill(from: database)
            cursors.append(cursor)
        }
        var events: [StoredEvent] = []
        var byteCount = 0
        while let next = Self.first(cursors), let head = cursors[next].head {
            guard events.count < maxCount, byteCount + head.size <= maxBytes else { break }
            events.append(try event(head.reference, of: server))
            byteCount += head.size
            cursors[next].advance()
            try cursors[next].fill(from: database)
        }
        let remaining = cursors.filter { $0.head != nil }.map(\.range)
        return EventPage(events: events, remaining: remaining)
    }

    /// The cursor whose head comes first in canonical order.
    private static func first(_ cursors: [ChainCursor]) -> Int? {
        var best: (index: Int, key: OrderKey)?
        for (index, cursor) in cursors.enumerated() {
            guard let key = cursor.head?.key else { continue }
            if let found = best, found.key < key { continue }
            best = (index, key)
        }
        return best?.index
    }

    /// Number and size of what `ranges` hold, for a PreSync.
    package func totals(
        of server: Server.ID, ranges: [EventRange]
    ) throws(StoreFailure) -> EventTotals {
        var totals = EventTotals()
        guard let reference = try knownReference(to: server) else { return totals }
        for range in ranges {
            guard let author = try knownReference(to: range.author) else { continue }
            let part = try database.first(
                """
                SELECT count(*), total(size) FROM events
                WHERE server = ?1 AND author = ?2 AND seq <= ?3 AND (seq, id) > (?4, ?5)
                """, .integer(reference), .integer(author), .unsigned(range.through),
                .unsigned(range.from), .blob(range.after?.bytes ?? [])
            ) { EventTotals(count: $0.unsigned(0), bytes: $0.unsigned(1)) }
            totals.count += part?.count ?? 0
            totals.bytes += part?.bytes ?? 0
        }
        return totals
    }
}
