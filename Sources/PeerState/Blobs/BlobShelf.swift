import Glibc

/// Chunks on disk, one private file per id: written aside, synced if it is the only copy, then
/// renamed.
///
/// A name that is there holds the whole chunk, unless the power failed. What else lies in the
/// folder under a name of ours is left of a crash and goes at the start; nothing outside the folder
/// is touched.
/// - Isolation: one thread at a time. Errors: `StoreFailure` of the system call.
package final class BlobShelf {
    package struct Entry: Hashable, Sendable {
        package let size: Int
        /// ms since 1970.
        package fileprivate(set) var usedAt: UInt64
        /// What of it is on disk; to the hour.
        fileprivate var notedAt: UInt64
    }

    private let folder: String?
    private var kept: [Chunk.ID: [UInt8]] = [:]
    package private(set) var entries: [Chunk.ID: Entry] = [:]
    /// Bytes of all chunks.
    package private(set) var bytes = 0

    /// Keeps chunks in memory: for simulations and tests.
    package init() { folder = nil }

    /// Opens the folder, made (0700) where it is missing, and counts what is there.
    package init(folder: String) throws(StoreFailure) {
        self.folder = folder
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw StoreFailure(errno: errno, "create \(folder)")
        }
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreFailure(
                .cannotOpen, "\(folder) is not a folder; move away what lies there")
        }
        for name in try names() { try take(name, in: folder) }
    }

    private func take(_ name: String, in folder: String) throws(StoreFailure) {
        if name.hasSuffix(Self.aside) {
            unlink(folder + "/" + name)
            return
        }
        var status = stat()
        guard let id = Chunk.ID(hex: name), lstat(folder + "/" + name, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else { return }
        let used = UInt64(max(0, status.st_mtim.tv_sec)) * 1_000
        entries[id] = Entry(size: Int(status.st_size), usedAt: used, notedAt: used)
        bytes += Int(status.st_size)
    }

    private static let aside = ".part"

    /// Names of everything in the folder; none in memory.
    package func names() throws(StoreFailure) -> [String] {
        guard let folder else { return [] }
        return try Self.names(in: folder)
    }

    /// The chunks of a folder that another process may be using, none of which is touched.
    package static func chunks(in folder: String) throws(StoreFailure) -> [Chunk.ID] {
        guard access(folder, F_OK) == 0 else { return [] }
        return try names(in: folder).compactMap { Chunk.ID(hex: $0) }.sorted()
    }

    private static func names(in folder: String) throws(StoreFailure) -> [String] {
        guard let stream = opendir(folder) else {
            throw StoreFailure(errno: errno, "read \(folder)")
        }
        defer { closedir(stream) }
        var result: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if name != "." && name != ".." { result.append(name) }
        }
        return result
    }

    package func holds(_ id: Chunk.ID) -> Bool { entries[id] != nil }

    /// At most `count` bytes from `offset`; `nil` when the chunk is not here.
    package func read(
        _ id: Chunk.ID, at offset: Int, count: Int, nowMilliseconds: UInt64
    ) throws(StoreFailure) -> [UInt8]? {
        guard let entry = entries[id] else { return nil }
        guard offset < entry.size, count > 0 else { return [] }
        let count = min(count, entry.size - offset)
        noteUse(of: id, nowMilliseconds)
        guard let folder else {
            return kept[id].map { Array($0[offset..<offset + count]) }
        }
        let file = try Descriptor(opening: path(id, folder), O_RDONLY | O_NOFOLLOW)
        return try file.read(at: offset, count: count)
    }

    private func noteUse(of id: Chunk.ID, _ now: UInt64) {
        entries[id]?.usedAt = now
        guard let folder, let entry = entries[id], now > entry.notedAt + Limits.usedNoted.count
        else { return }
        entries[id]?.notedAt = now
        // Without it the chunk only looks older than it is.
        _ = utimensat(AT_FDCWD, path(id, folder), nil, AT_SYMLINK_NOFOLLOW)
    }

    /// Stores a chunk whose id was checked; one that is there stays.
    ///
    /// - Parameter waitsForDisk: `false` for what can be fetched again. Its hash is checked before
    ///   its first use after a start, so that a power loss costs time and nothing else.
    package func write(
        _ id: Chunk.ID, _ ciphertext: [UInt8], nowMilliseconds: UInt64, waitsForDisk: Bool = true
    ) throws(StoreFailure) {
        guard entries[id] == nil else { return }
        if let folder {
            try put(ciphertext, under: id.hex, in: folder, waitsForDisk: waitsForDisk)
        } else {
            kept[id] = ciphertext
        }
        entries[id] = Entry(
            size: ciphertext.count, usedAt: nowMilliseconds, notedAt: nowMilliseconds)
        bytes += ciphertext.count
    }

    private func put(
        _ content: [UInt8], under name: String, in folder: String, waitsForDisk: Bool = true
    ) throws(StoreFailure) {
        let target = folder + "/" + name
        let aside = target + Self.aside
        do throws(StoreFailure) {
            let file = try Descriptor(
                opening: aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
            try file.write(content, at: 0)
            if waitsForDisk { try file.sync() }
        } catch {
            unlink(aside)
            throw error
        }
        guard rename(aside, target) == 0 else {
            let failure = StoreFailure(errno: errno, "rename \(aside)")
            unlink(aside)
            throw failure
        }
    }

    /// Makes the names of everything written survive a power loss.
    package func sync() throws(StoreFailure) {
        if let folder { try Descriptor.syncDirectory(folder) }
    }

    /// Bytes that the disk has left for who is not its administrator; `nil` in memory.
    package func freeBytes() throws(StoreFailure) -> Int? {
        guard let folder else { return nil }
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else {
            throw StoreFailure(errno: errno, "statvfs \(folder)")
        }
        return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    package func remove(_ id: Chunk.ID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        bytes -= entry.size
        kept[id] = nil
        if let folder { unlink(path(id, folder)) }
    }

    private func path(_ id: Chunk.ID, _ folder: String) -> String { folder + "/" + id.hex }

    // Small notes beside the chunks

    /// Replaces a note; it is durable when this returns.
    package func write(note name: String, _ content: [UInt8]) throws(StoreFailure) {
        guard let folder else { return }
        try put(content, under: name, in: folder)
        try Descriptor.syncDirectory(folder)
    }

    package func read(note name: String) throws(StoreFailure) -> [UInt8]? {
        guard let folder else { return nil }
        guard access(folder + "/" + name, F_OK) == 0 else { return nil }
        let file = try Descriptor(opening: folder + "/" + name, O_RDONLY | O_NOFOLLOW)
        return try file.read(upTo: Limits.maxEnvelope)
    }

    package func remove(note name: String) {
        if let folder { unlink(folder + "/" + name) }
    }
}

extension Descriptor {
    /// Exactly `count` bytes from `offset`.
    ///
    /// - Errors: `corrupt` when the file is shorter than it was.
    func read(at offset: Int, count: Int) throws(StoreFailure) -> [UInt8] {
        let result = try readPart(at: offset, upTo: count)
        guard result.count == count else {
            throw StoreFailure(.corrupt, "a chunk is shorter on disk than it was")
        }
        return result
    }
}
