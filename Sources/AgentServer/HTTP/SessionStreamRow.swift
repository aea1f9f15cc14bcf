package import PeerState

/// One stream of a legacy session as the database keeps it.
package struct SessionStreamRow: Hashable, Sendable {
    let stream: Int
    let next: Int
    let isDone: Bool
    /// Of the stream of GET: the number that the next stream gets; 0 for the others.
    let opened: Int
    /// Of the same: up to which feed number it was told events.
    let mark: UInt64?
    let requests: [SessionRequest]
}

/// One thing that a stream said.
package struct SessionFrameRow: Hashable, Sendable {
    let stream: Int
    let number: Int
    let frame: [UInt8]
}

extension AgentStore {
    /// Writes what sessions said in one transaction, durable on return (MCP 11, N2).
    package func put(
        _ changes: [(session: String, changes: [SessionLog.Change])]
    ) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            try database.transaction { () throws(StoreFailure) in
                for one in changes {
                    guard let key = [UInt8](hex: one.session) else { continue }
                    for change in one.changes { try Self.write(change, of: key, to: database) }
                }
            }
        }
    }

    private static func write(
        _ change: SessionLog.Change, of key: [UInt8], to database: Database
    ) throws(StoreFailure) {
        switch change {
        case .stream(let row):
            let requests = JSON.array(row.requests.map(\.json)).text
            try database.run(
                "INSERT OR REPLACE INTO streams VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", .blob(key),
                .integer(Int64(row.stream)), .integer(Int64(row.next)),
                .integer(row.isDone ? 1 : 0), .integer(Int64(row.opened)),
                row.mark.map { .unsigned($0) } ?? .null, .text(requests))
        case .frame(let stream, let number, let frame):
            try database.run(
                "INSERT OR REPLACE INTO stream_frames VALUES (?1, ?2, ?3, ?4)", .blob(key),
                .integer(Int64(stream)), .integer(Int64(number)), .blob(frame))
        case .trimmed(let stream, let below):
            try database.run(
                "UPDATE streams SET next = MAX(next, ?3) WHERE session = ?1 AND stream = ?2",
                .blob(key), .integer(Int64(stream)), .integer(Int64(below)))
            try database.run(
                "DELETE FROM stream_frames WHERE session = ?1 AND stream = ?2 AND n < ?3",
                .blob(key), .integer(Int64(stream)), .integer(Int64(below)))
        case .removed(let stream):
            try remove(stream, of: key, from: database)
        }
    }

    private static func remove(
        _ stream: Int, of key: [UInt8], from database: Database
    ) throws(StoreFailure) {
        for table: SQLText in [
            "DELETE FROM streams WHERE session = ?1 AND stream = ?2",
            "DELETE FROM stream_frames WHERE session = ?1 AND stream = ?2",
        ] {
            try database.run(table, .blob(key), .integer(Int64(stream)))
        }
    }

    /// What a session said in earlier processes.
    package func streams(of session: String) throws(StoreFailure) -> SessionLog {
        guard let key = [UInt8](hex: session) else { return SessionLog() }
        return try use { database throws(StoreFailure) in
            let sql: SQLText = """
                SELECT stream, next, is_done, opened, mark, requests FROM streams
                WHERE session = ?1
                """
            let rows = try database.rows(sql, .blob(key)) {
                SessionStreamRow(
                    stream: Int($0.integer(0)), next: Int($0.integer(1)),
                    isDone: $0.integer(2) != 0, opened: Int($0.integer(3)),
                    mark: $0.isNull(4) ? nil : $0.unsigned(4),
                    requests: Self.requests($0.text(5)))
            }
            let frames = try database.rows(
                "SELECT stream, n, frame FROM stream_frames WHERE session = ?1 ORDER BY stream, n",
                .blob(key)
            ) {
                SessionFrameRow(
                    stream: Int($0.integer(0)), number: Int($0.integer(1)), frame: $0.bytes(2))
            }
            return SessionLog(rows, frames: frames)
        }
    }

    /// Of what cannot be read nothing is left, and nobody is answered.
    private static func requests(_ text: String) -> [SessionRequest] {
        do {
            return (try JSON(parsing: Array(text.utf8)).array ?? []).compactMap(SessionRequest.init)
        } catch {
            return []
        }
    }
}
