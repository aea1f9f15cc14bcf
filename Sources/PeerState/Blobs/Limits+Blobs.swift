extension Limits {
    // PROTOCOL 4.7 and 7.8
    /// Plain bytes of one chunk; a file uses the smallest that needs no more than `maxChunks`.
    package static let chunkSizes = [262_144, 1_048_576, 4_194_304]
    package static let maxChunks = 64
    package static let maxFile = 64 * 4_194_304
    package static let fileName = 255
    package static let mediaType = 255
    package static let maxImageSide: UInt64 = 16_384

    // What one node keeps
    /// Bytes of chunks that were fetched and may go when others need the space.
    package static let blobCache = 4 << 30
    /// How long a chunk that no message names stays after it was last used.
    package static let unnamedChunkKept = Milliseconds.seconds(7 * 86_400)
    /// Bytes of one chunk with the tag of its cipher.
    package static let sealedChunk = UInt64(Cipher.tagByteCount + 1)...4_194_304 + 16
    /// Chunks of a server that is erased, dropped in one step.
    static let chunksErasedAtOnce: Int64 = 256
    /// How often the time of use of a file that is read is written down.
    static let usedNoted = Milliseconds.seconds(3_600)

    // What a provider keeps for others
    /// Bytes of all files together; what would not fit is not fetched, and nothing goes for it.
    package static var filesKept: Int { OperatorLimit.filesKept.value }
    /// Bytes of one author's, over all servers (PROTOCOL 7.8), and chunks: as many as whole ones of
    /// the smallest size.
    package static let filesKeptPerAuthor = 64 << 30
    package static let chunksKeptPerAuthor = filesKeptPerAuthor / chunkSizes[0]
    /// Bytes of the disk that files of others leave free.
    package static let diskLeftFree = 1 << 30
    /// Chunks of one author that are looked up at once: those of a message at least.
    package static let chunksSearched = 64
    /// Chunks that are noted as kept and looked up at once.
    static let keptLookedUp = 256
    /// Authors of whom nothing can be asked for that one search passes over.
    static let keptAuthorsPassed = 1_024
}
