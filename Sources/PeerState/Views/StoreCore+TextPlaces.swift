extension StoreCore {
    func textPlace(of message: Event.ID) throws(StoreFailure) -> TextPlace? {
        try database.first(
            """
            SELECT e.ref, e.server, e.author, e.lamport, a.id, e.seq, e.stored_ms, t.flags
            FROM events AS e CROSS JOIN authors AS a ON a.ref = e.author
            LEFT JOIN texts AS t ON t.ref = e.ref
            WHERE substr(e.id, 1, 8) = substr(?1, 1, 8) AND e.id = ?1
            """, .identifier(message)
        ) { row throws(StoreFailure) in
            TextPlace(
                reference: row.integer(0), server: row.integer(1), author: row.integer(2),
                position: OrderKey(
                    lamport: row.unsigned(3), author: try row.identifier(4), seq: row.unsigned(5),
                    id: message),
                storedMilliseconds: row.unsigned(6),
                flags: row.isNull(7) ? nil : TextFlags(rawValue: row.integer(7)))
        }
    }

    /// `nil` when no such event is stored.
    func eventReference(_ id: Event.ID) throws(StoreFailure) -> Int64? {
        try database.first(
            "SELECT ref FROM events WHERE substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1",
            .identifier(id)
        ) { $0.integer(0) }
    }

    func reference(to epoch: Epoch.ID) throws(StoreFailure) -> Int64? {
        if let known = epochReferences[epoch] { return known }
        let found = try eventReference(Event.ID(epoch))
        if epochReferences.count >= Limits.cachedReferences { epochReferences = [:] }
        epochReferences[epoch] = found
        return found
    }

    /// The four columns of an order key; `nil` where the first is NULL.
    static func order(
        _ row: borrowing Statement, at column: Int32
    ) throws(StoreFailure) -> OrderKey? {
        if row.isNull(column) { return nil }
        return OrderKey(
            lamport: row.unsigned(column), author: try row.identifier(column + 1),
            seq: row.unsigned(column + 2), id: try row.identifier(column + 3))
    }

    /// Forgets one message; also before its event goes.
    func dropText(_ message: Event.ID) throws(StoreFailure) {
        guard let place = try textPlace(of: message) else { return }
        try unseal(place.reference)
        if place.flags != nil { try dropText(place.reference) }
    }

    private func dropText(_ reference: Int64) throws(StoreFailure) {
        forgetShown()
        try forgetTallies(of: reference)
        try removeFromSearch(reference)
        try database.run("DELETE FROM mentions WHERE message = ?1", .integer(reference))
        try dropFiles("ref = ?1", reference)
        try database.run("DELETE FROM texts WHERE ref = ?1", .integer(reference))
    }

    func dropTexts(of channel: Channel.ID, in server: Server.ID) throws(StoreFailure) {
        guard let server = try knownReference(to: server),
            let reference = try knownReference(to: channel, in: server)
        else { return }
        try dropTexts(of: reference)
    }

    /// Forgets everything readable of a server, and its checkpoint.
    func eraseTexts(of server: Int64) throws(StoreFailure) {
        let channels = try database.rows(
            "SELECT ref FROM channels WHERE server = ?1", .integer(server)
        ) { $0.integer(0) }
        for channel in channels { try dropTexts(of: channel) }
        try database.run("DELETE FROM channels WHERE server = ?1", .integer(server))
        forgetReferences()
        try dropCheckpoint(of: server)
    }

    private func dropTexts(of channel: Int64) throws(StoreFailure) {
        forgetShown()
        tallies.forgetAll()
        try database.run(
            """
            INSERT INTO search(search, rowid, text, facets)
            SELECT 'delete', s.ref, s.text, s.facets FROM texts AS t
            CROSS JOIN searchable AS s ON s.ref = t.ref WHERE t.channel = ?1
            """, .integer(channel))
        try database.run(
            "DELETE FROM mentions WHERE message IN (SELECT ref FROM texts WHERE channel = ?1)",
            .integer(channel))
        try dropFiles("channel = ?1", channel)
        try database.run("DELETE FROM texts WHERE channel = ?1", .integer(channel))
        try dropSealed(of: channel)
    }

    /// The channel's row, made on first use.
    func reference(to channel: Channel.ID, in server: Int64) throws(StoreFailure) -> Int64 {
        if let known = try knownReference(to: channel, in: server) { return known }
        try database.run(
            "INSERT INTO channels(server, id, last_seq, last_foreign) VALUES (?1, ?2, 0, 0)",
            .integer(server), .identifier(channel))
        guard let made = try knownReference(to: channel, in: server) else {
            throw StoreFailure(.corrupt, "a row just written is not there")
        }
        return made
    }

    func knownReference(
        to channel: Channel.ID, in server: Int64
    ) throws(StoreFailure) -> Int64? {
        if let known = channelReferences[channel] { return known }
        let found = try database.first(
            "SELECT ref FROM channels WHERE server = ?1 AND id = ?2", .integer(server),
            .identifier(channel)
        ) { $0.integer(0) }
        if channelReferences.count >= Limits.cachedChannels { channelReferences = [:] }
        channelReferences[channel] = found
        return found
    }
}
