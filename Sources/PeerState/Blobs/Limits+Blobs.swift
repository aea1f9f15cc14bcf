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
    /// Chunks of a server that is erased, dropped in one step.
    static let chunksErasedAtOnce: Int64 = 256
    /// How often the time of use of a file that is read is written down.
    static let usedNoted = Milliseconds.seconds(3_600)
}
