import Glibc
import PeerState

/// A file of a backup that is read or written from its beginning to its end.
///
/// - Errors: `badBackup` for bytes that are missing, `StoreFailure` of the system.
final class BackupFile {
    static let chunk = 1 << 18

    private let descriptor: Int32
    let path: String

    init(reading path: String) throws(StoreFailure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        self.path = path
        guard descriptor >= 0 else { throw StoreFailure(errno: errno, "open \(path)") }
    }

    /// Makes a file for its owner alone; there must be none.
    init(creating path: String) throws(StoreFailure) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        self.path = path
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw StoreFailure(.alreadyExists, "\(path) is there already")
            }
            throw StoreFailure(errno: errno, "create \(path)")
        }
    }

    deinit {
        close(descriptor)
    }

    func size() throws(StoreFailure) -> UInt64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw StoreFailure(errno: errno, "stat \(path)")
        }
        return UInt64(status.st_size)
    }

    /// Up to `count` bytes; fewer only at the end.
    func read(_ count: Int) throws(StoreFailure) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let part = result.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
            }
            if part < 0 && errno == EINTR { continue }
            guard part >= 0 else { throw StoreFailure(errno: errno, "read \(path)") }
            if part == 0 { break }
            filled += part
        }
        return Array(result.prefix(filled))
    }

    func write(_ bytes: [UInt8]) throws(StoreFailure) {
        var sent = 0
        while sent < bytes.count {
            let part = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent)
            }
            if part < 0 && errno == EINTR { continue }
            guard part > 0 else { throw StoreFailure(errno: errno, "write \(path)") }
            sent += part
        }
    }

    func sync() throws(StoreFailure) {
        guard fsync(descriptor) == 0 else { throw StoreFailure(errno: errno, "sync \(path)") }
    }
}
