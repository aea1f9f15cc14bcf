package import PeerNet
package import PeerState

/// Brings here what messages name, for a node that keeps files for members who are away.
///
/// What is missing stands in the store; this holds one page of it and a few that are being
/// fetched, so that neither a long history nor a restart costs memory. What nobody had is asked
/// for again when a link comes up, and after `Limits.keptRetry`. Nothing that lies here goes for
/// something newer: what does not fit is not fetched.
/// - Bounds: `Limits.chunksSearched`, `keptFetches`, `filesKept`, `filesKeptPerAuthor`.
/// - Source: PROTOCOL 4.7, 7.8.
package struct ChunkKeeper: Sendable {
    package enum Input: Sendable {
        /// There may be more to bring than there was.
        case named
        /// Somebody came who may have what nobody had.
        case linked(Server.ID)
        /// The answer to `.search`; `nil` when the store could not be asked.
        case found(FoundChunks?)
        case ended(Chunk.ID, NodeCore.FetchEnd)
        case timer
    }

    package enum Effect: Hashable, Sendable {
        case search(ChunkSearch)
        case fetch(BlobRequest)
        case wake(at: Instant)
    }

    /// What is to be known of servers when something is decided.
    package protocol View {
        /// Where this node keeps files for others and somebody is linked who may have them.
        var keptServers: [Server.ID] { get }
        /// Whether a message takes effect and was not deleted.
        func stands(_ message: Event.ID, in server: Server.ID) -> Bool
    }

    /// Chunks that came, that nobody had, and that were left because of their author's bound.
    package private(set) var kept: UInt64 = 0
    package private(set) var unavailable: UInt64 = 0
    package private(set) var overBudget: UInt64 = 0
    package var waiting: Int { queue.count + open.count }
    package func isFetching(_ chunk: Chunk.ID) -> Bool { open[chunk] != nil }

    /// The next first; all of one author.
    private var queue: ArraySlice<MissingChunk> = []
    private var held: [Chunk.ID: Int] = [:]
    private var open: [Chunk.ID: MissingChunk] = [:]
    /// What may still be fetched of the queue's author, and at all.
    private var budget = 0
    private var chunkBudget = 0
    private var room = 0
    private var notes: [ChunkNote] = []
    private var place: ChunkSearch.Place?
    private var isSearching = false
    private var isDue = true
    private var pausedUntil: Instant?
    private var retryAt: Instant?
    /// When somebody last came, and servers where somebody came too soon after it.
    private var linkedAt: [Server.ID: Moment] = [:]
    private var linkedAgain: Set<Server.ID> = []
    /// Authors over their bound, and until when they are passed over.
    private var passedOver: [Peer.ID: Instant] = [:]
    private var out: [Effect] = []

    package init() {}

    package mutating func handle(_ input: Input, _ view: some View, now: Moment) -> [Effect] {
        out = []
        switch input {
        case .named: isDue = true
        case .linked(let server): linked(server, now)
        case .found(let found): take(found, now)
        case .ended(let chunk, let end): take(end, of: chunk, now)
        case .timer: passTime(now)
        }
        advance(view, now)
        defer { out = [] }
        return out
    }

    // What comes in

    private mutating func linked(_ server: Server.ID, _ now: Moment) {
        // Who comes and goes all the time does not have everything asked for all the time.
        if let last = linkedAt[server] {
            let next = last.monotonic + Limits.keptRelink
            guard next <= now.monotonic else {
                linkedAgain.insert(server)
                return out.append(.wake(at: next))
            }
        }
        linkedAgain.remove(server)
        linkedAt[server] = now
        isDue = true
    }

    private mutating func passTime(_ now: Moment) {
        for server in linkedAgain.sorted() { linked(server, now) }
        if let until = pausedUntil, until <= now.monotonic {
            pausedUntil = nil
            isDue = true
        }
        if let at = retryAt, at <= now.monotonic {
            retryAt = nil
            isDue = true
        }
    }

    private mutating func take(_ found: FoundChunks?, _ now: Moment) {
        isSearching = false
        // What was noted and not written is found again.
        guard let found else { return pause(for: Limits.keptPause, now) }
        let missing = found.missing
        queue = missing.rows[...]
        held = found.held
        place = missing.place
        let coming = open.values.reduce(0) { $0 + ($1.size ?? 0) }
        room = found.room - coming
        budget = Limits.filesKeptPerAuthor - missing.keptBytes - coming
        chunkBudget = Limits.chunksKeptPerAuthor - missing.keptCount - open.count
        guard missing.rows.isEmpty else { return isDue = true }
        let rest = missing.isComplete ? Limits.keptRetry : Limits.keptPause
        retryAt = now.monotonic + rest
        out.append(.wake(at: now.monotonic + rest))
    }

    private mutating func take(
        _ end: NodeCore.FetchEnd, of chunk: Chunk.ID, _ now: Moment
    ) {
        guard let item = open.removeValue(forKey: chunk) else { return }
        switch end {
        case .here:
            kept += 1
            notes.append(.kept(chunk, bytes: item.size ?? 0))
        case .unavailable, .late, .stopped:
            unavailable += 1
            notes.append(.postponed(chunk, item.message, until: now.wallMilliseconds))
        case .failed: pause(for: Limits.keptPause, now)
        }
    }

    private mutating func pause(for pause: Milliseconds, _ now: Moment) {
        let until = now.monotonic + pause
        pausedUntil = max(until, pausedUntil ?? until)
        queue = []
        out.append(.wake(at: until))
    }

    // What is done next

    private mutating func advance(_ view: some View, _ now: Moment) {
        // Whom to ask went meanwhile: what is queued is found again when somebody comes.
        if let next = queue.first, !view.keptServers.contains(next.server) {
            queue = []
            isDue = true
        }
        while open.count < Limits.keptFetches, let item = queue.popFirst() {
            decide(item, view, now)
        }
        guard queue.isEmpty, !isSearching, pausedUntil == nil, isDue || !notes.isEmpty
        else { return }
        search(view, now)
    }

    private mutating func decide(_ item: MissingChunk, _ view: some View, _ now: Moment) {
        guard open[item.chunk] == nil else { return }
        if let bytes = held[item.chunk] {
            notes.append(.kept(item.chunk, bytes: bytes))
            return
        }
        guard let size = item.size, view.stands(item.message, in: item.server) else {
            let until = now.wallMilliseconds + Limits.keptUnnamed.count
            notes.append(.postponed(item.chunk, item.message, until: until))
            return
        }
        guard size <= budget, chunkBudget > 0 else { return passOver(now) }
        guard size <= room else { return pause(for: Limits.keptRetry, now) }
        budget -= size
        chunkBudget -= 1
        room -= size
        open[item.chunk] = item
        out.append(
            .fetch(BlobRequest(server: item.server, chunk: item.chunk, size: size)))
    }

    /// Leaves what an author names beyond his bound, without a look at each of it.
    private mutating func passOver(_ now: Moment) {
        overBudget += UInt64(queue.count + 1)
        queue = []
        guard let author = place?.author else { return }
        passedOver[author] = now.monotonic + Limits.keptRetry
    }

    private mutating func search(_ view: some View, _ now: Moment) {
        let servers = view.keptServers
        guard !servers.isEmpty || !notes.isEmpty else { return }
        let retry = now.wallMilliseconds - min(now.wallMilliseconds, Limits.keptRetry.count)
        let times = servers.map { ($0, max(retry, linkedAt[$0]?.wallMilliseconds ?? 0)) }
        var search = ChunkSearch(
            servers: Dictionary(times) { first, _ in first }, after: place)
        passedOver = passedOver.filter { $0.value > now.monotonic }
        search.passingOver = Set(passedOver.keys)
        search.underWay = Set(open.keys)
        search.notes = notes
        notes = []
        isSearching = true
        isDue = false
        out.append(.search(search))
    }
}

/// Missing chunks as store and disk together know them.
package struct FoundChunks: Sendable {
    package var missing: MissingChunks
    /// Those that lie here all the same, and their bytes.
    package var held: [Chunk.ID: Int]
    /// Bytes that more may take.
    package var room: Int

    package init(_ missing: MissingChunks, held: [Chunk.ID: Int], room: Int) {
        self.missing = missing
        self.held = held
        self.room = room
    }
}
