import PeerState

/// A chunk that a peer is being given.
struct BlobServe {
    enum State: Hashable {
        /// Whether the peer may have it is being looked up.
        case looking
        case reading
        case ready
    }

    let server: Server.ID
    let chunk: Chunk.ID
    var state = State.looking
    /// Where the next piece begins.
    var offset: Int
    var credit = Limits.creditWindow
    /// Of the whole chunk, once it is known.
    var total: Int?
    /// Bytes from `offset` on, the first `taken` of which are sent.
    private var page: [UInt8] = []
    private var taken = 0
    var lastActivity: Instant

    init(server: Server.ID, chunk: Chunk.ID, offset: Int, now: Instant) {
        self.server = server
        self.chunk = chunk
        self.offset = offset
        lastActivity = now
    }

    var buffered: Int { page.count - taken }

    /// How much to read next; nil while enough is here or credit is used up.
    var wantsPage: Int? {
        guard state == .ready, let total, buffered < Limits.blobPage / 2 else { return nil }
        let count = min(Limits.blobPage, credit - buffered, total - offset - buffered)
        return count > 0 ? count : nil
    }

    mutating func add(_ bytes: [UInt8]) {
        page = Array(page[taken...]) + bytes
        taken = 0
        state = .ready
    }

    /// The next piece, as large as frames and credit allow; nil when nothing can be sent.
    mutating func takePiece() -> [UInt8]? {
        let count = min(Limits.blobPiece, credit, buffered)
        guard count > 0 else { return nil }
        let piece = Array(page[taken..<taken + count])
        taken += count
        offset += count
        credit -= count
        return piece
    }
}
