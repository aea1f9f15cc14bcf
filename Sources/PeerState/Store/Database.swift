import CSQLite

/// One SQLite connection, set up for one process that must not lose what it acknowledged.
///
/// - Isolation: one thread at a time.
package final class Database {
    /// `nil` after `close`.
    private var open: OpaquePointer?
    private var prepared: [SQLText: Prepared] = [:]
    /// Counts uses of prepared statements.
    private var uses = 0
    /// How often a statement was prepared, for the first time or again.
    package private(set) var preparations = 0
    /// Whether changes are open that are only there to be read.
    package private(set) var isProvisional = false
    /// Why nothing is written any more: a sync failed, so what is on the disk is unknown until the
    /// next start.
    private var broken: StoreFailure?
    /// Written by SQLite after each commit: pages in the write-ahead log.
    private let walPages: UnsafeMutablePointer<Int32>
    let wanted = Wanted()

    /// Opens the file, and creates it when it is missing; nothing is written yet.
    ///
    /// - Parameters:
    ///   - path: of the file, or `:memory:`.
    ///   - vfs: the name of a registered file system layer; `nil` = the system's.
    /// - Errors: `cannotOpen`, `readOnly`.
    package init(path: String, vfs: String? = nil) throws(StoreFailure) {
        _ = Self.withoutStatistics
        var opened: OpaquePointer?
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            | SQLITE_OPEN_PRIVATECACHE
        let result = sqlite3_open_v2(path, &opened, flags, vfs)
        guard result == SQLITE_OK, let handle = opened else {
            // Even a failed open leaves a handle, for its message.
            let failure = StoreFailure(sqlite: result, on: opened)
            sqlite3_close_v2(opened)
            throw failure
        }
        open = handle
        walPages = .allocate(capacity: 1)
        walPages.initialize(to: 0)
        sqlite3_extended_result_codes(handle, 1)
        guard sqlite3_db_readonly(handle, "main") == 0 else {
            throw StoreFailure(.readOnly, "\(path) cannot be written")
        }
        try configure()
    }

    /// Set once, before the library is first used; later is refused and does no harm.
    package static let withoutStatistics = peer_sqlite_without_statistics()

    deinit {
        close()
        walPages.deallocate()
    }

    /// Makes changes that can be read from now on and never reach the disk; undone before the next
    /// transaction or checkpoint.
    ///
    /// For a disk that takes nothing more: SQLite keeps the changed pages in memory.
    package func provisionally(
        _ body: () throws(StoreFailure) -> Void
    ) throws(StoreFailure) {
        try endProvisional()
        try execute("PRAGMA cache_spill = OFF")
        // Also where nothing is written any more: this is not either.
        try perform("BEGIN IMMEDIATE", [])
        do throws(StoreFailure) {
            try body()
            isProvisional = true
        } catch {
            try rollBack(after: error)
            throw error
        }
    }

    private func endProvisional() throws(StoreFailure) {
        guard isProvisional else { return }
        isProvisional = false
        try run("ROLLBACK")
        try execute("PRAGMA cache_spill = ON")
    }

    /// Gives the file and its lock back; every later use fails as `closed`.
    package func close() {
        for statement in prepared.values where !statement.isLent {
            sqlite3_finalize(statement.handle)
        }
        prepared = [:]
        sqlite3_close_v2(open)
        open = nil
    }

    var handle: OpaquePointer {
        get throws(StoreFailure) {
            guard let open else { throw StoreFailure(.closed, "the database was closed") }
            return open
        }
    }

    /// Sets what needs no access to the file, so that a foreign database stays untouched.
    private func configure() throws(StoreFailure) {
        sqlite3_busy_timeout(try handle, 0)
        try execute(
            """
            PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -\(Limits.pageCacheKiB);
            PRAGMA foreign_keys = OFF;
            PRAGMA trusted_schema = OFF;
            """)
        try addFunctions()
    }

    /// Turns on the write-ahead log with a sync at every commit; for a database known to be ours.
    package func makeDurable() throws(StoreFailure) {
        // To its end, where a database that was in another mode is written.
        let mode = try rows("PRAGMA journal_mode = WAL") { $0.text(0) }.last
        guard mode == "wal" || mode == "memory" else {
            throw StoreFailure(.cannotOpen, "no write-ahead log here (\(mode ?? "none"))")
        }
        try execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA secure_delete = ON;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA journal_size_limit = \(Limits.walBytesKept);
            """)
        // Checkpoints run from `checkpointIfDue` alone: SQLite's own hides its errors.
        sqlite3_wal_hook(
            try handle,
            { context, _, _, pages in
                context?.storeBytes(of: pages, as: Int32.self)
                return SQLITE_OK
            }, walPages)
    }

    /// Lends a statement for `sql`, prepared once and kept for the next time.
    package func with<Result>(
        _ sql: SQLText, _ values: [SQLValue] = [],
        _ body: (borrowing Statement) throws(StoreFailure) -> Result
    ) throws(StoreFailure) -> Result {
        // A nested use gets its own.
        guard let known = prepared[sql], !known.isLent else {
            let statement = try prepare(sql)
            statement.bind(values)
            let result = try body(statement)
            keep(statement.release(), for: sql)
            return result
        }
        known.isLent = true
        uses += 1
        known.lastUse = uses
        let statement = Statement(known.handle)
        do throws(StoreFailure) {
            statement.bind(values)
            let result = try body(statement)
            _ = statement.release()
            known.isLent = false
            return result
        } catch {
            // It ends with this scope.
            prepared[sql] = nil
            throw error
        }
    }

    private func prepare(_ sql: SQLText) throws(StoreFailure) -> Statement {
        let handle = try handle
        preparations += 1
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let result = sqlite3_prepare_v3(handle, sql.text, -1, flags, &prepared, nil)
        guard result == SQLITE_OK, let prepared else {
            throw StoreFailure(sqlite: result, on: handle)
        }
        return Statement(prepared)
    }

    /// Keeps a statement, in the place of the one that was not used for longest where there are
    /// many: whatever came first would else keep out what is used for each event.
    private func keep(_ statement: OpaquePointer, for sql: SQLText) {
        guard open != nil, prepared[sql] == nil else {
            sqlite3_finalize(statement)
            return
        }
        if prepared.count >= Limits.cachedStatements {
            let oldest = prepared.filter { !$0.value.isLent }
                .min { $0.value.lastUse < $1.value.lastUse }
            if let oldest {
                prepared[oldest.key] = nil
                sqlite3_finalize(oldest.value.handle)
            }
        }
        uses += 1
        prepared[sql] = Prepared(statement, lastUse: uses)
    }

    private final class Prepared {
        let handle: OpaquePointer
        var isLent = false
        var lastUse: Int

        init(_ handle: OpaquePointer, lastUse: Int) {
            self.handle = handle
            self.lastUse = lastUse
        }
    }

    /// Runs one statement whose rows, if any, do not matter.
    ///
    /// - Errors: outside of a transaction, `storeFailed` once a sync has failed.
    package func run(_ sql: SQLText, _ values: SQLValue...) throws(StoreFailure) {
        if let broken, sqlite3_get_autocommit(try handle) != 0 { throw broken }
        try noting { () throws(StoreFailure) in try perform(sql, values) }
    }

    private func perform(_ sql: SQLText, _ values: [SQLValue]) throws(StoreFailure) {
        try with(sql, values) { statement throws(StoreFailure) in
            while try statement.step() {}
        }
    }

    /// Remembers a failed sync.
    private func noting(_ body: () throws(StoreFailure) -> Void) throws(StoreFailure) {
        do throws(StoreFailure) {
            try body()
        } catch {
            if error.code == .storeFailed { broken = broken ?? error }
            throw error
        }
    }

    package func rows<Row>(
        _ sql: SQLText, _ values: SQLValue...,
        decode: (borrowing Statement) throws(StoreFailure) -> Row
    ) throws(StoreFailure) -> [Row] {
        try with(sql, values) { statement throws(StoreFailure) in
            var rows: [Row] = []
            while try statement.step() { rows.append(try decode(statement)) }
            return rows
        }
    }

    package func first<Row>(
        _ sql: SQLText, _ values: SQLValue...,
        decode: (borrowing Statement) throws(StoreFailure) -> Row
    ) throws(StoreFailure) -> Row? {
        try with(sql, values) { statement throws(StoreFailure) in
            try statement.step() ? try decode(statement) : nil
        }
    }

    /// The row number that the last statement gave; `nil` when it inserted nothing.
    package func insertedRow() throws(StoreFailure) -> Int64? {
        let handle = try handle
        return sqlite3_changes(handle) > 0 ? sqlite3_last_insert_rowid(handle) : nil
    }

    /// Runs several statements without parameters, such as a migration.
    package func execute(_ script: String) throws(StoreFailure) {
        let handle = try handle
        let result = sqlite3_exec(handle, script, nil, nil, nil)
        guard result == SQLITE_OK else { throw StoreFailure(sqlite: result, on: handle) }
    }

    /// Makes everything in `body` happen, durably, or nothing of it.
    ///
    /// - Errors: those of `body`; `storeFailed` when not even the rollback worked.
    package func transaction(
        _ body: () throws(StoreFailure) -> Void
    ) throws(StoreFailure) {
        try endProvisional()
        try run("BEGIN IMMEDIATE")
        do throws(StoreFailure) {
            try body()
            try run("COMMIT")
        } catch {
            try rollBack(after: error)
            throw error
        }
    }

    private func rollBack(after failure: StoreFailure) throws(StoreFailure) {
        // SQLite ends the transaction itself after some errors, such as a full disk.
        guard sqlite3_get_autocommit(try handle) == 0 else { return }
        do throws(StoreFailure) {
            try run("ROLLBACK")
        } catch {
            throw StoreFailure(
                .storeFailed, "\(failure.detail), then the rollback: \(error.detail)")
        }
    }

    /// Copies the write-ahead log into the database once it has grown long enough.
    ///
    /// - Errors: as SQLite reports them; what was committed is safe in any case.
    package func checkpointIfDue() throws(StoreFailure) {
        guard walPages.pointee >= Limits.walPages else { return }
        // On failure the next attempt waits until as many pages came again.
        walPages.pointee = 0
        try checkpoint(SQLITE_CHECKPOINT_PASSIVE)
    }

    /// Copies the whole write-ahead log into the database and empties it.
    package func checkpointAll() throws(StoreFailure) {
        try checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
    }

    private func checkpoint(_ mode: Int32) throws(StoreFailure) {
        try endProvisional()
        let handle = try handle
        if let broken { throw broken }
        try noting { () throws(StoreFailure) in
            let result = sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
            guard result == SQLITE_OK else { throw StoreFailure(sqlite: result, on: handle) }
        }
    }
}
