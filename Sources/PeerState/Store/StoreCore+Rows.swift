extension StoreCore {
    /// Announcements after `position`, oldest first.
    package func feed(after position: UInt64, limit: Int) throws(StoreFailure) -> [FeedRow] {
        try database.rows(
            """
            SELECT f.position, s.id, f.event, f.kind, f.at_ms, f.channel_seq
            FROM feed AS f CROSS JOIN servers AS s ON s.ref = f.server
            WHERE f.position > ?1 ORDER BY f.position LIMIT ?2
            """, .unsigned(position), .integer(Int64(limit))
        ) { row throws(StoreFailure) in
            FeedRow(
                position: row.unsigned(0), server: try row.identifier(1),
                event: try row.identifier(2), kind: row.text(3), atMilliseconds: row.unsigned(4),
                channelSeq: row.unsigned(5))
        }
    }

    /// 0 when nothing was announced yet.
    package func lastFeedPosition() throws(StoreFailure) -> UInt64 {
        try database.first("SELECT max(position) FROM feed") { $0.unsigned(0) } ?? 0
    }

    package func epochKeys() throws(StoreFailure) -> [EpochKeyRow] {
        try database.rows(
            """
            SELECT s.id, k.channel, k.epoch, k.key
            FROM epoch_keys AS k JOIN servers AS s ON s.ref = k.server
            ORDER BY s.id, k.channel, k.epoch
            """
        ) { row throws(StoreFailure) in
            EpochKeyRow(
                server: try row.identifier(0), channel: try row.identifier(1),
                epoch: try row.identifier(2), key: row.bytes(3))
        }
    }

    /// Oldest first.
    package func prekeys() throws(StoreFailure) -> [PrekeyRow] {
        try database.rows(
            """
            SELECT s.id, p.event, p.public_key, p.secret, p.created_ms
            FROM prekeys AS p JOIN servers AS s ON s.ref = p.server
            ORDER BY p.created_ms, s.id, p.public_key
            """
        ) { row throws(StoreFailure) in
            PrekeyRow(
                server: try row.identifier(0),
                event: row.isNull(1) ? nil : try row.identifier(1),
                publicKey: try row.identifier(2), secret: row.bytes(3),
                createdAtMilliseconds: row.unsigned(4))
        }
    }

    package func marks() throws(StoreFailure) -> [MarkRow] {
        try database.rows(
            """
            SELECT m.principal, s.id, m.channel, m.position, m.lamport, m.author, m.seq, m.event
            FROM marks AS m JOIN servers AS s ON s.ref = m.server
            ORDER BY m.principal, s.id, m.channel
            """
        ) { row throws(StoreFailure) in
            MarkRow(
                principal: row.text(0), server: try row.identifier(1),
                channel: try row.identifier(2), position: row.unsigned(3),
                order: try Self.order(row, at: 4))
        }
    }

    /// What was sent under this id of the client, if it is remembered.
    package func sent(
        principal: String, channel: Channel.ID, clientMessageID: String
    ) throws(StoreFailure) -> SentRow? {
        try database.first(
            """
            SELECT text_hash, event, at_ms FROM sent
            WHERE principal = ?1 AND channel = ?2 AND client_id = ?3
            """, .text(principal), .identifier(channel), .text(clientMessageID)
        ) { row throws(StoreFailure) in
            SentRow(
                principal: principal, channel: channel, clientMessageID: clientMessageID,
                textHash: try row.identifier(0), event: try row.identifier(1),
                atMilliseconds: row.unsigned(2))
        }
    }

    /// Every message remembered under a client's own id; at most `Limits.sentKept` after pruning.
    package func sentRows() throws(StoreFailure) -> [SentRow] {
        try database.rows(
            "SELECT principal, channel, client_id, text_hash, event, at_ms FROM sent"
        ) { row throws(StoreFailure) in
            SentRow(
                principal: row.text(0), channel: try row.identifier(1),
                clientMessageID: row.text(2),
                textHash: try row.identifier(3), event: try row.identifier(4),
                atMilliseconds: row.unsigned(5))
        }
    }

    package func setting(_ name: String) throws(StoreFailure) -> [UInt8]? {
        try database.first("SELECT value FROM settings WHERE name = ?1", .text(name)) {
            $0.bytes(0)
        }
    }

    /// Every setting whose name begins so, by name (bytes).
    package func settings(prefix: String) throws(StoreFailure) -> [Setting] {
        // No UTF-8 text sorts after U+10FFFF.
        try database.rows(
            """
            SELECT name, value FROM settings
            WHERE name >= ?1 AND name < ?1 || char(1114111) ORDER BY name
            """, .text(prefix)
        ) { Setting(name: $0.text(0), value: $0.bytes(1)) }
    }
}
