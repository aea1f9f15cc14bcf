extension StoreCore {
    /// What every channel's card shows of its messages; O(channels), whatever they hold.
    package func channelTotals(in server: Server.ID) throws(StoreFailure) -> [ChannelTotals] {
        try settleTexts()
        guard let reference = try knownReference(to: server) else { return [] }
        let rows = try database.rows(
            """
            SELECT c.id, c.last_seq, c.last_foreign, (
                SELECT t.ref FROM texts AS t INDEXED BY texts_order WHERE t.channel = c.ref
                ORDER BY t.lamport DESC, t.author_order DESC LIMIT 1)
            FROM channels AS c WHERE c.server = ?1 ORDER BY c.id
            """, .integer(reference)
        ) { row throws(StoreFailure) in
            (
                channel: try row.identifier(0) as Channel.ID, seq: row.unsigned(1),
                foreign: row.unsigned(2), newest: row.isNull(3) ? nil : row.integer(3)
            )
        }
        var totals: [ChannelTotals] = []
        for row in rows {
            let newest = try row.newest.flatMap { reference throws(StoreFailure) in
                try message(at: reference)
            }
            totals.append(
                ChannelTotals(
                    channel: row.channel, lastSeq: row.seq, lastForeignSeq: row.foreign,
                    newest: newest))
        }
        return totals
    }

    /// Messages that can be read in a server, without tombstones; reads an index in full.
    package func textCount(in server: Server.ID) throws(StoreFailure) -> Int {
        try settleTexts()
        guard let reference = try knownReference(to: server) else { return 0 }
        return try database.first(
            """
            SELECT count(*) FROM channels AS c
            CROSS JOIN texts AS t INDEXED BY texts_order ON t.channel = c.ref
            WHERE c.server = ?1 AND t.flags & 8 = 0
            """, .integer(reference)
        ) { Int($0.integer(0)) } ?? 0
    }

    /// Messages announced after a feed position, in order of arrival, over all servers.
    ///
    /// - Parameters:
    ///   - channels: `nil` = all.
    ///   - accepts: whether one counts; those it refuses are read over.
    package func arrivals(
        after feed: UInt64, channels: Set<Channel.ID>? = nil, limit: Int,
        where accepts: (StoredMessage) -> Bool = { _ in true }
    ) throws(StoreFailure) -> [StoredMessage] {
        try settleTexts()
        var found: [StoredMessage] = []
        var position = feed
        while found.count < limit {
            let step = try arrivals(after: position)
            guard let last = step.last else { break }
            position = last.feed
            for item in step where found.count < limit {
                guard let message = try message(at: item.reference),
                    !message.flags.contains(.deleted),
                    channels?.contains(message.channel) ?? true, accepts(message)
                else { continue }
                found.append(message)
            }
        }
        return found
    }

    private func arrivals(
        after feed: UInt64
    ) throws(StoreFailure) -> [(feed: UInt64, reference: Int64)] {
        try database.rows(
            """
            SELECT f.position, e.ref FROM feed AS f CROSS JOIN events AS e
                ON substr(e.id, 1, 8) = substr(f.event, 1, 8) AND e.id = f.event
            WHERE f.position > ?1 AND f.kind = 'MessageReceived'
            ORDER BY f.position LIMIT ?2
            """, .unsigned(feed), .integer(Int64(Limits.eventsPerStep))
        ) { ($0.unsigned(0), $0.integer(1)) }
    }

    /// Who a message names.
    package func mentions(of message: Event.ID) throws(StoreFailure) -> [Peer.ID] {
        try settleTexts()
        guard let reference = try eventReference(message) else { return [] }
        return try database.rows(
            """
            SELECT a.id FROM mentions AS m CROSS JOIN authors AS a ON a.ref = m.peer
            WHERE m.message = ?1 ORDER BY a.id
            """, .integer(reference)
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }
}
