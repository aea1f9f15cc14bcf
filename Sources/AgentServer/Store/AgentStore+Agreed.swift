import PeerState

/// Where principals in lockdown have posted after they were told who reads along.
extension AgentStore {
    func hasAgreed(_ principal: String, to channel: Channel.ID) throws(StoreFailure) -> Bool {
        try use { database throws(StoreFailure) in
            let sql: SQLText = "SELECT 1 FROM agreed WHERE principal = ?1 AND channel = ?2"
            return try database.first(sql, .text(principal), .identifier(channel)) { _ in true }
                ?? false
        }
    }

    /// - Bound: `Limits.agreedKept`; the oldest are forgotten.
    func noteAgreed(
        _ principal: String, to channel: Channel.ID, now: UInt64
    ) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            try database.run(
                "INSERT OR REPLACE INTO agreed VALUES (?1, ?2, ?3)", .text(principal),
                .identifier(channel), .unsigned(now))
            try database.run(
                """
                DELETE FROM agreed WHERE at_ms <= (
                    SELECT at_ms FROM agreed ORDER BY at_ms DESC LIMIT 1 OFFSET ?1)
                """, .integer(Int64(Limits.agreedKept)))
        }
    }
}

extension Limits {
    /// Channels that principals in lockdown have been asked about, in all.
    static let agreedKept = 10_000
}
