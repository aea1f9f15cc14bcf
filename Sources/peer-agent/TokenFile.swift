import AgentServer
import Glibc
import PeerState

/// A file that holds one token and belongs to its owner alone.
enum TokenFile {
    private static let bytesMax = 4_096

    /// - Returns: `nil` when there is no such file.
    /// - Errors: `keyUnusable`, `keyExposed` with the command that helps.
    static func read(_ path: String) throws(StoreFailure) -> String? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw StoreFailure(.keyUnusable, "cannot open \(path): \(systemText(errno))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreFailure(.keyUnusable, "\(path) is not a regular file")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw StoreFailure(.keyExposed, "others can use \(path); run: chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let count = Glibc.read(file, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            .drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
        guard TokenText.isWellFormed(String(text)) else {
            throw StoreFailure(.keyUnusable, "\(path) holds no token (pat_ and 64 digits)")
        }
        return String(text)
    }

    /// Writes aside, syncs, then gives the name, so that a crash leaves the whole file or none.
    static func create(_ path: String, _ token: String) throws {
        let temporary = path + ".new"
        unlink(temporary)  // Of a start that was killed.
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw StoreFailure(.cannotOpen, "cannot make \(path): \(systemText(errno))")
        }
        do {
            defer { close(file) }
            try Output.write(Array((token + "\n").utf8), to: file)
            guard fsync(file) == 0 else {
                throw StoreFailure(.ioError, "cannot sync \(path): \(systemText(errno))")
            }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            throw StoreFailure(.cannotOpen, "cannot make \(path): \(systemText(errno))")
        }
    }
}
