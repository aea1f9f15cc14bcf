package import PeerState

/// Brings chunks of files here from whoever has them, and gives them to who asks.
///
/// It knows neither disks nor rules: whether a peer may have a chunk, what a chunk holds and
/// whether it is the right one is asked for by effects. Files never stand before what is said: a
/// link is handed `Limits.blobAhead` bytes, and more only when these have left.
/// - Source: PROTOCOL 7.8, 9.2.
package struct BlobCore: Sendable {
    package enum Input: Sendable {
        case linkUp(LinkID, Peer.ID)
        case linkDown(LinkID)
        case fetch(BlobRequest)
        /// Nobody waits for it any more.
        case cancel(Chunk.ID)
        /// The answer to `.keep`.
        case kept(Chunk.ID, KeepResult)
        /// With how many wants of events the peer has open.
        case message(LinkID, BlobMessage, eventWants: Int = 0)
        case credit(LinkID, id: UInt64, bytes: UInt64)
        /// A want was refused, for now when the peer is only busy.
        case rejected(LinkID, id: UInt64, isBusy: Bool)
        /// The answer to `.look`.
        case looked(ServeToken, isAllowed: Bool)
        /// The answer to `.read`; nil when the chunk is not here.
        case page(ServeToken, BlobPage?)
        /// The answer to `.whenDrained`.
        case drained(LinkID)
        case timer
    }

    package enum Effect: Hashable, Sendable {
        case send(LinkID, SyncMessage)
        /// Check the hash of a whole chunk and store it.
        case keep(Chunk.ID, [UInt8])
        case fetched(Chunk.ID)
        /// Nobody who can be asked has it, or the right one.
        case unavailable(Chunk.ID)
        /// It is here, and cannot be stored.
        case failed(Chunk.ID)
        /// May this peer have that chunk?
        case look(ServeToken, LinkID, Server.ID, Chunk.ID)
        case read(ServeToken, Chunk.ID, offset: Int, count: Int)
        /// Say `.drained` when nearly nothing waits to leave on this link.
        case whenDrained(LinkID)
        /// The peer sent what is not the chunk it was asked for.
        case lied(LinkID)
        case badFrame(LinkID, SyncMessage)
        case overCredit(LinkID)
        case wake(at: Instant)
    }

    package enum KeepResult: Hashable, Sendable { case right, wrong, failed }

    package struct ServeToken: Hashable, Sendable { package let number: UInt64 }

    struct ServeKey: Hashable, Sendable {
        let link: LinkID
        let id: UInt64
    }

    package struct Link: Sendable {
        let peer: Peer.ID
        var credits = RateWindow(
            limit: Limits.blobCreditsPerSecond, period: Milliseconds.seconds(1))
        var pausedUntil: Instant?
        /// The peer's want ids; the first is served next.
        package internal(set) var serves: [UInt64] = []
        /// Bytes handed over since the link last was empty.
        var ahead = 0
        var waitsForDrain = false
    }

    package internal(set) var links: [LinkID: Link] = [:]
    var fetches: [Chunk.ID: BlobFetch] = [:]
    var wants: [UInt64: Chunk.ID] = [:]
    var serves: [ServeKey: BlobServe] = [:]
    var tokens: [UInt64: ServeKey] = [:]
    private var counter: UInt64
    private var announcedWake: Instant?
    var out: [Effect] = []

    /// - Parameter firstID: want ids begin above it; they must not meet those of `SyncCore`.
    package init(firstID: UInt64 = 1 << 32) { counter = firstID }

    package var isIdle: Bool { fetches.isEmpty && serves.isEmpty }

    package func waitsForDrain(_ link: LinkID) -> Bool { links[link]?.waitsForDrain ?? false }

    /// - Parameter members: links of members of a server, in ascending order.
    package mutating func handle(
        _ input: Input, members: (Server.ID) -> [LinkID], now: Instant
    ) -> [Effect] {
        out = []
        switch input {
        case .linkUp(let link, let peer): links[link] = Link(peer: peer)
        case .linkDown(let link): linkDown(link, now)
        case .fetch(let request): add(request, now)
        case .cancel(let chunk): cancel(chunk)
        case .kept(let chunk, let result): kept(chunk, result, now)
        case .message(let link, let message, let others): receive(message, link, others, now)
        case .credit(let link, let id, let bytes): credited(bytes, id, link, members, now)
        case .rejected(let link, let id, let isBusy): rejected(id, link, isBusy: isBusy, now)
        case .looked(let token, let isAllowed): looked(token, isAllowed: isAllowed)
        case .page(let token, let page): took(page, token, now)
        case .drained(let link): drained(link, now)
        case .timer:
            announcedWake = nil
            expire(now)
        }
        schedule(members, now)
        announceWake(now)
        defer { out = [] }
        return out
    }

    private mutating func receive(
        _ message: BlobMessage, _ link: LinkID, _ others: Int, _ now: Instant
    ) {
        guard links[link] != nil else { return }
        switch message {
        case .want: want(message, link, others, now)
        case .data(let id, let offset, let bytes, let total):
            data(BlobPiece(id: id, offset: offset, bytes: bytes, total: total), link, now)
        case .none(let id): hasNone(id, link, now)
        }
    }

    mutating func nextNumber() -> UInt64 {
        counter += 1
        return counter
    }

    private mutating func linkDown(_ link: LinkID, _ now: Instant) {
        guard links.removeValue(forKey: link) != nil else { return }
        for (chunk, fetch) in fetches where fetch.want?.link == link { pause(chunk, now) }
        for key in serves.keys where key.link == link { endServe(key) }
    }

    private mutating func expire(_ now: Instant) {
        expireFetches(now)
        for (key, serve) in serves
        where serve.state == .ready && now >= serve.lastActivity + Limits.blobServeIdle {
            endServe(key)
        }
    }

    private mutating func announceWake(_ now: Instant) {
        var next: Instant?
        func consider(_ instant: Instant) { next = min(next ?? instant, instant) }
        for fetch in fetches.values {
            if let want = fetch.want {
                consider(want.lastActivity + Limits.idleTimeout)
            } else if fetch.state == .waiting {
                consider(fetch.since + Limits.blobPatience)
            }
        }
        for link in links.values {
            if let until = link.pausedUntil, until > now { consider(until) }
        }
        for serve in serves.values where serve.state == .ready {
            consider(serve.lastActivity + Limits.blobServeIdle)
        }
        guard let next, next != announcedWake else { return }
        // Later than announced is not worth another timer: the wake in between finds nothing.
        if let announcedWake, announcedWake > now, next > announcedWake { return }
        announcedWake = next
        out.append(.wake(at: next))
    }
}

/// Bytes of a chunk as the disk gave them.
package struct BlobPage: Hashable, Sendable {
    package let bytes: [UInt8]
    /// Of the whole chunk.
    package let total: Int

    package init(bytes: [UInt8], total: Int) {
        self.bytes = bytes
        self.total = total
    }
}

/// A BlobData frame.
struct BlobPiece {
    let id: UInt64
    let offset: UInt64
    let bytes: [UInt8]
    let total: UInt64
}
