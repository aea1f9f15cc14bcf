/// Writing texts after the events they came in (`DeferredTexts`).
extension StoreCore {
    /// Whether nothing but new messages becomes readable, so that their texts can wait.
    static func canWait(_ batch: StoreBatch) -> Bool {
        batch.erasedServers.isEmpty && batch.droppedEvents.isEmpty
            && batch.texts.allSatisfy { change in
                switch change {
                case .show(let entry): entry.feed != 0 && entry.source == nil
                case .showSealed: true
                case .edit, .remove, .drop, .dropChannel: false
                }
            }
    }

    /// Keeps how messages arrived, inside the open transaction.
    ///
    /// - Returns: what is to be written once the transaction is durable.
    func arrive(_ changes: [TextChange]) throws(StoreFailure) -> [DeferredTexts.Item] {
        var items: [DeferredTexts.Item] = []
        var totals: [Int64: ChannelRise] = [:]
        for change in changes {
            guard case .show(let entry) = change else {
                try apply(change)
                continue
            }
            var found = freshPlaces[entry.message]
            if found == nil { found = try textPlace(of: entry.message) }
            guard let place = found else {
                throw StoreFailure(.conflict, "the text of an event that is not stored")
            }
            guard place.flags == nil else {
                try apply(.show(entry))
                continue
            }
            let channel = try reference(to: entry.channel, in: place.server)
            try database.run(
                "INSERT OR REPLACE INTO unwritten_texts VALUES (?1, ?2, ?3, ?4, ?5)",
                .integer(place.reference), .unsigned(entry.feed), .unsigned(entry.channelSeq),
                .integer(entry.flags.intersection(.uncounted).rawValue),
                entry.principal.map { .text($0) } ?? .null)
            items.append(DeferredTexts.Item(entry: entry, place: place, channel: channel))
            totals[channel, default: ChannelRise()].add(
                entry.channelSeq, isForeign: !entry.flags.contains(.local))
        }
        for (channel, rise) in totals { try raiseTotals(of: channel, rise) }
        return items
    }

    /// Writes what waits, inside the open transaction; the caller forgets it when that is durable.
    func writeDeferred() throws(StoreFailure) {
        for item in deferred.items { try insert(item.entry, at: item.place, in: item.channel) }
        try addUnwrittenToSearch()
        // Rows of a start that could not fill in their texts stay for the next one.
        try database.run(
            """
            DELETE FROM unwritten_texts
            WHERE EXISTS (SELECT 1 FROM texts WHERE texts.ref = unwritten_texts.ref)
            """)
    }

    /// Writes what waits; called before anything that reads texts, and when there is nothing to do.
    ///
    /// Without a sync: a power loss takes it back as a whole, and `refill` does it again. Where the
    /// disk takes no more they go on waiting, and are shown from memory as far as that can be done.
    func settleTexts() throws(StoreFailure) {
        guard !deferred.isEmpty, !database.isProvisional else { return }
        do throws(StoreFailure) {
            try database.execute("PRAGMA synchronous = NORMAL")
            defer { restoreSync() }
            try database.transaction { () throws(StoreFailure) in try writeDeferred() }
            deferred.removeAll()
        } catch {
            forgetReferences()
            guard Self.isOfTheDisk(error) else { throw error }
            try showProvisionally()
        }
    }

    private func showProvisionally() throws(StoreFailure) {
        do throws(StoreFailure) {
            try database.provisionally { () throws(StoreFailure) in try writeDeferred() }
        } catch {
            forgetReferences()
            guard Self.isOfTheDisk(error) else { throw error }
        }
    }

    /// Whether reading goes on although nothing can be written.
    static func isOfTheDisk(_ failure: StoreFailure) -> Bool {
        switch failure.code {
        case .diskFull, .ioError, .storeFailed: true
        default: false
        }
    }

    /// Whether a crash left messages whose text was not written.
    package func hasUnwrittenTexts() throws(StoreFailure) -> Bool {
        guard deferred.isEmpty else { return false }
        return try database.first("SELECT 1 FROM unwritten_texts LIMIT 1") { _ in true } ?? false
    }

    /// Writes texts that a crash kept from being written; for the start, before other commits.
    ///
    /// - Parameter open: what an event makes readable, as for `rebuildStep`.
    /// - Returns: `false` on a full disk: then they wait as those of new messages do, are shown
    ///   from memory, and are written once there is room.
    @discardableResult
    package func refill(
        open: (StoredEvent) -> [TextChange]
    ) throws(StoreFailure) -> Bool {
        let rows = try database.rows(
            """
            SELECT u.ref, s.id, u.feed, u.channel_seq, u.flags, u.principal
            FROM unwritten_texts AS u CROSS JOIN events AS e ON e.ref = u.ref
            CROSS JOIN servers AS s ON s.ref = e.server ORDER BY u.feed
            """
        ) { row throws(StoreFailure) in
            Unwritten(
                reference: row.integer(0), server: try row.identifier(1), feed: row.unsigned(2),
                channelSeq: row.unsigned(3), flags: TextFlags(rawValue: row.integer(4)),
                principal: row.isNull(5) ? nil : row.text(5))
        }
        do throws(StoreFailure) {
            try database.transaction { () throws(StoreFailure) in
                for row in rows {
                    let event = try event(row.reference, of: row.server)
                    for change in open(event) { try apply(row.completing(change)) }
                }
                try database.run("DELETE FROM unwritten_texts")
            }
        } catch {
            forgetReferences()
            guard error.code == .diskFull else { throw error }
            try deferAgain(rows, open)
            return false
        }
        return true
    }

    /// Lets texts wait of which a start could write none. What is no text of its own stays for the
    /// next start: its row is kept.
    private func deferAgain(
        _ rows: [Unwritten], _ open: (StoredEvent) -> [TextChange]
    ) throws(StoreFailure) {
        for row in rows {
            for change in open(try event(row.reference, of: row.server)) {
                guard case .show(let entry) = row.completing(change),
                    let place = try textPlace(of: entry.message), place.flags == nil,
                    let channel = try knownReference(to: entry.channel, in: place.server)
                else { continue }
                deferred.add([DeferredTexts.Item(entry: entry, place: place, channel: channel)])
            }
        }
    }
}

/// How a message arrived whose text was not written.
private struct Unwritten {
    let reference: Int64
    let server: Server.ID
    let feed: UInt64
    let channelSeq: UInt64
    let flags: TextFlags
    let principal: String?

    func completing(_ change: TextChange) -> TextChange {
        guard case .show(var entry) = change else { return change }
        entry.feed = feed
        entry.channelSeq = channelSeq
        entry.flags.formUnion(flags)
        entry.principal = principal
        return .show(entry)
    }
}

/// How far the numbers of a channel's messages rose.
struct ChannelRise {
    var last: UInt64 = 0
    var lastForeign: UInt64 = 0

    mutating func add(_ seq: UInt64, isForeign: Bool) {
        last = max(last, seq)
        if isForeign { lastForeign = max(lastForeign, seq) }
    }
}
