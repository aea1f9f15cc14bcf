/// Files of messages in the database: who names a chunk, and what a message says about its files.
extension StoreCore {
    func insert(_ row: ChunkRow) throws(StoreFailure) {
        try database.run(
            """
            INSERT OR IGNORE INTO chunks(chunk, message, server, author)
            VALUES (?1, ?2, ?3, (\(Schema.author(of: "?2"))))
            """, .identifier(row.chunk), .identifier(row.message),
            .integer(try reference(to: row.server)))
    }

    /// Stored messages that name a chunk, whether they take effect or not.
    package func messages(
        naming chunk: Chunk.ID, in server: Server.ID
    ) throws(StoreFailure) -> [Event.ID] {
        guard let reference = try knownReference(to: server) else { return [] }
        return try database.rows(
            "SELECT message FROM chunks WHERE chunk = ?1 AND server = ?2", .identifier(chunk),
            .integer(reference)
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }

    /// The same over all servers.
    package func rows(naming chunk: Chunk.ID) throws(StoreFailure) -> [ChunkRow] {
        try database.rows(
            """
            SELECT c.message, s.id FROM chunks AS c CROSS JOIN servers AS s ON s.ref = c.server
            WHERE c.chunk = ?1
            """, .identifier(chunk)
        ) { row throws(StoreFailure) in
            ChunkRow(
                chunk: chunk, message: try row.identifier(0), server: try row.identifier(1))
        }
    }

    /// Chunks that no message of another server names, in the order of their ids: the next few.
    package func chunks(
        namedOnlyIn server: Server.ID, after last: Chunk.ID?
    ) throws(StoreFailure) -> [Chunk.ID] {
        guard let reference = try knownReference(to: server) else { return [] }
        return try database.rows(
            """
            SELECT DISTINCT c.chunk FROM chunks AS c WHERE c.server = ?1 AND c.chunk > ?2
            AND NOT EXISTS (SELECT 1 FROM chunks AS o WHERE o.chunk = c.chunk AND o.server <> ?1)
            ORDER BY c.chunk LIMIT ?3
            """, .integer(reference), .blob(last?.bytes ?? []), .integer(Limits.chunksErasedAtOnce)
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }

    func keepFiles(_ attachments: [[UInt8]], of message: Int64) throws(StoreFailure) {
        guard !attachments.isEmpty else { return }
        try database.run(
            "INSERT OR REPLACE INTO files VALUES (?1, ?2)", .integer(message),
            .blob(AttachmentList.encode(attachments)))
    }

    /// - Parameter condition: over the columns of `texts`, with one parameter.
    func dropFiles(_ condition: String, _ value: Int64) throws(StoreFailure) {
        try database.run(
            "DELETE FROM files WHERE message IN (SELECT ref FROM texts WHERE \(condition))",
            .integer(value))
    }
}
