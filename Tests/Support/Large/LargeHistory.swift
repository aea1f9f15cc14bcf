package import PeerState

/// Makes histories of any length for measurements: many authors who hardly lag, mostly messages.
///
/// Ids and shapes are real, signatures are not: what is measured never checks them. Events come one
/// at a time, so that a million need no memory.
package struct LargeHistory {
    package let server: Server.ID
    package let founder: SigningKey
    /// Founding, grants, channels and their keys, in order.
    package private(set) var setup: [Envelope] = []
    package private(set) var channels: [Channel.ID] = []

    private struct Author {
        let id: Peer.ID
        let proof: Event.ID?
        var seq: UInt64
        var prev: Event.ID?
        var lamport: UInt64
    }

    private struct Tip {
        let id: Event.ID
        let author: Int
        let lamport: UInt64
    }

    private var authors: [Author] = []
    private var epochs: [Epoch.ID] = []
    private var tips: [Tip] = []
    private var recent: [(message: Event.ID, channel: Int)] = []
    private var random: SeededRandom
    private var wall: UInt64 = 1_700_000_000_000

    /// - Parameter authors: the founder included.
    package init(
        seed: UInt64, authors count: Int, channels channelCount: Int = 5, admins: Int = 10
    ) throws {
        random = SeededRandom(seed: seed)
        var entropy = Entropy.seeded(SeededRandom(seed: seed &+ 1))
        founder = SigningKey(seed: entropy.bytes(32))
        let writer = Replica.Writer(key: founder, wallMilliseconds: wall)
        let body = ServerCreated(
            name: "Large", isDirect: false, participants: [], nonce: entropy.bytes(16))
        let (founded, created) = try Replica.found(body, by: writer)
        server = founded.id
        setup = [created.envelope]
        var replica = founded
        var proofs: [(Peer.ID, Event.ID?)] = [(founder.publicKey, nil)]
        func write(_ body: any EventBody) throws -> Event.ID {
            let stored = try replica.author(body, by: writer)
            setup += stored.map(\.envelope)
            return stored.last?.event.id ?? Event.ID(server)
        }
        for index in 1..<max(count, 2) {
            let target: Peer.ID = Peer.ID(Sodium.blake2b(entropy.bytes(32)))
            let level: Level = index < admins ? .admin : .member
            proofs.append((target, try write(MemberGranted(target: target, level: level))))
        }
        for index in 0..<channelCount {
            let channel = Channel.ID(try write(ChannelCreated(name: "room \(index)")))
            channels.append(channel)
            let draft = Rotation.draft(
                channel: channel, author: founder.publicKey, state: replica.state,
                keys: KeyRing(), &entropy)
            for part in draft.parts { epochs.append(Epoch.ID(try write(part))) }
        }
        guard let head = replica.state.graph.head(of: founder.publicKey) else { return }
        let lamport = UInt64(setup.count)
        for (id, proof) in proofs {
            let isFounder = id == founder.publicKey
            authors.append(
                Author(
                    id: id, proof: proof, seq: isFounder ? head.seq : 0,
                    prev: isFounder ? head.id : nil, lamport: isFounder ? lamport : 0))
        }
        tips = [Tip(id: head.id, author: 0, lamport: lamport)]
    }

    /// The next event: a message, and now and then an answer, reaction, edit or ack.
    package mutating func next() throws -> (event: Event, envelope: Envelope) {
        wall += random.next() % 200
        return try next(by: Int(random.next() % UInt64(authors.count)))
    }

    /// The next event of one author.
    package mutating func next(by author: Int) throws -> (event: Event, envelope: Envelope) {
        try write(content(by: author), by: author)
    }

    /// Somebody else becomes a member, by the founder.
    package mutating func grantSomebody() throws -> (event: Event, envelope: Envelope) {
        let target = Peer.ID(
            Sodium.blake2b((0..<4).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }))
        return try write(MemberGranted(target: target, level: .member), by: 0)
    }

    /// The same, and from now on they write like everybody else.
    package mutating func addAuthor() throws -> (event: Event, envelope: Envelope) {
        let made = try grantSomebody()
        if let body = made.event.body as? MemberGranted {
            authors.append(
                Author(id: body.target, proof: made.event.id, seq: 0, prev: nil, lamport: 0))
        }
        return made
    }

    package var authorCount: Int { authors.count }

    /// The member with this number is removed by the admin with that number.
    package mutating func remove(
        _ member: Int, by admin: Int
    ) throws -> (event: Event, envelope: Envelope) {
        let target = authors[member]
        let cut = target.prev.map { Cut(seq: target.seq, id: $0) }
        return try write(MemberRemoved(target: target.id, cut: cut, reason: ""), by: admin)
    }

    package func peer(_ number: Int) -> Peer.ID { authors[number].id }

    private mutating func content(by author: Int) -> any EventBody {
        let draw = random.next() % 100
        if draw == 0 { return Acknowledged() }
        guard draw >= 12, let last = recent.randomElement(using: &random) else {
            let channel = Int(random.next() % UInt64(channels.count))
            return MessagePosted(channel: channels[channel], sealed: sealed(channel), parent: nil)
        }
        if draw < 18 { return ReactionAdded(message: last.message, sealed: sealed(last.channel)) }
        let isReply = draw < 30
        let channel = isReply ? last.channel : Int(random.next() % UInt64(channels.count))
        return MessagePosted(
            channel: channels[channel], sealed: sealed(channel),
            parent: isReply ? last.message : nil)
    }

    private mutating func sealed(_ channel: Int) -> SealedBody {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(120)
        for _ in 0..<15 { withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) } }
        return SealedBody(
            epoch: epochs[channel], nonce: Array(bytes[..<24]), ciphertext: Array(bytes[24...]))
    }

    /// Writes as an author who knows everything but, often, the very last events of others.
    private mutating func write(
        _ body: any EventBody, by number: Int
    ) throws -> (event: Event, envelope: Envelope) {
        let unseen = body is MemberRemoved ? 0 : Int(random.next() % 3)
        let seen = tips.dropLast(min(unseen, tips.count - 1))
        var author = authors[number]
        let named = Set(body.edges)
        let deps = seen.filter { $0.author != number && !named.contains($0.id) }
        let parents = deps.map(\.lamport) + seen.map(\.lamport) + [author.lamport]
        author.lamport = 1 + (parents.max() ?? 0)
        author.seq += 1
        let draft = EventDraft(
            server: server, author: author.id, seq: author.seq, prev: author.prev,
            deps: deps.map(\.id).sorted(), proof: author.proof, lamport: author.lamport,
            wallMilliseconds: wall, body: body)
        let made = try unsigned(draft)
        author.prev = made.event.id
        authors[number] = author
        let left = tips.suffix(tips.count - seen.count).filter { $0.author != number }
        tips = left + [Tip(id: made.event.id, author: number, lamport: author.lamport)]
        if body is MessagePosted { remember(made.event.id, body) }
        return made
    }

    private mutating func remember(_ id: Event.ID, _ body: any EventBody) {
        guard let post = body as? MessagePosted,
            let channel = channels.firstIndex(of: post.channel)
        else { return }
        // An author must know what he names: older messages, never the last few.
        waiting.append((id, channel))
        guard waiting.count > 8 else { return }
        recent.append(waiting.removeFirst())
        if recent.count > 64 { recent.removeFirst() }
    }

    private var waiting: [(message: Event.ID, channel: Int)] = []

    private func unsigned(_ draft: EventDraft) throws -> (event: Event, envelope: Envelope) {
        var writer = CBORWriter(reserving: 512)
        writer.array(2)
        writer.byteString(draft.payload)
        writer.byteString([UInt8](repeating: 0, count: Signature.byteCount))
        let envelope = try Envelope(decoding: writer.bytes)
        return (try Event(decoding: envelope, for: server), envelope)
    }
}
