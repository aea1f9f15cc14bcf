extension StoreCore {
    /// Replaces the checkpoint of a server.
    ///
    /// - Parameter part: bytes of the part with this number, from 0; `nil` ends them. Each is at
    ///   most `Limits.checkpointPartBytes`, so that no more of a large state is in memory at once.
    /// - Errors: those of the disk, and what `part` throws; the old checkpoint stays.
    package func writeCheckpoint(
        _ checkpoint: Checkpoint, part: (Int) throws(StoreFailure) -> [UInt8]?
    ) throws(StoreFailure) {
        try database.transaction { () throws(StoreFailure) in
            guard let server = try knownReference(to: checkpoint.server) else {
                throw StoreFailure(.conflict, "a checkpoint of a server that is not stored")
            }
            try dropCheckpoint(of: server)
            try database.run(
                "INSERT INTO checkpoints VALUES (?1, ?2, ?3, ?4, ?5, 0, x'')", .integer(server),
                .unsigned(checkpoint.foldVersion), .identifier(checkpoint.frontier),
                .identifier(checkpoint.state), .unsigned(checkpoint.atMilliseconds))
            var hashes: [Digest.Value] = []
            while let bytes = try part(hashes.count) {
                let hash = Checkpoint.hash(ofPart: bytes)
                try database.run(
                    "INSERT INTO checkpoint_parts VALUES (?1, ?2, ?3, ?4)", .integer(server),
                    .integer(Int64(hashes.count)), .identifier(hash), .blob(bytes))
                hashes.append(hash)
            }
            try database.run(
                "UPDATE checkpoints SET parts = ?2, hash = ?3 WHERE server = ?1",
                .integer(server), .integer(Int64(hashes.count)),
                .identifier(checkpoint.hash(parts: hashes)))
        }
    }

    /// The checkpoint of a server, when this program can use it.
    ///
    /// - Returns: `nil` when there is none, or one of another fold version or with a head that does
    ///   not match its hash; such a one is dropped.
    package func checkpoint(
        of server: Server.ID, foldVersion: UInt64
    ) throws(StoreFailure) -> Checkpoint? {
        if let usable = try readCheckpoint(of: server, foldVersion: foldVersion) { return usable }
        try dropCheckpoint(of: server)
        return nil
    }

    /// The same, and leaves what cannot be used where it is.
    func readCheckpoint(
        of server: Server.ID, foldVersion: UInt64
    ) throws(StoreFailure) -> Checkpoint? {
        guard let reference = try knownReference(to: server) else { return nil }
        let row = try database.first(
            """
            SELECT fold_version, frontier, state, at_ms, parts, hash FROM checkpoints
            WHERE server = ?1
            """, .integer(reference)
        ) { row in
            (
                version: row.unsigned(0), frontier: row.bytes(1), state: row.bytes(2),
                atMilliseconds: row.unsigned(3), parts: Int(row.integer(4)), hash: row.bytes(5)
            )
        }
        guard let row else { return nil }
        let hashes = try database.rows(
            "SELECT hash FROM checkpoint_parts WHERE server = ?1 ORDER BY number",
            .integer(reference)
        ) { $0.bytes(0) }
        guard row.version == foldVersion, row.parts == hashes.count,
            let frontier = Digest.Value(row.frontier), let state = Digest.Value(row.state)
        else { return nil }
        let checkpoint = Checkpoint(
            server: server, foldVersion: foldVersion, frontier: frontier, state: state,
            atMilliseconds: row.atMilliseconds)
        let hash = checkpoint.hash(parts: hashes.compactMap { Digest.Value($0) })
        return hash.bytes == row.hash ? checkpoint : nil
    }

    /// Hands over the parts of the checkpoint in order, each checked against its hash.
    ///
    /// - Errors: `corrupt` for a part that does not match: drop the checkpoint and fold again.
    package func forEachCheckpointPart(
        of server: Server.ID, _ body: ([UInt8]) throws -> Void
    ) throws {
        guard let reference = try knownReference(to: server) else { return }
        var number: Int64 = 0
        while let part = try database.first(
            "SELECT hash, bytes FROM checkpoint_parts WHERE server = ?1 AND number = ?2",
            .integer(reference), .integer(number),
            decode: { (hash: $0.bytes(0), bytes: $0.bytes(1)) })
        {
            guard Checkpoint.hash(ofPart: part.bytes).bytes == part.hash else {
                throw StoreFailure(.corrupt, "part \(number) of a checkpoint is damaged")
            }
            try body(part.bytes)
            number += 1
        }
    }

    /// Forgets the checkpoint of a server; the next start folds everything.
    package func dropCheckpoint(of server: Server.ID) throws(StoreFailure) {
        guard let reference = try knownReference(to: server) else { return }
        try database.transaction { () throws(StoreFailure) in
            try dropCheckpoint(of: reference)
        }
    }

    /// Inside the open transaction.
    func dropCheckpoint(of server: Int64) throws(StoreFailure) {
        try database.run("DELETE FROM checkpoint_parts WHERE server = ?1", .integer(server))
        try database.run("DELETE FROM checkpoints WHERE server = ?1", .integer(server))
    }
}
