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
    package static let sentKept = 10_000
    package static let sentKeptFor = Milliseconds.seconds(7 * 86_400)
    /// Events read at once while a whole server is walked.
    package static let eventsPerStep = 256
    package static let bytesPerStep = 1 << 20
}
