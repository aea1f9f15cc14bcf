import PeerNet
import PeerState

/// Files as agents use them.
extension Node {
    package func upload(_ part: UploadPart) async throws -> UploadProgress {
        guard !isStopping else { throw NodeFailure(.shuttingDown, "the node is stopping") }
        if let refusal = look({ $0.writeRefusal }) { throw refusal }
        return try await files.add(part, now: wallMilliseconds())
    }

    package func closeUpload(_ upload: String, principal: String) async {
        await files.closeUpload(upload, principal: principal)
    }

    package func file(_ id: FileID) async throws -> FileSnapshot {
        let found = try await attachment(id)
        return snapshot(of: found.file, id)
    }

    package func readFile(_ id: FileID, at offset: Int, count: Int) async throws -> FilePart {
        let (file, server) = try await attachment(id)
        let snapshot = snapshot(of: file, id)
        guard offset < file.shape.size else {
            let isLocal = await files.missing(of: file).isEmpty
            return FilePart(file: snapshot, offset: offset, bytes: [], isLocal: isLocal)
        }
        while true {
            guard !isStopping else { throw NodeFailure(.shuttingDown, "the node is stopping") }
            let now = wallMilliseconds()
            switch try await files.read(file, at: offset, count: count, now: now) {
            case .bytes(let bytes, let isLocal):
                // Once a chunk: who reads the rest of it has asked for them already.
                if !isLocal, offset % file.shape.chunkSize < bytes.count {
                    await fetchAhead(file, after: offset, in: server)
                }
                return FilePart(file: snapshot, offset: offset, bytes: bytes, isLocal: isLocal)
            case .missing(let index): try await fetch(file, index, in: server)
            }
        }
    }

    private func snapshot(of file: Attachment, _ id: FileID) -> FileSnapshot {
        FileSnapshot(
            id: id, name: file.name, mediaType: file.mediaType, size: file.shape.size)
    }

    private func attachment(
        _ id: FileID
    ) async throws -> (file: Attachment, server: Server.ID) {
        let found = try await ask { store in try store.message(id.message) }
        // The state decides what is shown; the row may be behind it.
        guard let found, found.attachments.indices.contains(id.position),
            let message = core.servers[found.server]?.state.message(id.message),
            message.status != .deleted,
            let file = NodeCore.attachment(found.attachments[id.position])
        else { throw NodeFailure(.unknownFile, "no such file is known here") }
        return (file, found.server)
    }

    /// Asks for the next chunks too, so that a reader who goes on does not wait.
    private func fetchAhead(_ file: Attachment, after offset: Int, in server: Server.ID) async {
        let index = offset / file.shape.chunkSize
        let wanted = (index + 1)..<(index + 1 + Limits.readAhead)
        for next in await files.missing(of: file) where wanted.contains(next) {
            feed(.files(.fetch(request(file, next, server))))
        }
    }

    private func request(
        _ file: Attachment, _ index: Int, _ server: Server.ID
    ) -> BlobRequest {
        BlobRequest(
            server: server, chunk: file.chunks[index], size: file.shape.sealedBytes(at: index))
    }

    private func fetch(_ file: Attachment, _ index: Int, in server: Server.ID) async throws {
        let id = fileWaits.reserve()
        let chunk = file.chunks[index]
        let timer = try PeerNet.Timer(loop) { self.endFileWait(id, chunk, .late) }
        timer.arm(at: loop.now + Limits.fileWait)
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                fileWaits.add(
                    id, for: chunk, FileWaits.Wait(continuation: continuation, timer: timer))
                if Task.isCancelled || isStopping { return endFileWait(id, chunk, .stopped) }
                feed(.files(.fetch(request(file, index, server))))
                for next in (index + 1)..<(index + 1 + Limits.readAhead)
                where next < file.chunks.count {
                    // Those that are here are left alone by the desk.
                    fetchIfMissing(file, next, server)
                }
            }
        } onCancel: {
            enter { $0.endFileWait(id, chunk, .stopped) }
        }
        try check(end)
    }

    private func fetchIfMissing(_ file: Attachment, _ index: Int, _ server: Server.ID) {
        own { node in
            guard await node.files.missing(of: file).contains(index) else { return }
            node.feed(.files(.fetch(node.request(file, index, server))))
        }
    }

    private func check(_ end: NodeCore.FetchEnd) throws {
        switch end {
        case .here: return
        case .unavailable:
            throw NodeFailure(.offline, "nobody who is connected has this part of the file")
        case .failed:
            throw NodeFailure(.storeFailed, "a part of the file came and could not be stored")
        case .late:
            throw NodeFailure(.timeout, "the file is still on its way; ask again")
        case .stopped:
            try Task.checkCancellation()
            throw NodeFailure(.shuttingDown, "the node is stopping")
        }
    }

    func endFileWait(_ id: UInt64, _ chunk: Chunk.ID, _ end: NodeCore.FetchEnd) {
        guard let wait = fileWaits.remove(id, for: chunk) else { return }
        self.end(wait, end)
    }

    func end(_ wait: FileWaits.Wait, _ end: NodeCore.FetchEnd) {
        wait.timer.close()
        wait.continuation.resume(returning: end)
    }
}
