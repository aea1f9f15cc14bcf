extension StoreCore {
    /// Empties everything that follows from events, so that it can be filled again: by
    /// `rebuildDerived`, or by a running node, step by step beside its other commits.
    ///
    /// How messages arrived (feed position, number, sender) does not follow from events; it is set
    /// aside, from the texts where they can still be read, else from the feed. Indexes of the
    /// events are made anew. A crash later leaves a rebuild that can begin again.
    /// - Errors: `corrupt` when even that cannot be done: the database must come from a backup.
    package func beginRebuild() throws(StoreFailure) {
        try settleTexts()
        var arrivals = """
            SELECT ref, feed, channel_seq, flags & 48, principal FROM texts
            """
        do throws(StoreFailure) {
            try database.run("SELECT count(ref + feed + channel_seq + flags) FROM texts")
        } catch {
            guard error.code == .corrupt else { throw error }
            arrivals = "SELECT ref, 0, 0, 0, NULL FROM events WHERE 0"
        }
        try database.transaction { () throws(StoreFailure) in
            // The texts know most; what an earlier rebuild set aside comes next, then the feed.
            try database.execute(
                """
                INSERT OR REPLACE INTO kept_arrivals \(arrivals);
                INSERT OR IGNORE INTO kept_arrivals
                    SELECT e.ref, f.position, f.channel_seq, 0, NULL
                    FROM feed AS f CROSS JOIN events AS e
                        ON substr(e.id, 1, 8) = substr(f.event, 1, 8) AND e.id = f.event
                    WHERE f.kind = 'MessageReceived';
                \(Schema.dropDerived)
                \(Schema.derived)
                \(Schema.guards)
                \(Schema.sealed)
                \(Schema.dropDerivedFiles)
                \(Schema.derivedFiles)
                REINDEX events;
                """)
        }
        forgetReferences()
    }

    /// Fills in what the next events of a server made readable.
    ///
    /// - Parameters:
    ///   - after: of the last event done; `nil` = from the beginning.
    ///   - open: called for every event in canonical order; says what it changes. Entries leave
    ///     `feed` 0, which stands for what was set aside.
    /// - Returns: where to go on; `nil` at the end.
    func rebuildStep(
        of server: Server.ID, after: OrderKey?, open: (StoredEvent) -> [TextChange]
    ) throws(StoreFailure) -> OrderKey? {
        try settleTexts()
        let events = try events(of: server, after: after)
        guard let last = events.last else { return nil }
        try database.transaction { () throws(StoreFailure) in
            for event in events {
                for change in open(event) { try apply(change) }
            }
        }
        return last.orderKey
    }

    /// Ends a rebuild: forgets what was set aside.
    package func forgetKeptArrivals() throws(StoreFailure) {
        try database.run("DELETE FROM kept_arrivals")
    }

    /// Does all of it for every server, in one call: for a tool that has the store to itself.
    package func rebuildDerived(
        open: (StoredEvent) -> [TextChange]
    ) throws(StoreFailure) {
        try beginRebuild()
        for server in try loadServers() {
            var after: OrderKey?
            repeat {
                after = try rebuildStep(of: server, after: after, open: open)
            } while after != nil
        }
        try forgetKeptArrivals()
        try compactSearch()
    }

    /// Takes what was deleted out of the search index and out of the log on disk.
    ///
    /// The index only marks what goes and forgets it when its parts are merged; until then words of
    /// a deleted text are in the file. Reads and writes the whole index.
    package func compactSearch() throws(StoreFailure) {
        try settleTexts()
        try database.run("INSERT INTO search(search) VALUES ('optimize')")
        try database.checkpointAll()
    }

    /// One small step of the same for idle moments.
    ///
    /// - Returns: whether there may be more to do.
    package func mergeSearch(pages: Int = 64) throws(StoreFailure) -> Bool {
        try settleTexts()
        let before = try totalChanges()
        try database.run(
            "INSERT INTO search(search, rank) VALUES ('merge', ?1)", .integer(Int64(-pages)))
        // Each step that does something changes at least two rows (SQLite, FTS5 6.8).
        return try totalChanges() - before >= 2
    }

    private func totalChanges() throws(StoreFailure) -> Int64 {
        try database.first("SELECT total_changes()") { $0.integer(0) } ?? 0
    }
}
