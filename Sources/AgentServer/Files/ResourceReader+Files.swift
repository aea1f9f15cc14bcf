import PeerNode
import PeerState

extension ResourceReader {
    /// A whole small file.
    ///
    /// - Errors: `too_large` naming the tool for larger ones.
    func file(_ id: FileID) async throws -> ResourceContents {
        let file = try await call.port.file(id)
        guard file.size <= Limits.resourceFile else {
            throw ToolRefusal(
                .tooLarge, "The file has \(file.size) bytes; read it with download_file.")
        }
        var whole = FilePart(file: file, offset: 0, bytes: [], isLocal: true)
        while whole.hasMore {
            let part = try await call.port.readFile(
                id, at: whole.bytes.count, count: Limits.filePart)
            whole.bytes += part.bytes
            guard !part.bytes.isEmpty else { break }
        }
        return FileView(whole).contents
    }
}
