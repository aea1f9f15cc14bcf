import PeerState

/// What the agent layer may ask of a node about files.
///
/// - Isolation: any. Nothing blocks the event loop: hashing, sealing and disks have a thread.
package protocol FilePort: Sendable {
    /// Takes one part; parts of one file come in order, and may go on after a restart.
    ///
    /// - Errors: `invalidArgument`, `tooLarge`, `conflict` (naming the offset to go on at),
    ///   `unknownFile`, `uploadExpired`, `tooManyUploads`, `diskFull`, `storeFailed`.
    func upload(_ part: UploadPart) async throws -> UploadProgress

    /// Forgets an upload whose message was posted.
    func closeUpload(_ upload: String, principal: String) async

    /// - Errors: `unknownFile`.
    func file(_ id: FileID) async throws -> FileSnapshot

    /// Reads part of a file, and fetches what is missing of it from whoever has it.
    ///
    /// - Parameter count: at most this many bytes; the answer may have fewer.
    /// - Errors: `unknownFile`, `offline` when nobody who is connected has it, `timeout` while it
    ///   is still on its way, `badBlob` when it is not what its author said.
    func readFile(_ id: FileID, at offset: Int, count: Int) async throws -> FilePart
}

extension FilePort {
    package func upload(_ part: UploadPart) async throws -> UploadProgress {
        throw NodeFailure(.unknownFile, "there are no files here")
    }

    package func closeUpload(_ upload: String, principal: String) async {}

    package func file(_ id: FileID) async throws -> FileSnapshot {
        throw NodeFailure(.unknownFile, "there are no files here")
    }

    package func readFile(_ id: FileID, at offset: Int, count: Int) async throws -> FilePart {
        throw NodeFailure(.unknownFile, "there are no files here")
    }
}
