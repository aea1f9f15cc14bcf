import CSQLite
import Glibc

extension Failure where Code == StoreCode {
    /// Translates an (extended) SQLite result code; the detail is SQLite's own message.
    init(sqlite result: Int32, on database: OpaquePointer?) {
        let message = database.flatMap(sqlite3_errmsg) ?? sqlite3_errstr(result)
        let text = message.map { String(cString: $0) } ?? "no message"
        let code = Self.code(sqlite: result)
        let advice = code == .corrupt ? ". " + code.advice : ""
        self.init(code, "\(text) (sqlite \(result))\(advice)")
    }

    /// - Parameter result: SQLite's extended result code.
    package static func code(sqlite result: Int32) -> StoreCode {
        if result == ioErrorFsync || result == ioErrorDirectoryFsync { return .storeFailed }
        switch result & 0xff {
        case SQLITE_FULL: return .diskFull
        case SQLITE_IOERR: return .ioError
        case SQLITE_NOTADB, SQLITE_CORRUPT: return .corrupt
        case SQLITE_READONLY: return .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH: return .conflict
        case SQLITE_NOMEM: return .outOfMemory
        default: return .cannotOpen
        }
    }

    /// Translates `errno` after a system call that was to create or change a file.
    package init(errno number: Int32, _ action: String) {
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        self.init(Self.code(errno: number), "cannot \(action): \(reason)")
    }

    package static func code(errno number: Int32) -> StoreCode {
        switch number {
        case ENOSPC, EDQUOT: .diskFull
        case EROFS, EACCES, EPERM: .readOnly
        case EIO: .ioError
        case EEXIST: .alreadyExists
        default: .cannotOpen
        }
    }
}

/// `SQLITE_IOERR_FSYNC`, a macro that Swift does not import.
private let ioErrorFsync = SQLITE_IOERR | (4 << 8)
/// `SQLITE_IOERR_DIR_FSYNC`.
private let ioErrorDirectoryFsync = SQLITE_IOERR | (5 << 8)
