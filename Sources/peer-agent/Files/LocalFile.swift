import Glibc
import PeerState

/// A regular file that is read or written by place, and closed once.
///
/// - Errors: `badFile` with the path and the system's reason.
struct LocalFile: ~Copyable {
    private let descriptor: Int32
    private let path: String

    init(reading path: String) throws(CLIFailure) {
        try self.init(path, O_RDONLY | O_NONBLOCK)
    }

    /// Opens a file of this user alone, made where it is missing; never through a symbolic link.
    init(writing path: String) throws(CLIFailure) {
        try self.init(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
    }

    private init(_ path: String, _ flags: Int32) throws(CLIFailure) {
        let opened = open(path, flags | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw CLIFailure(.badFile, "\(path): \(systemText(errno))")
        }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw CLIFailure(.badFile, "\(path) is not a regular file")
        }
        descriptor = opened
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    func size() throws(CLIFailure) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("size") }
        return Int(status.st_size)
    }

    func read(at offset: Int, upTo count: Int) throws(CLIFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let part = bytes.withUnsafeMutableBytes {
                pread(
                    descriptor, $0.baseAddress?.advanced(by: filled), count - filled,
                    off_t(offset + filled))
            }
            if part < 0 && errno == EINTR { continue }
            guard part >= 0 else { throw failure("read") }
            if part == 0 { break }
            filled += part
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(CLIFailure) {
        var sent = 0
        while sent < bytes.count {
            let part = bytes.withUnsafeBytes {
                pwrite(
                    descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    off_t(offset + sent))
            }
            if part < 0 && errno == EINTR { continue }
            guard part > 0 else { throw failure("write") }
            sent += part
        }
    }

    func finish(at size: Int) throws(CLIFailure) {
        guard ftruncate(descriptor, off_t(size)) == 0, fsync(descriptor) == 0 else {
            throw failure("write")
        }
    }

    private func failure(_ action: String) -> CLIFailure {
        CLIFailure(.badFile, "cannot \(action) \(path): \(systemText(errno))")
    }
}
