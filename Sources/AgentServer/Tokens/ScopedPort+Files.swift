package import PeerNode
import PeerState

// A file is there exactly where its message is.
extension ScopedPort {
    package func upload(_ part: UploadPart) async throws -> UploadProgress {
        try await base.upload(part)
    }

    package func closeUpload(_ upload: String, principal: String) async {
        await base.closeUpload(upload, principal: principal)
    }

    package func file(_ id: FileID) async throws -> FileSnapshot {
        try await needMessage(of: id)
        return try await base.file(id)
    }

    package func readFile(_ id: FileID, at offset: Int, count: Int) async throws -> FilePart {
        try await needMessage(of: id)
        return try await base.readFile(id, at: offset, count: count)
    }

    private func needMessage(of file: FileID) async throws {
        do {
            let found = try await message(file.message)
            if isLocked && Self.isWithheld(found) { throw NodeFailure(.unknownFile, "") }
        } catch let failure as NodeFailure where failure.code == .unknownMessage {
            throw NodeFailure(.unknownFile, "")
        }
    }
}
