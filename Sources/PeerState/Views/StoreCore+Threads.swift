extension StoreCore {
    /// How many messages answer the first one of a conversation, directly or not; tombstones count.
    ///
    /// - Bound: counts up to `Limits.remainingMax`.
    package func replyCount(
        of root: Event.ID, withSealed: Bool = false
    ) throws(StoreFailure) -> Int {
        try settleTexts()
        guard let place = try textPlace(of: root) else { return 0 }
        var sources = ["texts INDEXED BY texts_thread"]
        let sealed = try withSealed ? highestSealed() : 0
        if sealed > 0 {
            sources.append("sealed_texts INDEXED BY sealed_thread")
        }
        var count = 0
        for source in sources {
            count +=
                try database.first(
                    "SELECT count(*) FROM (SELECT 1 FROM \(source) WHERE thread = ?1 LIMIT ?2)",
                    .integer(place.reference), .integer(Int64(Limits.remainingMax))
                ) { Int($0.integer(0)) } ?? 0
        }
        return max(0, min(count, Limits.remainingMax) - 1)
    }

    /// The last message of a channel in display order among those announced up to a position.
    package func lastRead(
        in channel: Channel.ID, of server: Server.ID, announcedBy feed: UInt64
    ) throws(StoreFailure) -> OrderKey? {
        try settleTexts()
        guard let server = try knownReference(to: server),
            let reference = try knownReference(to: channel, in: server)
        else { return nil }
        let found = try database.first(
            """
            SELECT ref FROM texts WHERE channel = ?1 AND feed <= ?2
            ORDER BY lamport DESC, author_order DESC LIMIT 1
            """, .integer(reference), .unsigned(feed)
        ) { $0.integer(0) }
        return try found.flatMap { reference throws(StoreFailure) in
            try message(at: reference)?.position
        }
    }

    /// Stored events whose id begins with these hexadecimal digits, by id.
    package func eventIDs(
        startingWith hexPrefix: String, limit: Int
    ) throws(StoreFailure) -> [Event.ID] {
        let digits = hexPrefix.lowercased()
        let missing = 2 * Event.ID.byteCount - digits.utf8.count
        guard missing >= 0,
            let low = [UInt8](hex: digits + String(repeating: "0", count: missing)),
            let high = [UInt8](hex: digits + String(repeating: "f", count: missing))
        else { return [] }
        return try database.rows(
            """
            SELECT id FROM events
            WHERE substr(id, 1, 8) BETWEEN substr(?1, 1, 8) AND substr(?2, 1, 8)
                AND id BETWEEN ?1 AND ?2
            ORDER BY substr(id, 1, 8), id LIMIT ?3
            """,
            .blob(low), .blob(high), .integer(Int64(limit))
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }

    /// The server a stored event belongs to.
    package func server(of event: Event.ID) throws(StoreFailure) -> Server.ID? {
        try database.first(
            """
            SELECT s.id FROM events AS e CROSS JOIN servers AS s ON s.ref = e.server
            WHERE substr(e.id, 1, 8) = substr(?1, 1, 8) AND e.id = ?1
            """, .identifier(event)
        ) { row throws(StoreFailure) in try row.identifier(0) }
    }

    /// The first position of the feed that is kept; 0 when there is none.
    package func firstFeedPosition() throws(StoreFailure) -> UInt64 {
        try database.first("SELECT min(position) FROM feed") { $0.unsigned(0) } ?? 0
    }

    /// The first message of the conversation, which is marked as one when this is its first reply.
    func thread(
        of reference: Int64, parent: Int64?
    ) throws(StoreFailure) -> Int64? {
        var thread: Int64?
        if let parent { thread = try root(ofReplyTo: parent) }
        // Replies may have been readable first: then a thread has this number.
        let highest = try highestThread()
        if let thread { threadsUpTo = max(highest, thread) }
        guard reference <= highest else { return thread }
        let hasReplies = try database.first(
            """
            SELECT EXISTS (SELECT 1 FROM texts WHERE thread = ?1)
                OR EXISTS (SELECT 1 FROM sealed_texts WHERE thread = ?1)
            """, .integer(reference)
        ) { $0.integer(0) != 0 }
        guard hasReplies == true else { return thread }
        guard let thread else { return reference }
        for table in ["texts", "sealed_texts"] {
            try database.run(
                "UPDATE \(table) SET thread = ?2 WHERE thread = ?1", .integer(reference),
                .integer(thread))
        }
        return thread
    }

    /// The first message of the conversation that a reply to `parent` joins or begins.
    private func root(ofReplyTo parent: Int64) throws(StoreFailure) -> Int64 {
        let found = try database.first(
            "SELECT thread FROM texts WHERE ref = ?1", .integer(parent)
        ) { $0.isNull(0) ? nil : $0.integer(0) }
        if let found {
            if let found { return found }
            try database.run("UPDATE texts SET thread = ref WHERE ref = ?1", .integer(parent))
        } else if let sealed = try sealedThread(of: parent) {
            if let sealed { return sealed }
            try database.run(
                "UPDATE sealed_texts SET thread = ref WHERE ref = ?1", .integer(parent))
        }
        return parent
    }

    /// No thread has a number above this one; most new messages do, and need not be looked for.
    private func highestThread() throws(StoreFailure) -> Int64 {
        if let threadsUpTo { return threadsUpTo }
        var highest: Int64 = 0
        for table in ["texts", "sealed_texts"] {
            let found = try database.first(
                "SELECT max(thread) FROM \(table) WHERE thread IS NOT NULL"
            ) { $0.integer(0) }
            highest = max(highest, found ?? 0)
        }
        threadsUpTo = highest
        return highest
    }
}
