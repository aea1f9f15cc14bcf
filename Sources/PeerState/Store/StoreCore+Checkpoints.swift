extension StoreCore {
    /// Writes a checkpoint over the one before it: parts that are as they were stay.
    ///
    /// - Parameters:
    ///   - parts: the numbers of all parts, ascending.
    ///   - changed: those that may differ from what is stored; a part that is missing there is
    ///     written as well.
    ///   - place: how far the stored events are in it.
    ///   - bytes: of a part, at most `Limits.checkpointPartBytes`, so that no more of a large state
    ///     is in memory at once.
    /// - Returns: what names it from now on.
    /// - Errors: those of the disk, and what `bytes` throws; the old checkpoint stays. `conflict`
    ///   when other events or another checkpoint are stored than `place` says.
    package func writeCheckpoint(
        _ checkpoint: Checkpoint, parts: [Int64], changed: Set<Int64>, place: CheckpointPlace,
        bytes: (Int64) throws(StoreFailure) -> [UInt8]
    ) throws(StoreFailure) -> Digest.Value {
        var result = checkpoint.hash(parts: [])
        try database.transaction { () throws(StoreFailure) in
            guard let server = try knownReference(to: checkpoint.server) else {
                throw StoreFailure(.conflict, "a checkpoint of a server that is not stored")
            }
            let placeBytes = try placePart(place, in: server)
            try keepBase(place.base, of: server)
            var stored = try partHashes(of: server)
            try database.run(
                """
                INSERT INTO checkpoints VALUES (?1, ?2, ?3, ?4, ?5, ?6, x'')
                ON CONFLICT (server) DO UPDATE SET fold_version = ?2, frontier = ?3, state = ?4,
                    at_ms = ?5, parts = ?6
                """,
                .integer(server), .unsigned(checkpoint.foldVersion),
                .identifier(checkpoint.frontier), .identifier(checkpoint.state),
                .unsigned(checkpoint.atMilliseconds), .integer(Int64(parts.count + 1)))
            var hashes: [Digest.Value] = []
            for number in parts + [Self.placePart] {
                let known = stored.removeValue(forKey: number)
                if let known, number != Self.placePart, !changed.contains(number) {
                    hashes.append(known)
                    continue
                }
                let bytes = number == Self.placePart ? placeBytes : try bytes(number)
                let hash = Checkpoint.hash(ofPart: bytes)
                hashes.append(hash)
                if hash == known { continue }
                try database.run(
                    "INSERT OR REPLACE INTO checkpoint_parts VALUES (?1, ?2, ?3, ?4)",
                    .integer(server), .integer(number), .identifier(hash), .blob(bytes))
            }
            for number in stored.keys.sorted() {
                try database.run(
                    "DELETE FROM checkpoint_parts WHERE server = ?1 AND number = ?2",
                    .integer(server), .integer(number))
            }
            try database.run(
                "UPDATE checkpoints SET hash = ?2 WHERE server = ?1", .integer(server),
                .identifier(checkpoint.hash(parts: hashes)))
            result = checkpoint.hash(parts: hashes)
        }
        return result
    }

    /// Empties the checkpoint unless it is the one that the caller knows the parts of.
    private func keepBase(_ base: Digest.Value?, of server: Int64) throws(StoreFailure) {
        guard let base else { return try dropCheckpoint(of: server) }
        guard try checkpointHash(of: server) == base.bytes else {
            throw StoreFailure(.conflict, "another checkpoint was written meanwhile")
        }
    }

    private func checkpointHash(of server: Int64) throws(StoreFailure) -> [UInt8]? {
        try database.first("SELECT hash FROM checkpoints WHERE server = ?1", .integer(server)) {
            $0.bytes(0)
        }
    }

    /// What names the checkpoint of a server as it is now.
    package func checkpointHash(of server: Server.ID) throws(StoreFailure) -> Digest.Value? {
        guard let reference = try knownReference(to: server) else { return nil }
        return try checkpointHash(of: reference).flatMap { Digest.Value($0) }
    }

    /// The number of the part that says how far the stored events are in a checkpoint.
    static let placePart = Int64.max

    private func placePart(
        _ place: CheckpointPlace, in server: Int64
    ) throws(StoreFailure) -> [UInt8] {
        var through = place.loadedThrough
        if let last = place.last {
            let row = try database.first(
                """
                SELECT ref FROM events
                WHERE substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1 AND server = ?2
                """, .identifier(last),
                .integer(server)
            ) { $0.integer(0) }
            guard let row else {
                throw StoreFailure(.conflict, "a checkpoint of events that are not stored")
            }
            through = max(through, row)
        }
        let count = try eventCount(of: server, through: through)
        guard count == place.count else {
            throw StoreFailure(.conflict, "a checkpoint of other events than are stored")
        }
        return UInt64(bitPattern: through).bigEndianBytes + count.bigEndianBytes
            + place.unreadableFrom.bigEndianBytes
    }

    private func eventCount(
        of server: Int64, through: Int64
    ) throws(StoreFailure) -> UInt64 {
        try database.first(
            """
            SELECT count(*) FROM events INDEXED BY events_order WHERE server = ?1 AND ref <= ?2
            """, .integer(server), .integer(through)
        ) { $0.unsigned(0) } ?? 0
    }

    private func partHashes(of server: Int64) throws(StoreFailure) -> [Int64: Digest.Value] {
        let rows = try database.rows(
            "SELECT number, hash FROM checkpoint_parts WHERE server = ?1", .integer(server)
        ) { row throws(StoreFailure) in
            (number: row.integer(0), hash: Digest.Value(row.bytes(1)))
        }
        var hashes: [Int64: Digest.Value] = [:]
        for row in rows { hashes[row.number] = row.hash }
        return hashes
    }

    /// Up to which row the stored events of a server are in its checkpoint.
    ///
    /// - Errors: `corrupt` when it does not say, or other rows are there than were then.
    package func checkpointThrough(
        of server: Server.ID
    ) throws(StoreFailure) -> (row: Int64, count: UInt64, unreadableFrom: UInt64) {
        let reference = try knownReference(to: server)
        let bytes = try database.first(
            "SELECT bytes FROM checkpoint_parts WHERE server = ?1 AND number = ?2",
            .integer(reference ?? 0), .integer(Self.placePart)
        ) { $0.bytes(0) }
        guard let reference, let bytes, bytes.count == 24 else {
            throw StoreFailure(.corrupt, "a checkpoint does not say which events are in it")
        }
        let numbers = [bytes[..<8], bytes[8..<16], bytes[16...]].map { part in
            part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        let through = Int64(bitPattern: numbers[0])
        guard try eventCount(of: reference, through: through) == numbers[1] else {
            throw StoreFailure(.corrupt, "other events are stored than a checkpoint was made of")
        }
        return (through, numbers[1], numbers[2])
    }

    /// Stored events of a server.
    package func eventCount(of server: Server.ID) throws(StoreFailure) -> UInt64 {
        guard let reference = try knownReference(to: server) else { return 0 }
        return try eventCount(of: reference, through: .max)
    }

    /// The highest row of a server's events; 0 without any.
    package func lastRow(of server: Server.ID) throws(StoreFailure) -> Int64 {
        guard let reference = try knownReference(to: server) else { return 0 }
        return try database.first(
            "SELECT max(ref) FROM events WHERE server = ?1", .integer(reference)
        ) { $0.integer(0) } ?? 0
    }

    /// The next events of a server in the order in which they were stored; empty after the last.
    ///
    /// - Parameter row: of the last event had.
    /// - Bound: as `events(of:after:)`.
    package func events(
        of server: Server.ID, storedAfter row: Int64
    ) throws(StoreFailure) -> (events: [StoredEvent], last: Int64) {
        guard let reference = try knownReference(to: server) else { return ([], row) }
        return try database.with(
            """
            SELECT a.id, e.id, e.seq, e.lamport, e.kind, e.stored_ms, e.is_void, e.envelope, e.ref
            FROM events AS e NOT INDEXED CROSS JOIN authors AS a
            WHERE e.ref > ?2 AND e.server = ?1 AND a.ref = e.author ORDER BY e.ref
            """, [.integer(reference), .integer(row)]
        ) { statement throws(StoreFailure) in
            var events: [StoredEvent] = []
            var byteCount = 0
            var last = row
            while events.count < Limits.eventsPerStep, byteCount < Limits.bytesPerStep,
                try statement.step()
            {
                let event = try Self.event(statement, of: server)
                byteCount += event.envelope.count
                events.append(event)
                last = statement.integer(8)
            }
            return (events, last)
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
        try dropUnusableCheckpoint(of: server)
        return nil
    }

    /// Forgets a checkpoint that cannot be used; it stays where the disk takes nothing, since a
    /// node must start and read there, too.
    package func dropUnusableCheckpoint(of server: Server.ID) throws(StoreFailure) {
        guard try checkpointHash(of: server) != nil else { return }
        do throws(StoreFailure) {
            try dropCheckpoint(of: server)
        } catch {
            guard Self.isOfTheDisk(error) else { throw error }
        }
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
        of server: Server.ID, _ body: (Int64, [UInt8]) throws -> Void
    ) throws {
        guard let reference = try knownReference(to: server) else { return }
        var number: Int64 = -1
        while let part = try database.first(
            """
            SELECT number, hash, length(bytes), bytes FROM checkpoint_parts
            WHERE server = ?1 AND number > ?2 ORDER BY number LIMIT 1
            """, .integer(reference), .integer(number),
            decode: { row in
                (
                    number: row.integer(0), hash: row.bytes(1),
                    bytes: row.integer(2) <= Limits.checkpointPartBytes ? row.bytes(3) : nil
                )
            })
        {
            guard let bytes = part.bytes, Checkpoint.hash(ofPart: bytes).bytes == part.hash else {
                throw StoreFailure(.corrupt, "part \(part.number) of a checkpoint is damaged")
            }
            number = part.number
            if number == Self.placePart { return }
            try body(number, bytes)
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
