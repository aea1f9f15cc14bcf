extension StoreCore {
    /// Servers with at least one event, by id.
    package func loadServers() throws(StoreFailure) -> [Server.ID] {
        try database.rows(
            """
            SELECT id FROM servers WHERE EXISTS
                (SELECT 1 FROM events WHERE events.server = servers.ref) ORDER BY id
            """
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }

    /// Hands over every event of a server in canonical order: (lamport, author, seq, id).
    ///
    /// - Errors: those of the store and of `body`, which ends the walk.
    package func forEachEvent(
        of server: Server.ID, _ body: (StoredEvent) throws -> Void
    ) throws {
        var last: OrderKey?
        while true {
            let events = try events(of: server, after: last)
            guard let end = events.last else { return }
            for event in events { try body(event) }
            last = end.orderKey
        }
    }

    /// The next events of a server in canonical order; empty after the last.
    ///
    /// - Parameter after: of the last event had; `nil` = from the beginning.
    /// - Bound: stops after `maxCount` events or when a mebibyte is reached.
    package func events(
        of server: Server.ID, after: OrderKey?, maxCount: Int = Limits.eventsPerStep
    ) throws(StoreFailure) -> [StoredEvent] {
        guard let reference = try knownReference(to: server) else { return [] }
        let start: [SQLValue] =
            if let after {
                [
                    .unsigned(after.lamport), .identifier(after.author), .unsigned(after.seq),
                    .identifier(after.id),
                ]
            } else {
                [.integer(0), .blob([]), .integer(0), .blob([])]
            }
        let sql: SQLText = """
            SELECT a.id, e.id, e.seq, e.lamport, e.kind, e.stored_ms, e.is_void, e.envelope
            FROM events AS e INDEXED BY events_order CROSS JOIN authors AS a
            WHERE e.server = ?1 AND e.lamport >= ?2 AND a.ref = e.author
                AND (e.lamport, a.id, e.seq, e.id) > (?2, ?3, ?4, ?5)
            ORDER BY e.lamport, a.id, e.seq, e.id
            """
        return try database.with(sql, [.integer(reference)] + start) { row throws(StoreFailure) in
            var events: [StoredEvent] = []
            var byteCount = 0
            while events.count < maxCount, byteCount < Limits.bytesPerStep, try row.step() {
                let event = try Self.event(row, of: server)
                byteCount += event.envelope.count
                events.append(event)
            }
            return events
        }
    }

    static func event(
        _ row: borrowing Statement, of server: Server.ID
    ) throws(StoreFailure) -> StoredEvent {
        StoredEvent(
            id: try row.identifier(1), server: server, author: try row.identifier(0),
            seq: row.unsigned(2), lamport: row.unsigned(3), kind: row.unsigned(4),
            envelope: row.bytes(7), storedAtMilliseconds: row.unsigned(5),
            isVoid: row.integer(6) != 0)
    }

    /// The stored envelope, `nil` when there is none with this id in this server.
    package func envelope(
        server: Server.ID, id: Event.ID
    ) throws(StoreFailure) -> [UInt8]? {
        guard let reference = try knownReference(to: server) else { return nil }
        return try database.first(
            """
            SELECT envelope FROM events
            WHERE substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1 AND server = ?2
            """, .identifier(id),
            .integer(reference)
        ) { $0.bytes(0) }
    }

    /// The event of one row of the table.
    func event(_ reference: Int64, of server: Server.ID) throws(StoreFailure) -> StoredEvent {
        let event = try database.first(
            """
            SELECT a.id, e.id, e.seq, e.lamport, e.kind, e.stored_ms, e.is_void, e.envelope
            FROM events AS e CROSS JOIN authors AS a WHERE e.ref = ?1 AND a.ref = e.author
            """, .integer(reference)
        ) { row throws(StoreFailure) in try Self.event(row, of: server) }
        guard let event else { throw StoreFailure(.corrupt, "an index names a missing row") }
        return event
    }
}
