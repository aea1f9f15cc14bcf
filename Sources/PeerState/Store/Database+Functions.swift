import CSQLite

extension Database {
    /// Teaches SQL what only this program knows; no schema may name these.
    ///
    /// `text_guard(ref, seq, parent, source, epoch, text)` is `TextGuard.value`. `is_wanted()` says
    /// whether the reader of the rows still wants what is dear to make (`Wanted`).
    func addFunctions() throws(StoreFailure) {
        try add("text_guard", parameters: 6, SQLITE_DETERMINISTIC) { context, _, values in
            guard let context, let values else { return }
            var value = TextGuard()
            for index in 0..<5 {
                value.add(UInt64(bitPattern: sqlite3_value_int64(values[index])))
            }
            let text = sqlite3_value_text(values[5])
            let count = Int(sqlite3_value_bytes(values[5]))
            value.add(UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : count))
            sqlite3_result_int64(context, value.value)
        }
        try add("is_wanted", parameters: 0, 0, wanted.pointer) { context, _, _ in
            let isWanted = sqlite3_user_data(context)?.load(as: Int32.self) ?? 0
            sqlite3_result_int(context, isWanted)
        }
    }

    private func add(
        _ name: String, parameters: Int32, _ flags: Int32,
        _ context: UnsafeMutableRawPointer? = nil,
        _ body:
            @escaping @convention(c) (
                OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?
            ) -> Void
    ) throws(StoreFailure) {
        let handle = try handle
        let result = sqlite3_create_function_v2(
            handle, name, parameters, SQLITE_UTF8 | flags, context, body, nil, nil, nil)
        guard result == SQLITE_OK else { throw StoreFailure(sqlite: result, on: handle) }
    }

    /// What `is_wanted()` answers, for a statement that makes part of its columns for the first
    /// rows alone.
    final class Wanted {
        fileprivate let pointer: UnsafeMutableRawPointer

        init() {
            pointer = .allocate(byteCount: 4, alignment: 4)
            isSet = true
        }

        deinit { pointer.deallocate() }

        var isSet: Bool {
            get { pointer.load(as: Int32.self) != 0 }
            set { pointer.storeBytes(of: newValue ? 1 : 0, as: Int32.self) }
        }
    }
}
