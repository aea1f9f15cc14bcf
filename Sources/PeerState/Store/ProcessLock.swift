import Glibc

/// Keeps a second process away from a data directory: one key, one writer (PROTOCOL 5.8, F6).
///
/// The system releases it when the process ends in any way; the file itself stays.
package struct ProcessLock: ~Copyable {
    private let file: Descriptor

    /// - Errors: `locked`, with the other process's number in the detail; `readOnly`, `cannotOpen`.
    package init(_ directory: DataDirectory) throws(StoreFailure) {
        let file = try Descriptor(opening: directory.lock, O_RDWR | O_CREAT | O_NOFOLLOW)
        guard try file.lock() else {
            let holder = String(decoding: try file.read(upTo: 20), as: UTF8.self)
                .prefix { $0.isNumber }
            throw StoreFailure(
                .locked, "\(directory.path) is in use by process \(holder.isEmpty ? "?" : holder)")
        }
        try file.truncate(to: 0)
        try file.write(Array("\(getpid())\n".utf8), at: 0)
        self.file = file
    }

    deinit { file.unlock() }
}
