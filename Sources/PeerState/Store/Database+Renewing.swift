import CSQLite

extension Database {
    /// Writes what an earlier process left in the log once more, and begins the log anew.
    ///
    /// After a failed sync the system shows pages that the disk may not hold, and the next sync
    /// leaves them out: commits that build on them would go with them. Called before the first.
    /// - Errors: those of the disk. On a full one, or one that cannot be written, it does nothing.
    func renewLog() throws(StoreFailure) {
        var pages: Int32 = 0
        let handle = try handle
        let result = sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, nil)
        do throws(StoreFailure) {
            guard result == SQLITE_OK else { throw StoreFailure(sqlite: result, on: handle) }
            guard pages > 0 else { return }
            try checkpointAll()
            // The log is synced with its new beginning; what it held before never counts again.
            let version = try first("PRAGMA user_version") { $0.integer(0) } ?? 0
            try transaction { () throws(StoreFailure) in
                try execute("PRAGMA user_version = \(version)")
            }
        } catch {
            guard error.code == .diskFull || error.code == .ioError else { throw error }
        }
    }
}
