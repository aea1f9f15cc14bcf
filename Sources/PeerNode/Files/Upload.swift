import PeerState

/// A file that is being handed over: its sealed chunks are on disk, the rest is in memory.
///
/// Its note beside the chunks lets it go on after a restart from the last whole chunk.
final class Upload {
    let id: String
    let principal: String
    let name: String
    let mediaType: String
    let shape: FileShape
    private let key: [UInt8]
    private let prefix: [UInt8]
    private(set) var chunks: [Chunk.ID] = []
    private var tail: [UInt8] = []
    /// Over what came so far; `nil` after a restart, when it is made from the chunks.
    private var hash: StreamHash?
    private(set) var attachment: Attachment?
    var touchedAt: UInt64

    init(
        id: String, _ part: UploadPart, name: String, mediaType: String, shape: FileShape,
        entropy: inout Entropy, now: UInt64
    ) {
        self.id = id
        principal = part.principal
        self.name = name
        self.mediaType = mediaType
        self.shape = shape
        key = entropy.bytes(32)
        prefix = entropy.bytes(16)
        hash = StreamHash(Self.domain)
        touchedAt = now
    }

    private static let domain = "peer-agent/file/1"

    var received: Int { min(chunks.count * shape.chunkSize, shape.size) + tail.count }
    var cipher: ChunkCipher { ChunkCipher(key: key, prefix: prefix, count: shape.count) }

    /// Takes bytes, and gives back the chunks that became whole.
    func add(_ bytes: [UInt8]) -> [(id: Chunk.ID, ciphertext: [UInt8])] {
        hash?.add(bytes)
        tail.append(contentsOf: bytes)
        var made: [(id: Chunk.ID, ciphertext: [UInt8])] = []
        while chunks.count < shape.count, tail.count >= shape.plainBytes(at: chunks.count) {
            let count = shape.plainBytes(at: chunks.count)
            let ciphertext = cipher.seal(Array(tail.prefix(count)), at: chunks.count)
            tail.removeFirst(count)
            let id = Chunk.id(of: ciphertext)
            chunks.append(id)
            made.append((id, ciphertext))
        }
        return made
    }

    /// Ends it once everything is here.
    ///
    /// - Parameter reopen: gives the plaintext of a chunk again, for what came before a restart.
    func finish(_ reopen: (Int) throws -> [UInt8]) throws -> Attachment {
        if let attachment { return attachment }
        if hash == nil {
            var again = StreamHash(Self.domain)
            for index in chunks.indices { again.add(try reopen(index)) }
            hash = consume again
        }
        guard let digest = hash?.finish() else { preconditionFailure("a hash was just made") }
        let made = Attachment(
            name: name, mediaType: mediaType, shape: shape, key: key, prefix: prefix,
            chunks: chunks, digest: digest)
        attachment = made
        return made
    }

    // The note

    var note: [UInt8] {
        var writer = CBORWriter()
        writer.array(10)
        writer.text(principal)
        writer.text(name)
        writer.text(mediaType)
        writer.unsigned(UInt64(shape.size))
        writer.unsigned(UInt64(shape.chunkSize))
        writer.byteString(key)
        writer.byteString(prefix)
        writer.identifiers(chunks)
        writer.unsigned(touchedAt)
        writer.text(id)
        return writer.bytes
    }

    init?(note: [UInt8]) {
        var reader = CBORReader(note)
        do {
            try reader.array(exactly: 10, "upload")
            principal = try reader.text(max: 1_024)
            name = try reader.text(max: Limits.fileName)
            mediaType = try reader.text(max: Limits.mediaType)
            let size = try reader.unsigned("size")
            let chunkSize = try reader.unsigned("chunk size")
            guard let shape = FileShape(size: size, chunkSize: chunkSize) else { return nil }
            self.shape = shape
            key = try reader.byteString(exactly: 32)
            prefix = try reader.byteString(exactly: 16)
            chunks = try reader.identifiers(max: Limits.maxChunks, sorted: false, "chunks")
            touchedAt = try reader.unsigned("time")
            id = try reader.text(max: 64)
        } catch {
            return nil  // Left of another version, or damaged: the file is handed over again.
        }
    }
}
