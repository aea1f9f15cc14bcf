import PeerNet
package import PeerState

extension Limits {
    /// Bytes that wait on a link when the next bytes of files are handed to it.
    static let blobLowWater = 64 << 10
    /// Plain bytes of one part of a file, as it is handed over or read.
    package static var filePart: Int { OperatorLimit.filePart.value }
    /// A file this node takes from its agents, unless it is told otherwise.
    package static var fileSize: Int { OperatorLimit.fileSize.value }
    package static var uploadsPerPrincipal: Int { OperatorLimit.uploadsOpen.value }
    package static let uploadsTotal = 32
    package static var uploadLife: Milliseconds { .seconds(OperatorLimit.uploadLife) }
    /// Chunks that are fetched beyond the one that is read.
    static let readAhead = 4
    /// How long reading waits for a chunk before it answers that it is still on its way.
    static let fileWait = Milliseconds.seconds(20)
    /// Opened chunks in memory, and files that are being checked while they are read.
    static let openChunks = 4
    static let fileProofs = 8
    /// Bytes that a worker hashes before it looks what else waits: a millisecond and a half.
    static let hashSlice = 1 << 20
    /// How soon after the start, and how often then, what nobody needs any more is looked for.
    static let tidyingBegins = Milliseconds.seconds(60)
    static let tidying = Milliseconds.seconds(3_600)
    /// Chunks looked up in one visit of the database.
    static let chunksLookedUp = 256

    // What a provider brings here for others
    /// Chunks that are fetched at once.
    static let keptFetches = blobFetches
    /// How long after nobody had a chunk, or something had no place, it is tried again without a
    /// new link, and how soon after one link the next counts as one.
    static let keptRetry = Milliseconds.seconds(1_800)
    static let keptRelink = Milliseconds.seconds(60)
    /// How long nothing is brought after the disk or the store refused.
    static let keptPause = Milliseconds.seconds(60)
    /// How long a chunk is passed over that no standing message names.
    static let keptUnnamed = Milliseconds.seconds(86_400)
}
