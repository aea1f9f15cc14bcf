package import PeerState

/// An end of relayed streams: binds this node's key at its relays, asks them for peers that cannot
/// be dialled, and carries whole links inside the streams.
///
/// A relayed link has a `LinkID` of its own, on which a session runs as on any other. What is
/// written to it leaves no faster than a relay bears, both ends together.
/// - Bounds: `Limits.relayStreamsPerPeer` streams, `relayQueue` bytes waiting in each. Source:
///   PROTOCOL 8.3.
package struct RelayClient: Sendable {
    package enum Input: Sendable {
        /// A link with a relay that this node uses is open.
        case relayUp(LinkID, Peer.ID)
        case linkDown(LinkID)
        case frame(LinkID, RelayFrame)
        /// Peers without a link, instead of those wanted before. A relay in `through` is asked for
        /// the peers beside it alone, any other relay for everybody.
        case wanted(Set<Peer.ID>, through: [Peer.ID: Set<Peer.ID>] = [:])
        case write(LinkID, [UInt8])
        /// The relayed link is not needed any more.
        case close(LinkID)
        case timer
    }

    package enum Effect: Hashable, Sendable {
        case send(LinkID, RelayFrame)
        /// A stream is ready for a handshake of its ends.
        case opened(LinkID, RelayedEnd)
        case bytes(LinkID, [UInt8])
        /// It ended, though nobody here asked for that.
        case closed(LinkID)
    }

    struct Relay: Sendable {
        let peer: Peer.ID
        var isBound = false
        var lastStream = RelayClient.bindStream
        /// When to bind again after a refusal.
        var bindAt: Instant?
        var refusals = 0
    }

    struct Stream: Sendable {
        let relay: LinkID
        let number: UInt64
        let end: RelayedEnd
        var isReady: Bool
        /// When the answer to an open is too late.
        var due: Instant
        var bucket: TokenBucket
        var queue: [UInt8] = []
    }

    struct Attempt: Sendable {
        var failures = 0
        var due: Instant
    }

    struct End: Hashable, Sendable {
        let link: LinkID
        let stream: UInt64
    }

    static let bindStream: UInt64 = 0

    let identity: Peer.ID
    var random: SeededRandom
    var relays: [LinkID: Relay] = [:]
    /// By the id of the relayed link.
    var streams: [LinkID: Stream] = [:]
    var ends: [End: LinkID] = [:]
    var attempts: [Peer.ID: Attempt] = [:]
    /// Relays that learn of these peers only.
    private var narrow: [Peer.ID: Set<Peer.ID>] = [:]
    private var lastLink: UInt64
    /// Streams that were asked for and not given.
    package internal(set) var refused: UInt64 = 0
    package internal(set) var retried: UInt64 = 0

    /// - Parameter firstLink: relayed links are numbered from here, apart from all others.
    package init(identity: Peer.ID, firstLink: UInt64, random: SeededRandom) {
        self.identity = identity
        self.random = random
        lastLink = firstLink
    }

    /// Relays at which this node can be asked for.
    package var boundRelays: [Peer.ID] {
        relays.values.filter(\.isBound).map(\.peer).sorted()
    }

    package var streamCount: Int { streams.count }
    package var queuedBytes: Int { streams.values.reduce(0) { $0 + $1.queue.count } }

    package mutating func handle(_ input: Input, now: Instant) -> [Effect] {
        var effects: [Effect] = []
        switch input {
        case .relayUp(let link, let peer):
            relays[link] = Relay(peer: peer)
            effects.append(.send(link, .bind(stream: Self.bindStream, identity)))
        case .linkDown(let link): linkDown(link, now, &effects)
        case .frame(let link, let frame): receive(frame, link, now, &effects)
        case .wanted(let peers, let through):
            narrow = through
            want(peers, now)
        case .write(let link, let bytes):
            streams[link]?.queue += bytes
            flush(link, now, &effects)
        case .close(let link): close(link, now, &effects)
        case .timer: timer(now, &effects)
        }
        ask(now, &effects)
        return effects
    }

    /// When `.timer` must come.
    package func nextDeadline(_ now: Instant) -> Instant? {
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = min(next ?? instant, instant)
        }
        for relay in relays.values { consider(relay.bindAt) }
        for stream in streams.values {
            if !stream.isReady { consider(stream.due) }
            if !stream.queue.isEmpty { consider(now + Limits.relayPause) }
        }
        let isFull = streams.count >= Limits.relayStreamsPerPeer
        if !isFull, relays.values.contains(where: \.isBound) {
            for (peer, attempt) in attempts where !holds(peer) { consider(attempt.due) }
        }
        return next
    }

    func holds(_ peer: Peer.ID) -> Bool { streams.values.contains { $0.end.peer == peer } }

    mutating func newLink() -> LinkID {
        lastLink += 1
        return LinkID(lastLink)
    }

    /// Keeps a little time for a direct dial, and lets the smaller key of a pair ask first.
    private mutating func want(_ peers: Set<Peer.ID>, _ now: Instant) {
        attempts = attempts.filter { peers.contains($0.key) }
        for peer in peers where attempts[peer] == nil && peer != identity {
            let wait = identity < peer ? Limits.relayPatience : Limits.relayPatienceSecond
            attempts[peer] = Attempt(due: now + wait)
        }
    }

    mutating func failed(_ peer: Peer.ID, wasReady: Bool, _ now: Instant) {
        guard var attempt = attempts[peer] else { return }
        if wasReady { attempt.failures = 0 }
        let base = min(
            Limits.relayRetryLongest.count,
            Limits.relayRetryShortest.count << UInt64(min(attempt.failures, 8)))
        attempt.failures += 1
        attempt.due = now + Milliseconds(base + random.next() % (base / 2 + 1))
        attempts[peer] = attempt
        retried += 1
    }

    /// Asks for those whose time has come, at one relay after the other.
    private mutating func ask(_ now: Instant, _ effects: inout [Effect]) {
        let bound = relays.keys.filter { relays[$0]?.isBound == true }.sorted()
        guard !bound.isEmpty else { return }
        for peer in attempts.keys.sorted() {
            guard streams.count < Limits.relayStreamsPerPeer else { return }
            guard let attempt = attempts[peer], attempt.due <= now, !holds(peer) else { continue }
            let fit = bound.filter { link in
                relays[link].flatMap { narrow[$0.peer] }?.contains(peer) ?? true
            }
            guard !fit.isEmpty else {
                failed(peer, wasReady: false, now)
                continue
            }
            let link = fit[attempt.failures % fit.count]
            guard var relay = relays[link], relay.peer != peer else {
                failed(peer, wasReady: false, now)
                continue
            }
            relay.lastStream += 1
            relays[link] = relay
            add(
                RelayedEnd(relay: relay.peer, peer: peer, isDialler: true), link,
                relay.lastStream, now)
            effects.append(.send(link, .open(stream: relay.lastStream, peer)))
        }
    }

    @discardableResult
    mutating func add(
        _ end: RelayedEnd, _ relay: LinkID, _ number: UInt64, _ now: Instant
    ) -> LinkID {
        let link = newLink()
        streams[link] = Stream(
            relay: relay, number: number, end: end, isReady: !end.isDialler,
            due: now + Limits.relayOpenTimeout,
            bucket: TokenBucket(
                perSecond: Limits.relayPace, burst: Limits.relayPace, now: now))
        ends[End(link: relay, stream: number)] = link
        return link
    }
}
