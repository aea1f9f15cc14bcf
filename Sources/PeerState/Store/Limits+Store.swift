extension Limits {
    // Store
    /// How long the store has nothing to do before it tidies up, ns.
    static let storeIdleNanoseconds = 20_000_000
    /// Prepared statements kept for reuse; further ones are finalized after use.
    package static let cachedStatements = 64
    /// SQLite's page cache, in KiB.
    package static let pageCacheKiB = 8_192
    /// Pages in the write-ahead log after which it is copied into the database.
    package static let walPages = 2_000
    /// Bytes of the write-ahead log kept on disk after a checkpoint.
    package static let walBytesKept = 8 << 20
    /// Batches waiting for one group commit; a further one is refused as `busy`.
    package static let waitingBatches = 16_384
    /// Servers and authors whose row numbers are remembered.
    package static let cachedReferences = 16_384
    /// A high-water file above this size is not one.
    package static let maxHighWaterBytes = 4 << 20
    /// Keys read ahead per range while several ranges are merged.
    package static let keysReadAhead = 32
    /// Remembered client message ids (MCP 4.4), and how long.
    package static var sentKept: Int { OperatorLimit.idempotencyEntries.value }
    /// How many more are in memory before the oldest go.
    package static let sentSlack = 1_000
    package static var sentKeptFor: Milliseconds { .days(OperatorLimit.idempotencyDays) }
    /// Announcements kept for those who ask by cursor (MCP 6.1), and how long.
    package static var feedKept: Int { OperatorLimit.feedRows.value }
    package static var feedKeptFor: Milliseconds { .days(OperatorLimit.feedDays) }
    /// Announcements forgotten in one step, so that the store is not away for long.
    static let feedPrunedAtOnce: UInt64 = 10_000
    /// Rows of texts up to which the search index is made anew when a server is erased.
    static let scrubbedIndex: Int64 = 100_000
    /// Events read at once while a whole server is walked.
    package static let eventsPerStep = 256
    package static let bytesPerStep = 1 << 20
}
