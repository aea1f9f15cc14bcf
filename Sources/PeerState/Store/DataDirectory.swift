import Glibc

/// Where one node keeps its files, each under the name ARCHITECTURE 7 gives it.
package struct DataDirectory: Hashable, Sendable {
    /// Absolute and without symbolic links.
    package let path: String

    package var identity: String { path + "/identity" }
    package var localKeys: String { path + "/local-keys" }
    package var database: String { path + "/node.db" }
    package var highWater: String { path + "/high-water" }
    package var blobs: String { path + "/blobs" }
    package var lock: String { path + "/lock" }

    /// Opens the directory, and creates it and its parents (mode 0700) where they are missing.
    ///
    /// - Errors: `cannotOpen` for a symbolic link or anything that is no directory, `keyExposed`
    ///   when others could write into it, `readOnly`, `diskFull`.
    package init(preparing path: String) throws(StoreFailure) {
        let path = Self.withoutTrailingSlashes(path)
        guard !path.isEmpty else { throw StoreFailure(.cannotOpen, "the path is empty") }
        try Self.create(path)
        var status = stat()
        guard lstat(path, &status) == 0 else { throw StoreFailure(errno: errno, "stat \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreFailure(
                .cannotOpen, "\(path) is a symbolic link or a file; name the directory itself")
        }
        guard status.st_uid == geteuid() else {
            throw StoreFailure(.cannotOpen, "\(path) belongs to another user; run: chown it")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw StoreFailure(.keyExposed, "others can write to \(path); run: chmod 700 \(path)")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw StoreFailure(errno: errno, "write to \(path)")
        }
        guard let resolved = realpath(path, nil) else {
            throw StoreFailure(errno: errno, "resolve \(path)")
        }
        self.path = String(cString: resolved)
        free(resolved)
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path
        // With a slash at its end a symbolic link would be followed.
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func create(_ path: String) throws(StoreFailure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw StoreFailure(errno: errno, "create \(path)")
        }
        try create(withoutTrailingSlashes(String(path[..<slash])))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw StoreFailure(errno: errno, "create \(path)")
        }
    }
}
