import PeerNet
import PeerState
import PeerTesting
import Testing

/// A chain of `count` events by one author.
func toyChain(
    _ author: Peer.ID, _ server: Server.ID, _ count: Int, size: Int = 10
) -> [ToyEvent] {
    var events: [ToyEvent] = []
    for seq in 0..<count {
        events.append(
            ToyEvent(
                server: server, author: author, seq: UInt64(seq + 1), prev: events.last?.id,
                lamport: UInt64(seq + 1), size: size))
    }
    return events
}

/// What a node would know of its servers: committed events, those that wait, and who is a member.
struct ToyReplica: SyncContext {
    struct Held {
        var events: [Event.ID: ToyEvent] = [:]
        var heads: [Peer.ID: Head] = [:]
        var pending: [ToyEvent] = []
        var standings: [Peer.ID: PeerStanding] = [:]
        /// `nil` = not durable yet.
        var lowerings: [[UInt8]]? = []
        var offer: [[UInt8]]?
    }

    var held: [Server.ID: Held] = [:]
    /// What an offered envelope says, by its bytes.
    var offered: [[UInt8]: OfferedEvent] = [:]
    var readsOfOffers = 0
    /// Whether own events may be missing.
    var seeks = false
    /// Whether it can say what a scope of events holds.
    var listsEvents = false

    func servers() -> [Server.ID] { Array(held.keys) }
    func standing(of peer: Peer.ID, in server: Server.ID) -> PeerStanding {
        held[server]?.standings[peer] ?? .stranger
    }
    func heads(of server: Server.ID) -> [Peer.ID: Head] { held[server]?.heads ?? [:] }
    func eventCount(of server: Server.ID) -> UInt64 { UInt64(held[server]?.events.count ?? 0) }
    func isKnown(_ id: Event.ID, in server: Server.ID) -> Bool {
        held[server]?.events[id] != nil
            || held[server]?.pending.contains { $0.id == id } == true
    }
    func seeksOwn(in server: Server.ID) -> Bool { seeks }
    func place(of id: Event.ID, in server: Server.ID) -> (author: Peer.ID, seq: UInt64)? {
        held[server]?.events[id].map { ($0.author, $0.seq) }
    }
    func eventItems(
        of server: Server.ID, in scope: NegScope
    ) -> [(lamport: UInt64, id: Event.ID)]? {
        guard listsEvents, let events = held[server]?.events.values else { return nil }
        return events.filter {
            if case .author(let author) = scope { $0.author == author } else { true }
        }.map { ($0.lamport, $0.id) }
    }
    func offer(for peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? { held[server]?.offer }
    func lowerings(of peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? {
        held[server]?.lowerings
    }
    func stateHash(of server: Server.ID) -> Digest.Value { Sodium.hash("toy", server.bytes) }
    func peersNamed(by event: Event) -> [Peer.ID] { [] }
    func readOffered(_ envelope: [UInt8], in server: Server.ID) -> OfferedEvent? {
        offered[envelope]
    }

    /// Commits what fits, and whatever waited for it.
    mutating func insert(_ event: ToyEvent) -> [ToyEvent] {
        // Taken out, so that nothing of it is copied.
        var held = held.removeValue(forKey: event.server) ?? Held()
        defer { self.held[event.server] = held }
        guard held.events[event.id] == nil, !held.pending.contains(event) else { return [] }
        held.pending.append(event)
        var committed: [ToyEvent] = []
        while let index = held.pending.firstIndex(where: { Self.fits($0, held) }) {
            let next = held.pending.remove(at: index)
            held.events[next.id] = next
            held.heads[next.author] = Head(seq: next.seq, id: next.id)
            committed.append(next)
        }
        return committed
    }

    private static func fits(_ event: ToyEvent, _ held: Held) -> Bool {
        event.seq == (held.heads[event.author]?.seq ?? 0) + 1
            && event.prev == held.heads[event.author]?.id
            && event.deps.allSatisfy { held.events[$0] != nil }
    }

    /// Canonical order, after the cursor, within the bounds.
    func page(_ request: SyncCore.ReadRequest) -> SyncCore.Page {
        var all: [ToyEvent] = []
        let events = held[request.server]?.events.values.map { $0 } ?? []
        let byAuthor = Dictionary(grouping: events, by: \.author)
        for range in request.ranges {
            all += (byAuthor[range.author] ?? []).filter {
                ($0.seq >= range.from) && $0.seq <= range.to
            }
        }
        all.sort { $0.key < $1.key }
        let totals = SyncCore.Totals(
            events: UInt64(all.count), bytes: all.reduce(0) { $0 + UInt64($1.envelope.count) })
        let rest = all.filter { event in request.after.map { $0 < event.key } ?? true }
        var taken: [[UInt8]] = []
        var bytes = 0
        for event in rest.prefix(request.maxCount) {
            guard bytes + event.envelope.count <= request.maxBytes else { break }
            bytes += event.envelope.count
            taken.append(event.envelope)
        }
        return SyncCore.Page(
            envelopes: taken, isLast: taken.count == rest.count,
            totals: request.needsTotals ? totals : nil)
    }
}

/// One core and its replica, driven by hand.
struct ToyNode {
    var core: SyncCore
    var replica = ToyReplica()
    let peer: Peer.ID
    let number: Int

    init(_ number: Int, seed: Seed = Seed(1)) {
        self.number = number
        peer = toyPeer(number)
        core = SyncCore(
            identity: peer, incarnation: toyIncarnation(number), firstSerial: 1_000,
            random: seed.stream("core", UInt64(number)))
    }

    mutating func handle(
        _ input: SyncCore.Input, at milliseconds: UInt64 = 0
    ) -> [SyncCore.Effect] {
        core.handle(input, context: replica, now: .zero + Milliseconds(milliseconds))
    }

    mutating func receive(
        _ message: SyncMessage, _ link: LinkID, at milliseconds: UInt64 = 0
    ) -> [SyncCore.Effect] {
        handle(.frame(link, message.bytes), at: milliseconds)
    }

    mutating func hold(_ server: Server.ID, members: [Int], _ events: [ToyEvent] = []) {
        replica.held[server, default: ToyReplica.Held()].standings = Dictionary(
            uniqueKeysWithValues: members.map { (toyPeer($0), PeerStanding.member) })
        for event in events { _ = replica.insert(event) }
    }
}

/// The messages sent, in order.
func toyMessages(_ effects: [SyncCore.Effect]) throws -> [SyncMessage] {
    var result: [SyncMessage] = []
    for case .send(_, let bytes) in effects { result.append(try SyncMessage(decoding: bytes)) }
    return result
}

func toyUp(_ link: UInt64, _ number: Int) -> SyncCore.Input {
    .linkUp(
        LinkID(link), peer: toyPeer(number), incarnation: toyIncarnation(number), isDialler: true)
}
