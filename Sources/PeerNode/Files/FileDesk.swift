import PeerNet
import PeerState

/// Chunks and uploads of a node, on a thread of their own: sealing and waiting for a disk hold up
/// neither what is said nor what is stored. What comes from peers is hashed and opened on the
/// worker pool, so that several cores share it.
///
/// The owner calls `close` before letting go.
actor FileDesk {
    /// What reading a part of a file gives.
    enum Reading: Sendable {
        /// Bytes up to the end of a chunk; whether all chunks are here.
        case bytes([UInt8], isLocal: Bool)
        /// The number of the first chunk that is not here.
        case missing(Int)
    }

    private let executor = StoreExecutor()
    private let shelf: BlobShelf
    private let cacheBytes: Int
    /// Whether chunks of others lie here for good: they are written as own ones are, and none goes
    /// for another.
    private let keepsAll: Bool
    private var entropy = Entropy.system
    private let log: Log

    /// Chunks whose hash was checked since the start.
    private var proven: Set<Chunk.ID> = []
    /// Chunks of this node's own messages; `nil` until it was looked up which those are.
    private var pinned: Set<Chunk.ID>?
    private var opened = OpenedChunks()
    private var uploads: [String: Upload] = [:]
    /// The latest uploads that were left alone too long.
    private var expired: [String] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// - Errors: `StoreFailure` for the folder.
    init(_ options: NodeOptions) throws {
        let bound = options.isProvider ? Limits.filesKept : Limits.blobCache
        cacheBytes = options.blobCache ?? bound
        keepsAll = options.isProvider
        log = options.log
        let shelf = try Self.shelf(options)
        for name in try shelf.names() where name.hasPrefix(Self.noteName) {
            guard let note = try shelf.read(note: name), let upload = Upload(note: note),
                Self.noteName + upload.id == name,
                upload.chunks.allSatisfy({ shelf.holds($0) })
            else {
                shelf.remove(note: name)
                continue
            }
            uploads[upload.id] = upload
        }
        self.shelf = shelf
    }

    private static func shelf(_ options: NodeOptions) throws(StoreFailure) -> BlobShelf {
        guard !options.isEphemeral else { return BlobShelf() }
        return try BlobShelf(folder: DataDirectory(preparing: options.dataDirectory).blobs)
    }

    private static let noteName = "upload-"

    nonisolated func close() async {
        await rest()
        executor.stop()
    }

    private func rest() {
        uploads = [:]
        opened.forgetAll()
    }

    // Chunks that come and go

    /// Stores a chunk that somebody sent, if it is what its name says.
    nonisolated func keep(
        _ id: Chunk.ID, _ ciphertext: [UInt8], now: UInt64
    ) async -> BlobCore.KeepResult {
        guard await PoolHash.isRight(ciphertext, id) else { return .wrong }
        return await store(id, ciphertext, now)
    }

    private func store(
        _ id: Chunk.ID, _ ciphertext: [UInt8], _ now: UInt64
    ) -> BlobCore.KeepResult {
        do throws(StoreFailure) {
            try shelf.write(id, ciphertext, nowMilliseconds: now, waitsForDisk: keepsAll)
        } catch {
            log.log(.error, "a chunk of a file cannot be stored: \(error)")
            return .failed
        }
        proven.insert(id)
        evict(sparing: id)
        return .right
    }

    /// Some bytes of a chunk for a peer; `nil` when it is not here.
    func page(of id: Chunk.ID, at offset: Int, count: Int, now: UInt64) async -> BlobPage? {
        do throws(StoreFailure) {
            guard try await isProven(id, now), let total = shelf.entries[id]?.size else {
                return nil
            }
            let bytes = try shelf.read(id, at: offset, count: count, nowMilliseconds: now)
            return bytes.map { BlobPage(bytes: $0, total: total) }
        } catch {
            log.log(.error, "a chunk of a file cannot be read: \(error)")
            return nil
        }
    }

    /// Checks a chunk once after a start; a damaged one goes, and can be fetched again.
    private func isProven(_ id: Chunk.ID, _ now: UInt64) async throws(StoreFailure) -> Bool {
        if proven.contains(id) { return true }
        guard let size = shelf.entries[id]?.size,
            let bytes = try shelf.read(id, at: 0, count: size, nowMilliseconds: now)
        else { return false }
        guard await PoolHash.isRight(bytes, id) else {
            log.log(.error, "chunk \(id.short) is damaged on disk; it is fetched again")
            drop(id)
            return false
        }
        // It may have gone meanwhile.
        guard shelf.holds(id) else { return false }
        proven.insert(id)
        return true
    }

    /// Which of these are not here.
    func absent(_ ids: [Chunk.ID]) -> [Chunk.ID] { ids.filter { !shelf.holds($0) } }

    /// Drops chunks at once, whoever used them when.
    func forget(_ ids: [Chunk.ID]) {
        for id in ids { drop(id) }
    }

    private func drop(_ id: Chunk.ID) {
        shelf.remove(id)
        proven.remove(id)
        opened.forget(id)
    }

    /// What of missing chunks is here all the same, and what more has a place.
    func survey(_ missing: MissingChunks) throws(StoreFailure) -> FoundChunks {
        let here = Set(missing.rows.map(\.chunk)).compactMap { id in
            shelf.entries[id].map { (id, $0.size) }
        }
        let free = try shelf.freeBytes().map { $0 - Limits.diskLeftFree } ?? .max
        return FoundChunks(
            missing, held: Dictionary(here) { first, _ in first },
            room: max(0, min(cacheBytes - shelf.bytes, free)))
    }

    // Reading files

    /// - Errors: `badBlob`; `storeFailed`.
    func read(
        _ file: Attachment, at offset: Int, count: Int, now: UInt64
    ) async throws(NodeFailure) -> Reading {
        let index = offset / file.shape.chunkSize
        guard let opening = try await opening(file, index, now) else { return .missing(index) }
        try await openAhead(file, after: index, now)
        let plain = try await plain(of: opening, file, index)
        let start = offset - index * file.shape.chunkSize
        let end = min(start + count, plain.count)
        if offset + end - start == file.shape.size { try await prove(file, now) }
        let isLocal = file.chunks.allSatisfy { shelf.holds($0) }
        return .bytes(Array(plain[start..<end]), isLocal: isLocal)
    }

    func missing(of file: Attachment) -> [Int] {
        file.chunks.indices.filter { !shelf.holds(file.chunks[$0]) }
    }

    /// Has a chunk opened, unless it is being opened; `nil` when it is not here.
    private func opening(
        _ file: Attachment, _ index: Int, _ now: UInt64
    ) async throws(NodeFailure) -> OpenedChunks.Opening? {
        let id = file.chunks[index]
        let opening: OpenedChunks.Opening
        do throws(StoreFailure) {
            guard try await isProven(id, now) else { return nil }
            if let begun = opened.opening(file, at: index) {
                opening = begun
            } else {
                let count = file.shape.sealedBytes(at: index)
                guard let sealed = try shelf.read(id, at: 0, count: count, nowMilliseconds: now)
                else { return nil }
                opening = opened.open(sealed, file, at: index)
            }
        } catch {
            throw NodeFailure(.storeFailed, error.description)
        }
        opened.note(opening, file, at: index)
        return opening
    }

    /// Has the next chunk opened while this one is read.
    private func openAhead(
        _ file: Attachment, after index: Int, _ now: UInt64
    ) async throws(NodeFailure) {
        let next = index + 1
        guard next < file.chunks.count, proven.contains(file.chunks[next]),
            opened.opening(file, at: next) == nil
        else { return }
        do throws(StoreFailure) {
            let count = file.shape.sealedBytes(at: next)
            if let sealed = try shelf.read(
                file.chunks[next], at: 0, count: count, nowMilliseconds: now)
            {
                _ = opened.open(sealed, file, at: next)
            }
        } catch {
            throw NodeFailure(.storeFailed, error.description)
        }
    }

    private func plain(
        of opening: OpenedChunks.Opening, _ file: Attachment, _ index: Int
    ) async throws(NodeFailure) -> [UInt8] {
        guard let plain = await opening.value, plain.count == file.shape.plainBytes(at: index)
        else {
            opened.forget(file)
            throw NodeFailure(.badBlob, "a chunk of this file does not open with its key")
        }
        return plain
    }

    /// Checks a whole file against what its message says; one that was read in order at once.
    private func prove(_ file: Attachment, _ now: UInt64) async throws(NodeFailure) {
        while true {
            let proof = opened.proof(of: file)
            let index = proof?.next ?? 0
            if let proof, index == file.chunks.count {
                if await proof.isRight() { return }
                opened.forget(file)
                throw NodeFailure(.badBlob, "the whole file is not what its message says")
            }
            // A part in the middle is missing: nobody has seen the whole file yet.
            guard shelf.holds(file.chunks[index]), let opening = try await opening(file, index, now)
            else { return }
            _ = try await plain(of: opening, file, index)
        }
    }

    // Handing files over

    func add(_ part: UploadPart, now: UInt64) throws(NodeFailure) -> UploadProgress {
        forgetOld(now)
        let upload = try upload(for: part, now)
        upload.touchedAt = now
        guard part.offset == upload.received else {
            throw NodeFailure(.conflict, "offset: go on at \(upload.received)")
        }
        guard upload.received + part.bytes.count <= upload.shape.size else {
            throw NodeFailure(
                .tooLarge, "the file was to have \(upload.shape.size) bytes; this is more")
        }
        // A refused part leaves nothing behind.
        let missing = upload.shape.size - upload.received - part.bytes.count
        guard !part.isLast || missing == 0 else {
            throw NodeFailure(
                .conflict,
                "last: \(missing) bytes would be missing; go on at \(upload.received)")
        }
        try store(upload.add(part.bytes), of: upload, now)
        guard part.isLast else {
            return UploadProgress(upload: upload.id, received: upload.received)
        }
        return UploadProgress(
            upload: upload.id, received: upload.received,
            attachment: try finish(upload, now))
    }

    private func upload(
        for part: UploadPart, _ now: UInt64
    ) throws(NodeFailure) -> Upload {
        guard let id = part.upload else { return try begin(part, now) }
        if expired.contains(id) {
            throw NodeFailure(.uploadExpired, "upload_id: left alone for too long; begin again")
        }
        guard let upload = uploads[id], upload.principal == part.principal else {
            throw NodeFailure(.unknownFile, "upload_id: no such upload; begin again")
        }
        return upload
    }

    private func begin(_ part: UploadPart, _ now: UInt64) throws(NodeFailure) -> Upload {
        let own = uploads.values.count { $0.principal == part.principal }
        guard own < Limits.uploadsPerPrincipal, uploads.count < Limits.uploadsTotal else {
            throw NodeFailure(.tooManyUploads, "too many uploads are open; end one first")
        }
        let (name, mediaType, shape) = try part.beginning()
        guard part.offset == 0 else {
            throw NodeFailure(.conflict, "offset: a new upload goes on at 0")
        }
        let upload = Upload(
            id: entropy.bytes(16).hex, part, name: name, mediaType: mediaType, shape: shape,
            entropy: &entropy, now: now)
        uploads[upload.id] = upload
        if !part.isLast { try keepNote(of: upload) }
        return upload
    }

    private func store(
        _ made: [(id: Chunk.ID, ciphertext: [UInt8])], of upload: Upload, _ now: UInt64
    ) throws(NodeFailure) {
        do throws(StoreFailure) {
            for chunk in made {
                try shelf.write(chunk.id, chunk.ciphertext, nowMilliseconds: now)
                proven.insert(chunk.id)
                pinned?.insert(chunk.id)
            }
        } catch {
            discard(upload)
            throw NodeFailure(error.code == .diskFull ? .diskFull : .storeFailed, error.detail)
        }
        if !made.isEmpty && upload.received < upload.shape.size { try keepNote(of: upload) }
    }

    private func keepNote(of upload: Upload) throws(NodeFailure) {
        do throws(StoreFailure) {
            try shelf.write(note: Self.noteName + upload.id, upload.note)
        } catch {
            discard(upload)
            throw NodeFailure(error.code == .diskFull ? .diskFull : .storeFailed, error.detail)
        }
    }

    private func finish(_ upload: Upload, _ now: UInt64) throws(NodeFailure) -> Attachment {
        do {
            let cipher = upload.cipher
            let attachment = try upload.finish { index in
                let size = upload.shape.sealedBytes(at: index)
                let id = upload.chunks[index]
                guard
                    let bytes = try shelf.read(id, at: 0, count: size, nowMilliseconds: now),
                    let plain = cipher.open(bytes, at: index)
                else { throw StoreFailure(.corrupt, "a chunk of this upload is damaged") }
                return plain
            }
            try shelf.sync()
            return attachment
        } catch {
            discard(upload)
            throw NodeFailure(.storeFailed, "\(error)")
        }
    }

    /// Forgets an upload and the chunks that only it names.
    private func discard(_ upload: Upload) {
        uploads[upload.id] = nil
        shelf.remove(note: Self.noteName + upload.id)
        // Once it was handed out, a message may name its chunks.
        if upload.attachment == nil { for id in upload.chunks { drop(id) } }
    }

    func closeUpload(_ id: String, principal: String) {
        guard let upload = uploads[id], upload.principal == principal else { return }
        discard(upload)
    }

    private func forgetOld(_ now: UInt64) {
        for upload in uploads.values
        where now > upload.touchedAt + Limits.uploadLife.count {
            discard(upload)
            if expired.count >= Limits.uploadsTotal { expired.removeFirst() }
            expired.append(upload.id)
        }
    }

    // Tidying

    func chunks() -> [Chunk.ID] { Array(shelf.entries.keys) }

    /// Drops what no message has named for long, and makes room.
    func tidy(named: Set<Chunk.ID>, own: Set<Chunk.ID>, now: UInt64) {
        forgetOld(now)
        let uploading = Set(uploads.values.flatMap(\.chunks))
        for (id, entry) in shelf.entries
        where !named.contains(id) && !uploading.contains(id)
            && now > entry.usedAt + Limits.unnamedChunkKept.count
        {
            drop(id)
        }
        pinned = own.union(uploading)
        evict(sparing: nil)
    }

    /// Drops the chunks of others that were not used for longest while they take too much.
    private func evict(sparing spared: Chunk.ID?) {
        guard !keepsAll, let pinned, shelf.bytes > cacheBytes else { return }
        let others = shelf.entries.filter { !pinned.contains($0.key) }
        var cached = others.values.reduce(0) { $0 + $1.size }
        for (id, entry) in others.sorted(by: { $0.value.usedAt < $1.value.usedAt })
        where cached > cacheBytes && id != spared {
            cached -= entry.size
            drop(id)
        }
    }
}
