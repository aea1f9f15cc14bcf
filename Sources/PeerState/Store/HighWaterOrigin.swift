import Glibc

/// Which database, in which place, a high-water file belongs to.
package struct HighWaterOrigin: Hashable, Sendable {
    private static let magic = Array("PEERHW01".utf8)

    /// Kept for people; it may change at a reboot, so it decides nothing.
    package let device: UInt64
    package let inode: UInt64
    /// Of the canonical path of the data directory.
    package let pathHash: Digest.Value
    package let instanceID: [UInt8]

    /// - Errors: `cannotOpen` when the database file is not there.
    init(_ directory: DataDirectory, instanceID: [UInt8]) throws(StoreFailure) {
        var status = stat()
        guard stat(directory.database, &status) == 0 else {
            throw StoreFailure(errno: errno, "stat \(directory.database)")
        }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        pathHash = Sodium.hash("peer-agent/data-directory/1", Array(directory.path.utf8))
        self.instanceID = instanceID
    }

    init?(parsing content: [UInt8]) {
        guard content.count >= 72, content.starts(with: Self.magic),
            let pathHash = Digest.Value(content[24..<56])
        else { return nil }
        device = content[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
        inode = content[16..<24].reduce(0) { $0 << 8 | UInt64($1) }
        self.pathHash = pathHash
        instanceID = Array(content[56..<72])
    }

    var bytes: [UInt8] {
        var result = Self.magic
        withUnsafeBytes(of: device.bigEndian) { result.append(contentsOf: $0) }
        withUnsafeBytes(of: inode.bigEndian) { result.append(contentsOf: $0) }
        return result + pathHash.bytes + instanceID
    }

    /// Whether both name one database in one place (PROTOCOL 5.8, F6: path or inode).
    package func isSamePlace(as other: Self) -> Bool {
        inode == other.inode && pathHash == other.pathHash && instanceID == other.instanceID
    }
}
