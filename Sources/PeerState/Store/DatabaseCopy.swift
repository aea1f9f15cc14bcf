import CSQLite
import Glibc

extension Limits {
    /// Pages copied before others get their turn with the database.
    package static let pagesPerCopyStep = 256
}

/// A consistent copy of a database that may be written meanwhile, made in small steps.
///
/// What is committed between two steps, through the same `Database`, is in the copy as well.
/// - Isolation: that of the database. Source: SQLite, Online Backup API.
package final class DatabaseCopy {
    private let target: OpaquePointer
    private var backup: OpaquePointer?

    /// - Parameter path: of a file that must not be there yet; it is made for its owner alone.
    /// - Errors: `alreadyExists`, `cannotOpen`, `diskFull`.
    init(of source: borrowing Database, to path: String) throws(StoreFailure) {
        do throws(StoreFailure) {
            _ = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        } catch {
            guard access(path, F_OK) == 0 else { throw error }
            throw StoreFailure(.alreadyExists, "\(path) is there already")
        }
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        let result = sqlite3_open_v2(path, &opened, flags, nil)
        guard result == SQLITE_OK, let opened else {
            let failure = StoreFailure(sqlite: result, on: opened)
            sqlite3_close_v2(opened)
            throw failure
        }
        let begun: OpaquePointer?
        do throws(StoreFailure) {
            begun = sqlite3_backup_init(opened, "main", try source.handle, "main")
        } catch {
            sqlite3_close_v2(opened)
            throw error
        }
        guard let begun else {
            let failure = StoreFailure(sqlite: sqlite3_errcode(opened), on: opened)
            sqlite3_close_v2(opened)
            throw failure
        }
        target = opened
        backup = begun
    }

    deinit {
        sqlite3_backup_finish(backup)
        sqlite3_close_v2(target)
    }

    /// Copies some pages.
    ///
    /// - Returns: whether the copy is complete and on disk.
    /// - Errors: `diskFull`, `ioError`, `corrupt`; the copy is then worth nothing.
    package func step(pages: Int = Limits.pagesPerCopyStep) throws(StoreFailure) -> Bool {
        switch sqlite3_backup_step(backup, Int32(pages)) {
        case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return false
        case SQLITE_DONE:
            let result = sqlite3_backup_finish(backup)
            backup = nil
            guard result == SQLITE_OK else { throw StoreFailure(sqlite: result, on: target) }
            return true
        case let result: throw StoreFailure(sqlite: result, on: target)
        }
    }
}

extension Database {
    package func beginCopy(to path: String) throws(StoreFailure) -> DatabaseCopy {
        try DatabaseCopy(of: self, to: path)
    }

    /// The whole copy in one call, for a program that has the database to itself.
    package func copy(to path: String) throws(StoreFailure) {
        let copy = try beginCopy(to: path)
        while try !copy.step() {}
    }
}

extension StoreCore {
    package func copyDatabase(to path: String) throws(StoreFailure) {
        try database.copy(to: path)
    }
}

extension Store {
    /// Writes a consistent copy of the database while others go on reading and committing.
    ///
    /// - Errors: those of `DatabaseCopy`; `closed`.
    package func copyDatabase(to path: String) async throws(StoreFailure) {
        let copy = try use { core throws(StoreFailure) in try core.database.beginCopy(to: path) }
        while try use({ _ throws(StoreFailure) in try copy.step() }) == false {
            await Task.yield()
        }
    }
}
