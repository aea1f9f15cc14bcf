/// Which chunks lie here for others, and which are still to be brought (PROTOCOL 7.8).
extension StoreCore {
    /// Writes down what became of the last ones, and finds the next: of one author, at most
    /// `Limits.chunksSearched`, those that wait for longest first.
    ///
    /// - Bound: looks at `Limits.keptAuthorsPassed` authors; then the answer is not complete.
    package func missingChunks(_ search: ChunkSearch) throws(StoreFailure) -> MissingChunks {
        try write(search.notes)
        var found = MissingChunks()
        var passed = 0
        for (server, first) in Self.rounds(search) {
            guard let reference = try knownReference(to: server) else { continue }
            var last = try first.flatMap { author throws(StoreFailure) in
                try knownReference(to: author)
            }
            while let author = try nextAuthor(in: reference, after: last ?? 0) {
                guard passed < Limits.keptAuthorsPassed else {
                    found.isComplete = false
                    return found
                }
                passed += 1
                last = author.reference
                found.place = ChunkSearch.Place(server: server, author: author.id)
                guard !search.passingOver.contains(author.id) else { continue }
                found.rows = try missing(in: server, reference, author.reference, search)
                guard found.rows.isEmpty else {
                    try count(author.reference, &found)
                    return found
                }
            }
        }
        return found
    }

    /// The servers, from the one where the last search ended once around; there behind the author.
    private static func rounds(
        _ search: ChunkSearch
    ) -> [(server: Server.ID, after: Peer.ID?)] {
        let servers = search.servers.keys.sorted()
        guard let place = search.after else { return servers.map { ($0, nil) } }
        let behind = servers.filter { $0 > place.server }.map { ($0, Peer.ID?.none) }
        let before = servers.filter { $0 < place.server }.map { ($0, Peer.ID?.none) }
        guard search.servers[place.server] != nil else { return behind + before }
        return [(place.server, place.author)] + behind + before + [(place.server, nil)]
    }

    private func nextAuthor(
        in server: Int64, after last: Int64
    ) throws(StoreFailure) -> (reference: Int64, id: Peer.ID)? {
        try database.first(
            """
            SELECT a.ref, a.id FROM authors AS a WHERE a.ref = (
                SELECT author FROM chunks INDEXED BY chunks_missing
                WHERE kept IS NULL AND server = ?1 AND author > ?2 ORDER BY author LIMIT 1)
            """, .integer(server), .integer(last)
        ) { row throws(StoreFailure) in (row.integer(0), try row.identifier(1)) }
    }

    private func missing(
        in server: Server.ID, _ reference: Int64, _ author: Int64, _ search: ChunkSearch
    ) throws(StoreFailure) -> [MissingChunk] {
        let names = try database.rows(
            """
            SELECT chunk, message FROM chunks INDEXED BY chunks_missing
            WHERE kept IS NULL AND server = ?1 AND author = ?2 AND until_ms < ?3
            ORDER BY until_ms LIMIT ?4
            """, .integer(reference), .integer(author), .unsigned(search.servers[server] ?? 0),
            .integer(Int64(Limits.chunksSearched + search.underWay.count))
        ) { row throws(StoreFailure) -> (chunk: Chunk.ID, message: Event.ID) in
            (try row.identifier(0), try row.identifier(1))
        }
        var sizes: [Event.ID: [Chunk.ID: Int]] = [:]
        var rows: [MissingChunk] = []
        for (chunk, message) in names
        where !search.underWay.contains(chunk) && rows.count < Limits.chunksSearched {
            let named: [Chunk.ID: Int]
            if let known = sizes[message] {
                named = known
            } else {
                named = try self.sizes(namedBy: message, in: server)
                sizes[message] = named
            }
            rows.append(
                MissingChunk(server: server, message: message, chunk: chunk, size: named[chunk]))
        }
        return rows
    }

    /// What a message says its chunks have; without those that cannot be.
    private func sizes(
        namedBy message: Event.ID, in server: Server.ID
    ) throws(StoreFailure) -> [Chunk.ID: Int] {
        guard let bytes = try envelope(server: server, id: message) else { return [:] }
        do throws(Failure<WireCode>) {
            let event = try Event(decoding: try Envelope(decoding: bytes), for: server)
            let blobs = (event.body as? MessagePosted)?.blobs ?? []
            let sound = blobs.filter { Limits.sealedChunk.contains($0.size) }
            return Dictionary(sound.map { ($0.chunk, Int($0.size)) }) { first, _ in first }
        } catch {
            // Damaged here: without a size it is not asked for, and others are not held up.
            return [:]
        }
    }

    private func count(
        _ author: Int64, _ found: inout MissingChunks
    ) throws(StoreFailure) {
        let kept = try database.first(
            """
            SELECT count(*), total(kept) FROM chunks INDEXED BY chunks_kept
            WHERE author = ?1 AND kept IS NOT NULL
            """, .integer(author)
        ) { (count: $0.integer(0), bytes: $0.integer(1)) }
        found.keptCount = Int(kept?.count ?? 0)
        found.keptBytes = Int(kept?.bytes ?? 0)
    }

    /// Chunks that are noted as kept, in the order of their ids: the next few.
    package func keptChunks(after last: Chunk.ID?) throws(StoreFailure) -> [Chunk.ID] {
        try database.rows(
            """
            SELECT DISTINCT chunk FROM chunks WHERE +kept IS NOT NULL AND chunk > ?1
            ORDER BY chunk LIMIT ?2
            """, .blob(last?.bytes ?? []), .integer(Int64(Limits.keptLookedUp))
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }

    /// Chunks were kept and are not here any more: they are to be brought again.
    package func lose(_ chunks: [Chunk.ID]) throws(StoreFailure) {
        guard !chunks.isEmpty else { return }
        try database.transaction { () throws(StoreFailure) in
            for chunk in chunks {
                try database.run(
                    "UPDATE chunks SET kept = NULL, until_ms = 0 WHERE chunk = ?1",
                    .identifier(chunk))
            }
        }
    }

    /// Writes down what became of chunks. What is not written is found again by the next search.
    private func write(_ notes: [ChunkNote]) throws(StoreFailure) {
        guard !notes.isEmpty else { return }
        try database.transaction { () throws(StoreFailure) in
            for note in notes { try write(note) }
        }
    }

    private func write(_ note: ChunkNote) throws(StoreFailure) {
        switch note {
        case .kept(let chunk, let bytes):
            try database.run(
                "UPDATE chunks SET kept = ?2 WHERE chunk = ?1", .identifier(chunk),
                .integer(Int64(bytes)))
        case .postponed(let chunk, let message, let until):
            try database.run(
                "UPDATE chunks SET until_ms = ?3 WHERE chunk = ?1 AND message = ?2",
                .identifier(chunk), .identifier(message), .unsigned(until))
        }
    }
}
