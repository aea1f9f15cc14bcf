/// What a message says about one file: how to find its chunks, open and check them.
///
/// It travels inside the sealed text and holds the file's key.
/// - Source: PROTOCOL 4.7 and 7.8.
package struct Attachment: Hashable, Sendable {
    package let name: String
    package let mediaType: String
    package let shape: FileShape
    package let key: [UInt8]
    package let prefix: [UInt8]
    /// One per chunk, in order.
    package let chunks: [Chunk.ID]
    /// Of the whole plaintext.
    package let digest: Digest.Value
    package var width: UInt64?
    package var height: UInt64?

    /// - Precondition: as many chunks as the shape has.
    package init(
        name: String, mediaType: String, shape: FileShape, key: [UInt8], prefix: [UInt8],
        chunks: [Chunk.ID], digest: Digest.Value
    ) {
        precondition(chunks.count == shape.count, "a file lacks chunks")
        self.name = name
        self.mediaType = mediaType
        self.shape = shape
        self.key = key
        self.prefix = prefix
        self.chunks = chunks
        self.digest = digest
    }

    package var cipher: ChunkCipher { ChunkCipher(key: key, prefix: prefix, count: chunks.count) }

    /// What the event says in clear, for keepers without the key.
    package var blobs: [MessagePosted.BlobName] {
        chunks.enumerated().map {
            MessagePosted.BlobName(chunk: $1, size: UInt64(shape.sealedBytes(at: $0)))
        }
    }

    /// - Errors: `badBody`, `badText`; nothing of it is used then.
    package init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        var reader = CBORReader(bytes)
        guard try reader.array("attachment") >= 10 else { throw reader.wrong("attachment") }
        name = try reader.text(max: Limits.fileName, "name")
        try FileName.checkShape(name)
        mediaType = try reader.text(max: Limits.mediaType, "media type")
        let size = try reader.unsigned("size")
        let chunkSize = try reader.unsigned("chunk size")
        guard let shape = FileShape(size: size, chunkSize: chunkSize) else {
            throw Failure(.badBody, "a file of \(size) bytes in chunks of \(chunkSize)")
        }
        self.shape = shape
        key = try reader.byteString(exactly: 32, "file key")
        prefix = try reader.byteString(exactly: 16, "nonce prefix")
        chunks = try reader.identifiers(max: Limits.maxChunks, sorted: false, "chunks")
        guard chunks.count == shape.count else { throw Failure(.badBody, "number of chunks") }
        digest = try reader.identifier("digest")
        width = try Self.side(&reader)
        height = try Self.side(&reader)
    }

    private static func side(_ reader: inout CBORReader) throws(Failure<WireCode>) -> UInt64? {
        try reader.isNull() ? nil : try reader.unsigned(in: 0...Limits.maxImageSide, "side")
    }

    package var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.array(10)
        writer.text(name)
        writer.text(mediaType)
        writer.unsigned(UInt64(shape.size))
        writer.unsigned(UInt64(shape.chunkSize))
        writer.byteString(key)
        writer.byteString(prefix)
        writer.identifiers(chunks)
        writer.identifier(digest)
        writer.optional(width) { $0.unsigned($1) }
        writer.optional(height) { $0.unsigned($1) }
        return writer.bytes
    }
}
