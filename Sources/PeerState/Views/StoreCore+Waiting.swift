extension StoreCore {
    /// The next events of a kind that are not shown, in canonical order: those whose key is
    /// missing, or came a moment ago. Texts that wait to be written count as shown.
    ///
    /// - Parameters:
    ///   - kind: that of messages.
    ///   - after: of the last event had; `nil` = from the beginning.
    /// - Returns: each says whether it stands in pages as sealed.
    /// - Bound: `Limits.eventsPerStep`; empty after the last.
    package func unshownEvents(
        of server: Server.ID, kind: UInt64, after: OrderKey?
    ) throws(StoreFailure) -> [StoredEvent] {
        guard let reference = try knownReference(to: server) else { return [] }
        let place = after ?? .lowest
        let rows = try database.rows(
            """
            SELECT e.ref, EXISTS (SELECT 1 FROM sealed_texts AS x WHERE x.ref = e.ref)
            FROM events AS e INDEXED BY events_order
            CROSS JOIN authors AS a ON a.ref = e.author
            WHERE e.server = ?1 AND e.lamport >= ?2
                AND (e.lamport, a.id, e.seq, e.id) > (?2, ?3, ?4, ?5)
                AND e.kind = ?6 AND NOT EXISTS (SELECT 1 FROM texts AS t WHERE t.ref = e.ref)
                AND NOT EXISTS (SELECT 1 FROM unwritten_texts AS u WHERE u.ref = e.ref)
            ORDER BY e.lamport, a.id, e.seq, e.id LIMIT ?7
            """, .integer(reference), .unsigned(place.lamport), .identifier(place.author),
            .unsigned(place.seq), .identifier(place.id), .unsigned(kind),
            .integer(Int64(Limits.eventsPerStep))
        ) { (reference: $0.integer(0), isSealed: $0.integer(1) != 0) }
        var found: [StoredEvent] = []
        for row in rows {
            var event = try event(row.reference, of: server)
            event.isSealed = row.isSealed
            found.append(event)
        }
        return found
    }

    /// The last message announced that `accepts` agrees to, and when.
    ///
    /// - Parameter since: looks back no further than this; ms since 1970, this node's clock.
    package func lastArrival(
        since: UInt64, where accepts: (StoredMessage) -> Bool
    ) throws(StoreFailure) -> (message: StoredMessage, atMilliseconds: UInt64)? {
        try settleTexts()
        var position = UInt64(Int64.max)
        while true {
            let step = try database.rows(
                """
                SELECT f.position, e.ref, f.at_ms
                FROM feed AS f CROSS JOIN events AS e
                    ON substr(e.id, 1, 8) = substr(f.event, 1, 8) AND e.id = f.event
                WHERE f.position < ?1 AND f.kind = 'MessageReceived'
                ORDER BY f.position DESC LIMIT ?2
                """, .unsigned(position), .integer(Int64(Limits.eventsPerStep))
            ) { ($0.unsigned(0), $0.integer(1), $0.unsigned(2)) }
            guard let last = step.last else { return nil }
            position = last.0
            for (_, reference, atMilliseconds) in step {
                guard atMilliseconds >= since else { return nil }
                guard let message = try message(at: reference),
                    !message.flags.contains(.deleted), accepts(message)
                else { continue }
                return (message, atMilliseconds)
            }
        }
    }
}
