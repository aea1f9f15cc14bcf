package import PeerState

/// Keeps the events of every server the same on all linked members: compares heads, fetches what is
/// missing within credit, serves what is asked for, and passes fresh events on at once.
///
/// Push makes delivery fast and may lose events; the comparison of heads may not. Nothing here
/// checks an event: whatever arrives is handed out by `.deliver`.
/// - Bounds: section 12 of PROTOCOL and `Limits+Sync`. Source: PROTOCOL 9.1, 9.2, 10.
package struct SyncCore: Sendable {
    package let identity: Peer.ID
    package let incarnation: [UInt8]
    /// Frames of listed types that this core does not speak, and of unknown ones from 64 on.
    package internal(set) var unsupportedFrames: UInt64 = 0

    /// Comparisons of events that no head asked for.
    package internal(set) var repairs: UInt64 = 0
    /// Ranges asked from another peer because one did not give them.
    package internal(set) var takeovers: UInt64 = 0
    package internal(set) var pushes = PushCounts()

    var random: SeededRandom
    /// The serial of our latest announcement.
    var serial: UInt64
    var lastWantID: UInt64 = 0
    var lastReadID: UInt64 = 0
    var links: [LinkID: LinkState] = [:]
    /// Whose each link is, for those who ask for nothing else.
    var peers: [LinkID: Peer.ID] = [:]
    var servers: [Server.ID: ServerSync] = [:]
    /// Which serving a read is for.
    var reads: [ReadID: ServedWantKey] = [:]
    /// Which Graft a read is for; at most `Limits.graftReads`.
    var graftReads: [ReadID: GraftRead] = [:]
    var payloads = PayloadCache()
    var quotas = Quotas()
    package internal(set) var scores = PeerScores()
    var offers = OfferBook()
    var antiEntropyAt: Instant?
    private var announcedWake: Instant?

    /// Names a want of a peer: ids of different links collide.
    struct ServedWantKey: Hashable, Sendable {
        let link: LinkID
        let id: UInt64
    }

    /// - Parameters:
    ///   - incarnation: this data directory's life, 16 bytes.
    ///   - firstSerial: the ms clock at start, because the count of announcements is not kept.
    package init(
        identity: Peer.ID, incarnation: [UInt8], firstSerial: UInt64, random: SeededRandom
    ) {
        precondition(incarnation.count == 16, "an incarnation is 16 bytes")
        self.identity = identity
        self.incarnation = incarnation
        serial = firstSerial
        self.random = random
    }

    package mutating func handle(
        _ input: Input, context: some SyncContext, now: Instant
    ) -> [Effect] {
        var turn = Turn(context: context, now: now)
        switch input {
        case .linkUp(let link, let peer, let incarnation, let isDialler):
            let state = LinkState(peer: peer, incarnation: incarnation, isDialler: isDialler)
            linkUp(link, state, &turn)
        case .linkDown(let link): linkDown(link, &turn)
        case .frame(let link, let bytes): receive(bytes, link, &turn)
        case .committed(let server, let events): committed(events, server, &turn)
        case .refused(let server, let author, let seq, let id, let link):
            refused(author, seq, id, server, link, &turn)
        case .consumed(let link, let id, let bytes): consumed(bytes, link, id, &turn)
        case .loaded(let id, let page): loaded(page, id, &turn)
        case .grantStored(let server, let peer): grantStored(server, peer, &turn)
        case .loweringStored(let server): loweringStored(server, &turn)
        case .invalid(let link): blame(link, .invalid, &turn)
        case .flooded(let link): blame(link, .behaviour(.announcementFlood), &turn)
        case .fetch(let server, let range, let link): fetch(range, server, link, &turn)
        case .reconcile(let server, let scope, let link): reconcile(scope, link, server, &turn)
        case .forkProof(let server, let first, let second, let only):
            for link in only.map({ [$0] }) ?? memberLinks(server, turn) {
                turn.send(.forkProof(server, first, second), to: link)
            }
        case .spread(let frame, let link): spread(frame, from: link, &turn)
        case .serverAdded(let server): greet(server, &turn)
        case .greet(let server, let link):
            if isMember(link, server, turn) { sendHello(link, server, isAnswer: false, &turn) }
        case .serverDropped(let server): drop(server)
        case .offerKept(let server, let peer): offers.add(server, peer, turn.now)
        case .offerClosed(let server, let peer): offers.close(server, peer)
        case .timer:
            announcedWake = nil  // A timer that came early has to be set again.
            timer(&turn)
        }
        if let next = nextDeadline(turn.now), next != announcedWake {
            announcedWake = next
            turn.effects.append(.wake(at: next))
        }
        return turn.effects
    }
}
