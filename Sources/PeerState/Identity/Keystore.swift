import Glibc

/// The secret files of a data directory: the identity's seed, and the root of the local keys.
///
/// - Errors: `keyMissing`, `keyUnusable`, `keyExposed` (the detail names the command that helps),
///   `alreadyExists`, `diskFull`, `readOnly`.
package enum Keystore {
    /// Bytes in `local-keys`, from which the keys that never leave the machine are derived.
    package static let localKeyByteCount = 32
    private static let temporarySuffix = ".new-"

    /// Makes an identity; an existing one is never replaced.
    package static func createIdentity(
        in directory: DataDirectory, entropy: inout Entropy
    ) throws(StoreFailure) -> SigningKey {
        try createIdentity(at: directory.identity, entropy: &entropy)
    }

    /// - Parameter path: of the key file, from the root; its folder is there.
    package static func createIdentity(
        at path: String, entropy: inout Entropy
    ) throws(StoreFailure) -> SigningKey {
        var seed = entropy.bytes(SigningKey.seedByteCount)
        defer { Sodium.wipe(&seed) }
        try create(path, seed, &entropy)
        return SigningKey(seed: seed)
    }

    package static func loadIdentity(
        from directory: DataDirectory
    ) throws(StoreFailure) -> SigningKey {
        try loadIdentity(at: directory.identity)
    }

    package static func loadIdentity(at path: String) throws(StoreFailure) -> SigningKey {
        var seed = try load(path, byteCount: SigningKey.seedByteCount)
        defer { Sodium.wipe(&seed) }
        try removeLeftovers(of: path)
        return SigningKey(seed: seed)
    }

    /// The root of the local keys, made on first use.
    package static func localKeys(
        in directory: DataDirectory, entropy: inout Entropy
    ) throws(StoreFailure) -> SecretBytes {
        var bytes: [UInt8]
        do throws(StoreFailure) {
            bytes = try load(directory.localKeys, byteCount: localKeyByteCount)
            try removeLeftovers(of: directory.localKeys)
        } catch  where error.code == .keyMissing {
            bytes = entropy.bytes(localKeyByteCount)
            try create(directory.localKeys, bytes, &entropy)
        }
        defer { Sodium.wipe(&bytes) }
        return SecretBytes(bytes)
    }

    /// Writes aside, syncs, then gives the name: a crash leaves the whole file or none.
    private static func create(
        _ path: String, _ bytes: [UInt8], _ entropy: inout Entropy
    ) throws(StoreFailure) {
        let temporary = path + temporarySuffix + entropy.bytes(8).hex
        do throws(StoreFailure) {
            let file = try Descriptor(
                opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            try file.write(bytes, at: 0)
            try file.sync()
        } catch {
            unlink(temporary)
            throw error
        }
        // `link`, unlike `rename`, refuses a name that is taken.
        let result = link(temporary, path)
        let problem = errno
        unlink(temporary)
        guard result == 0 else { throw StoreFailure(errno: problem, "create \(path)") }
        try Descriptor.syncDirectory(parts(of: path).folder)
    }

    private static func load(
        _ path: String, byteCount: Int
    ) throws(StoreFailure) -> [UInt8] {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno != ENOENT else { throw StoreFailure(.keyMissing, "\(path) does not exist") }
            throw StoreFailure(.keyUnusable, StoreFailure(errno: errno, "stat \(path)").detail)
        }
        // Looked at before opening, which would hang on a pipe.
        try check(status, path, byteCount: byteCount)
        let file: Descriptor
        do throws(StoreFailure) {
            file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            throw StoreFailure(.keyUnusable, error.detail)
        }
        // And again, since it may have been replaced between.
        try check(try file.status(), path, byteCount: byteCount)
        let bytes = try file.read(upTo: byteCount)
        guard bytes.count == byteCount else { throw StoreFailure(.keyUnusable, "\(path) is short") }
        return bytes
    }

    private static func check(
        _ status: stat, _ path: String, byteCount: Int
    ) throws(StoreFailure) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK:
            throw StoreFailure(
                .keyUnusable, "\(path) is a symbolic link; put the file itself there")
        default:
            throw StoreFailure(.keyUnusable, "\(path) is not a regular file; restore the key file")
        }
        guard status.st_uid == geteuid() else {
            throw StoreFailure(
                .keyUnusable, "\(path) belongs to another user; run: chown \(geteuid()) \(path)")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreFailure(.keyExposed, "others can use \(path); run: chmod 600 \(path)")
        }
        guard status.st_size == byteCount else {
            throw StoreFailure(
                .keyUnusable,
                "\(path) has \(status.st_size) bytes, not \(byteCount); restore it from a backup")
        }
    }

    /// Removes what a creation left behind that was killed before its end.
    private static func removeLeftovers(of path: String) throws(StoreFailure) {
        let (folder, name) = parts(of: path)
        guard let listing = opendir(folder) else {
            throw StoreFailure(errno: errno, "list \(folder)")
        }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let found = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard found.hasPrefix(name + temporarySuffix) else { continue }
            unlink(folder + "/" + found)
        }
    }

    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.index(after: slash)...]))
    }
}
