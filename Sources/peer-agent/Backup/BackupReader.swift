import AgentServer
import PeerState

/// Unpacks an archive into a folder, and believes nothing in it until all hashes match.
struct BackupReader {
    /// The only names that are unpacked; an archive cannot name any other place.
    static let names: Set<String> = [
        "node.db", "agent.db", "identity", "local-keys", "config.json",
    ]
    private static let manifestMax: UInt64 = 1 << 20

    private let file: BackupFile

    /// - Errors: those of the system.
    init(_ path: String) throws(StoreFailure) {
        file = try BackupFile(reading: path)
    }

    /// Writes every part and every chunk into `folder`, where none of them may be.
    ///
    /// - Returns: the manifest and the chunks that are what their names say.
    /// - Errors: `badBackup` saying what is wrong; what was written is then of no use.
    func unpack(into folder: String) throws -> (BackupManifest, chunks: [Chunk.ID]) {
        var found: [String: BackupManifest.Part] = [:]
        var chunks: [Chunk.ID: Bool] = [:]
        while true {
            let header = try nextHeader()
            guard header.name != BackupManifest.name else {
                let manifest = try manifest(header)
                try check(manifest, found, chunks.count)
                return (manifest, chunks.filter(\.value).keys.sorted())
            }
            if let id = Self.chunk(header.name), chunks[id] == nil {
                var hash = StreamHash(Chunk.domain)
                try copy(header, to: "\(folder)/\(id.hex)") { hash.add($0) }
                chunks[id] = hash.finish() == id
                continue
            }
            guard Self.names.contains(header.name), found[header.name] == nil else {
                throw CLIFailure(
                    .badBackup, "\(file.path) holds \(header.name.quoted), which no backup has")
            }
            var hash = HashStream()
            try copy(header, to: folder + "/" + header.name) { hash.add($0) }
            found[header.name] = .init(name: header.name, size: header.size, hash: hash.finish())
        }
    }

    private static func chunk(_ name: String) -> Chunk.ID? {
        guard name.hasPrefix(BackupManifest.chunkPrefix) else { return nil }
        return Chunk.ID(hex: String(name.dropFirst(BackupManifest.chunkPrefix.count)))
    }

    private func nextHeader() throws -> TarHeader {
        let bytes = try file.read(TarHeader.byteCount)
        guard let header = TarHeader(bytes) else {
            throw CLIFailure(
                .badBackup,
                "\(file.path) is no backup of peer-agent, is damaged, or ends too early")
        }
        return header
    }

    private func copy(
        _ header: TarHeader, to path: String, _ note: ([UInt8]) -> Void
    ) throws {
        let target = try BackupFile(creating: path)
        var left = header.size
        while left > 0 {
            let bytes = try file.read(Int(min(left, UInt64(BackupFile.chunk))))
            guard !bytes.isEmpty else {
                throw CLIFailure(.badBackup, "\(file.path) ends within \(header.name)")
            }
            note(bytes)
            try target.write(bytes)
            left -= UInt64(bytes.count)
        }
        _ = try file.read(header.padding)
        try target.sync()
    }

    private func manifest(_ header: TarHeader) throws -> BackupManifest {
        guard header.size <= Self.manifestMax else {
            throw CLIFailure(.badBackup, "\(file.path): the manifest is too long")
        }
        let bytes = try file.read(Int(header.size))
        do {
            if let manifest = BackupManifest(try JSON(parsing: bytes)) { return manifest }
        } catch {
            throw CLIFailure(.badBackup, "\(file.path): the manifest is damaged (\(error))")
        }
        throw CLIFailure(
            .badBackup, "\(file.path) was made by another version; use that one to restore it")
    }

    private func check(
        _ manifest: BackupManifest, _ found: [String: BackupManifest.Part], _ chunks: Int
    ) throws(CLIFailure) {
        guard manifest.parts.count == found.count, found["node.db"] != nil,
            manifest.chunks == chunks
        else {
            throw CLIFailure(.badBackup, "\(file.path): a part is missing")
        }
        for part in manifest.parts where found[part.name] != part {
            throw CLIFailure(
                .badBackup, "\(file.path): \(part.name.quoted) is not what was written then")
        }
    }
}
