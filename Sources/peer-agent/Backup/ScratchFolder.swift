import Glibc
import PeerState

/// A private folder that is gone, with everything in it, when the work is done.
///
/// Who was killed leaves one behind; the next to work in the same place removes it.
enum ScratchFolder {
    private static let prefix = ".peer-agent-"
    private static let randomCount = 6
    /// Locked as long as somebody works in the folder; nothing is made there before it.
    private static let lock = "lock"

    /// - Parameter parent: of the folder; a place on the same disk as the result.
    static func with<Value>(
        in parent: String, _ body: (String) async throws -> Value
    ) async throws -> Value {
        sweep(parent)
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StoreFailure(errno: errno, "make a folder in \(parent)")
        }
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let file = "\(path)/\(lock)"
        let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        defer {
            remove(path)
            if descriptor >= 0 { close(descriptor) }
        }
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw StoreFailure(errno: errno, "lock \(file)")
        }
        return try await body(path)
    }

    /// Removes folders of this kind in `parent` that are ours and nobody works in.
    ///
    /// What cannot be removed stays; the work itself does not depend on it.
    static func sweep(_ parent: String) {
        for name in names(in: parent)
        where name.hasPrefix(prefix) && name.utf8.count == prefix.utf8.count + randomCount {
            let path = "\(parent)/\(name)"
            guard isOurs(path) else { continue }
            let descriptor = open("\(path)/\(lock)", O_RDWR | O_NOFOLLOW | O_CLOEXEC)
            // Without a lock it may be one that somebody is just about to lock.
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, names(in: path).allSatisfy(isMade) {
                remove(path)
            }
            close(descriptor)
        }
    }

    /// Whether a file of that name is one that is made here.
    private static func isMade(_ name: String) -> Bool {
        let isChunk = name.utf8.count == 64 && name.utf8.allSatisfy(isHexDigit)
        return isChunk || name == lock || name == "backup" || BackupReader.names.contains(name)
            || name.hasPrefix("node.db-") || name.hasPrefix("agent.db-")
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }

    /// A folder, no link to one, that this user alone can enter.
    private static func isOurs(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_mode & 0o777 == 0o700 && status.st_uid == geteuid()
    }

    /// One level deep, which is all that is ever made; the lock last, so that what is left of it
    /// can be removed another time.
    private static func remove(_ path: String) {
        for name in names(in: path) where name != lock { unlink("\(path)/\(name)") }
        unlink("\(path)/\(lock)")
        rmdir(path)
    }

    private static func names(in folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
