import CSQLite

/// A prepared statement that cannot be copied, leaked or finalized twice.
///
/// Only `Database.with` makes one, and lends it to a closure, so it cannot outlive its database.
package struct Statement: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Gives the handle up, ready for the next use.
    consuming func release() -> OpaquePointer {
        // Its result repeats the error of the last step, which was handled there.
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        let handle = self.handle
        discard self
        return handle
    }

    /// Sets the parameters in order; the first has position 1 in SQL.
    package func bind(_ values: [SQLValue]) {
        for (index, value) in values.enumerated() {
            let position = Int32(index + 1)
            switch value {
            case .null: check(sqlite3_bind_null(handle, position))
            case .integer(let number): check(sqlite3_bind_int64(handle, position, number))
            case .text(var text):
                text.withUTF8 { buffer in
                    check(bindText(position, UnsafeRawBufferPointer(buffer)))
                }
            case .blob(let bytes): bytes.withUnsafeBytes { check(bindBlob(position, $0)) }
            case .words(let first, let second, let third, let fourth):
                withUnsafeBytes(of: (first, second, third, fourth)) {
                    check(bindBlob(position, $0))
                }
            }
        }
    }

    private func bindText(_ position: Int32, _ buffer: UnsafeRawBufferPointer) -> Int32 {
        // A null pointer would bind NULL instead of the empty string.
        guard let base = buffer.baseAddress, !buffer.isEmpty else {
            return peer_bind_text(handle, position, "", 0)
        }
        return peer_bind_text(
            handle, position, base.assumingMemoryBound(to: CChar.self), UInt64(buffer.count))
    }

    private func bindBlob(_ position: Int32, _ buffer: UnsafeRawBufferPointer) -> Int32 {
        guard let base = buffer.baseAddress, !buffer.isEmpty else {
            return sqlite3_bind_zeroblob(handle, position, 0)
        }
        return peer_bind_blob(handle, position, base, UInt64(buffer.count))
    }

    /// Moves to the next row, and returns `false` after the last one.
    package func step() throws(StoreFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let result: throw StoreFailure(sqlite: result, on: sqlite3_db_handle(handle))
        }
    }

    // Columns count from 0.

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    package func unsigned(_ column: Int32) -> UInt64 { UInt64(bitPattern: integer(column)) }

    package func bytes(_ column: Int32) -> [UInt8] {
        guard let base = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return Array(UnsafeRawBufferPointer(start: base, count: count))
    }

    package func text(_ column: Int32) -> String {
        guard let base = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    /// - Errors: `corrupt` unless the column holds 32 bytes.
    package func identifier<Kind>(_ column: Int32) throws(StoreFailure) -> Identifier<Kind> {
        guard let base = sqlite3_column_blob(handle, column),
            let identifier = Identifier<Kind>(
                UnsafeRawBufferPointer(
                    start: base, count: Int(sqlite3_column_bytes(handle, column))))
        else { throw StoreFailure(.corrupt, "an id that is not 32 bytes") }
        return identifier
    }
}
