import AgentServer
import Glibc
import PeerNet
import PeerState

/// Writes one archive of copied databases and, if wanted, of keys.
struct BackupWriter {
    private let file: BackupFile
    private var parts: [BackupManifest.Part] = []

    /// - Errors: `alreadyExists`, and those of the system.
    init(_ path: String) throws(StoreFailure) {
        file = try BackupFile(creating: path)
    }

    /// Adds a whole file under a name.
    mutating func add(_ path: String, as name: String) throws(StoreFailure) {
        let source = try BackupFile(reading: path)
        let size = try source.size()
        guard size <= TarHeader.sizeMax else {
            throw StoreFailure(.cannotOpen, "\(path) is larger than an archive's file can be")
        }
        let header = TarHeader(name: name, size: size)
        try file.write(header.bytes)
        var hash = HashStream()
        var left = size
        while left > 0 {
            let bytes = try source.read(Int(min(left, UInt64(BackupFile.chunk))))
            guard !bytes.isEmpty else {
                throw StoreFailure(.ioError, "\(path) became shorter while it was read")
            }
            hash.add(bytes)
            try file.write(bytes)
            left -= UInt64(bytes.count)
        }
        try file.write([UInt8](repeating: 0, count: header.padding))
        parts.append(.init(name: name, size: size, hash: hash.finish()))
    }

    /// Adds the manifest and the end, and puts everything on disk.
    func finish(peer: Peer.ID?, now: UInt64) throws(StoreFailure) {
        let manifest = BackupManifest(peer: peer, madeAtMilliseconds: now, parts: parts)
        let bytes = manifest.json.encoded
        let header = TarHeader(name: BackupManifest.name, size: UInt64(bytes.count))
        try file.write(header.bytes + bytes + [UInt8](repeating: 0, count: header.padding))
        try file.write([UInt8](repeating: 0, count: 2 * TarHeader.byteCount))
        try file.sync()
    }
}
