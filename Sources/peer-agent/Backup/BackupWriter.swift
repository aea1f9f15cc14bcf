import AgentServer
import Glibc
import PeerNet
import PeerState

/// Writes one archive of copied databases and, if wanted, of files and keys.
struct BackupWriter {
    private let file: BackupFile
    private var parts: [BackupManifest.Part] = []
    private var chunks = 0

    /// - Errors: `alreadyExists`, and those of the system.
    init(_ path: String) throws(StoreFailure) {
        file = try BackupFile(creating: path)
    }

    /// Adds a whole file under a name.
    mutating func add(_ path: String, as name: String) throws(StoreFailure) {
        var hash = HashStream()
        let size = try copy(BackupFile(reading: path), as: name) { hash.add($0) }
        parts.append(.init(name: name, size: size, hash: hash.finish()))
    }

    /// Adds a chunk of a file, unless the node has let go of it; its name is its hash.
    mutating func add(_ chunk: Chunk.ID, from folder: String) throws(StoreFailure) {
        let path = "\(folder)/\(chunk.hex)"
        let source: BackupFile
        do throws(StoreFailure) {
            source = try BackupFile(reading: path)
        } catch {
            guard Paths.exists(path) else { return }
            throw error
        }
        _ = try copy(source, as: BackupManifest.chunkPrefix + chunk.hex) { _ in }
        chunks += 1
    }

    /// - Returns: how many bytes it has.
    private func copy(
        _ source: BackupFile, as name: String, _ note: ([UInt8]) -> Void
    ) throws(StoreFailure) -> UInt64 {
        let size = try source.size()
        guard size <= TarHeader.sizeMax else {
            throw StoreFailure(
                .cannotOpen, "\(source.path) is larger than an archive's file can be")
        }
        let header = TarHeader(name: name, size: size)
        try file.write(header.bytes)
        var left = size
        while left > 0 {
            let bytes = try source.read(Int(min(left, UInt64(BackupFile.chunk))))
            guard !bytes.isEmpty else {
                throw StoreFailure(.ioError, "\(source.path) became shorter while it was read")
            }
            note(bytes)
            try file.write(bytes)
            left -= UInt64(bytes.count)
        }
        try file.write([UInt8](repeating: 0, count: header.padding))
        return size
    }

    /// Adds the manifest and the end, and puts everything on disk.
    func finish(peer: Peer.ID?, now: UInt64) throws(StoreFailure) {
        let manifest = BackupManifest(
            peer: peer, madeAtMilliseconds: now, parts: parts, chunks: chunks)
        let bytes = manifest.json.encoded
        let header = TarHeader(name: BackupManifest.name, size: UInt64(bytes.count))
        try file.write(header.bytes + bytes + [UInt8](repeating: 0, count: header.padding))
        try file.write([UInt8](repeating: 0, count: 2 * TarHeader.byteCount))
        try file.sync()
    }
}
