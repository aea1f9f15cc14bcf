import PeerNet
import PeerState
import Testing

/// An event with a real envelope and a signature of zeros: the core never checks signatures.
struct ToyEvent: Hashable {
    let server: Server.ID
    let author: Peer.ID
    let seq: UInt64
    let prev: Event.ID?
    let deps: [Event.ID]
    let lamport: UInt64
    let id: Event.ID
    let envelope: [UInt8]

    init(
        server: Server.ID, author: Peer.ID, seq: UInt64, prev: Event.ID?, deps: [Event.ID] = [],
        lamport: UInt64, kind: UInt64 = 60, size: Int = 10
    ) {
        self.server = server
        self.author = author
        self.seq = seq
        self.prev = prev
        self.deps = deps.sorted()
        self.lamport = lamport
        var payload = CBORWriter()
        payload.array(11)
        payload.unsigned(1)
        payload.identifier(server)
        payload.identifier(author)
        payload.unsigned(seq)
        payload.optional(prev) { $0.identifier($1) }
        payload.identifiers(self.deps)
        payload.null()
        payload.unsigned(kind)
        payload.unsigned(lamport)
        payload.unsigned(0)
        payload.array(1)
        payload.byteString(Array(repeating: UInt8(truncatingIfNeeded: seq), count: size))
        id = Envelope.id(of: payload.bytes)
        var writer = CBORWriter()
        writer.array(2)
        writer.byteString(payload.bytes)
        writer.byteString(Array(repeating: 0, count: 64))
        envelope = writer.bytes
    }

    init(decoding bytes: [UInt8]) throws {
        let envelope = try Envelope(decoding: bytes)
        var reader = CBORReader(envelope.payload)
        try reader.array(exactly: 11)
        _ = try reader.unsigned()
        server = try reader.identifier()
        author = try reader.identifier()
        seq = try reader.unsigned()
        prev = try reader.optionalIdentifier()
        deps = try reader.identifiers(max: 64)
        try reader.skip()
        try reader.skip()
        lamport = try reader.unsigned()
        id = envelope.id
        self.envelope = bytes
    }

    var key: OrderKey { OrderKey(lamport: lamport, author: author, seq: seq, id: id) }
}

func toyPeer(_ number: Int) -> Peer.ID {
    Peer.ID(Sodium.hash("test/peer", Array("\(number)".utf8)))
}

func toyServer(_ number: Int) -> Server.ID {
    Server.ID(Sodium.hash("test/server", Array("\(number)".utf8)))
}

func toyIncarnation(_ number: Int) -> [UInt8] {
    Array(toyPeer(number).bytes.prefix(16))
}

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
        var lowerings: [[UInt8]] = []
        var offer: [[UInt8]]?
    }

    var held: [Server.ID: Held] = [:]
    /// What an offered envelope says, by its bytes.
    var offered: [[UInt8]: OfferedEvent] = [:]
    var readsOfOffers = 0
    /// Whether it can say what a scope of events holds.
    var listsEvents = false

    func servers() -> [Server.ID] { Array(held.keys) }
    func standing(of peer: Peer.ID, in server: Server.ID) -> PeerStanding {
        held[server]?.standings[peer] ?? .stranger
    }
    func heads(of server: Server.ID) -> [Peer.ID: Head] { held[server]?.heads ?? [:] }
    func eventCount(of server: Server.ID) -> UInt64 { UInt64(held[server]?.events.count ?? 0) }
    func isKnown(_ id: Event.ID, in server: Server.ID) -> Bool { held[server]?.events[id] != nil }
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
    func lowerings(of peer: Peer.ID, in server: Server.ID) -> [[UInt8]] {
        held[server]?.lowerings ?? []
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
