import Glibc

/// An open file that is closed exactly once.
///
/// - Errors: every method throws the code of `errno` with the path in the detail.
struct Descriptor: ~Copyable {
    private let number: Int32
    private let path: String

    /// - Parameter flags: of `open`; `O_CLOEXEC` is added.
    init(opening path: String, _ flags: Int32, mode: mode_t = 0o600) throws(StoreFailure) {
        self.path = path
        var result: Int32
        repeat { result = open(path, flags | O_CLOEXEC, mode) } while result < 0 && errno == EINTR
        guard result >= 0 else { throw StoreFailure(errno: errno, "open \(path)") }
        number = result
    }

    deinit {
        close(number)
    }

    func status() throws(StoreFailure) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw StoreFailure(errno: errno, "stat \(path)") }
        return status
    }

    /// Everything up to the end of the file, or the first `count` bytes.
    func read(upTo count: Int) throws(StoreFailure) -> [UInt8] {
        try readPart(at: 0, upTo: count)
    }

    /// At most `count` bytes from `offset`, fewer only at the end of the file.
    func readPart(at offset: Int, upTo count: Int) throws(StoreFailure) -> [UInt8] {
        // A bound is far above most files: memory for it all would cost more than the reading.
        let count = min(count, max(0, Int(try status().st_size) - offset))
        var result = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let part = result.withUnsafeMutableBytes { buffer in
                pread(
                    number, buffer.baseAddress?.advanced(by: filled), count - filled,
                    off_t(offset + filled))
            }
            if part < 0 && errno == EINTR { continue }
            guard part >= 0 else { throw StoreFailure(errno: errno, "read \(path)") }
            if part == 0 { break }
            filled += part
        }
        result.removeLast(count - filled)
        return result
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StoreFailure) {
        var sent = 0
        while sent < bytes.count {
            let part = bytes.withUnsafeBytes { buffer in
                pwrite(
                    number, buffer.baseAddress?.advanced(by: sent), bytes.count - sent,
                    off_t(offset + sent))
            }
            if part < 0 && errno == EINTR { continue }
            guard part > 0 else { throw StoreFailure(errno: errno, "write \(path)") }
            sent += part
        }
    }

    /// Takes the blocks for a file of `count` bytes now, so that later writes need no space.
    func reserve(_ count: Int) throws(StoreFailure) {
        // It returns the error instead of setting `errno`.
        let result = posix_fallocate(number, 0, off_t(count))
        guard result == 0 else { throw StoreFailure(errno: result, "reserve space in \(path)") }
    }

    func truncate(to count: Int) throws(StoreFailure) {
        guard ftruncate(number, off_t(count)) == 0 else {
            throw StoreFailure(errno: errno, "truncate \(path)")
        }
    }

    /// - Errors: always `storeFailed`: after a failed sync nothing about the file is known.
    func sync() throws(StoreFailure) {
        guard fsync(number) == 0 else {
            let failure = StoreFailure(errno: errno, "sync \(path)")
            throw StoreFailure(.storeFailed, failure.detail)
        }
    }

    /// Takes the exclusive advisory lock, or returns `false` when another holder has it.
    func lock() throws(StoreFailure) -> Bool {
        if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw StoreFailure(errno: errno, "lock \(path)") }
        return false
    }

    /// Gives the lock back, whoever else holds a copy of the descriptor, as a child does that was
    /// made this moment.
    func unlock() {
        // Cannot fail for a descriptor that is open, which this one is.
        _ = flock(number, LOCK_UN)
    }

    /// Makes names created, linked or removed in the directory `path` survive a power loss.
    static func syncDirectory(_ path: String) throws(StoreFailure) {
        try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).sync()
    }
}
