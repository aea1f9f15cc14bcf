package import PeerState

/// Grows a history of several honest authors who see each other's events late and in pieces.
///
/// Every author has a replica; each step is one act or one delivery, drawn from the seed.
package struct RandomHistory {
    package private(set) var replicas: [Replica] = []
    /// Everything written, in the order of writing.
    package private(set) var envelopes: [[UInt8]] = []
    package let server: Server.ID
    private let keys: [SigningKey]
    private var known: [Set<Int>]
    private var prekeys: [ExchangeKey] = []
    private var random: SeededRandom
    private var entropy: Entropy
    private var wall: UInt64 = 1_700_000_000_000

    package init(seed: UInt64, authors: Int) throws {
        random = SeededRandom(seed: seed)
        entropy = .seeded(SeededRandom(seed: seed ^ 0xABCD))
        var bytes = Entropy.seeded(SeededRandom(seed: seed &+ 1))
        keys = (0..<authors).map { _ in SigningKey(seed: bytes.bytes(32)) }
        let body = ServerCreated(
            name: "Harbour", isDirect: false, participants: [], nonce: bytes.bytes(16))
        let (founder, created) = try Replica.found(
            body, by: Replica.Writer(key: keys[0], wallMilliseconds: wall))
        server = founder.id
        known = Array(repeating: [], count: authors)
        replicas =
            [founder] + (1..<authors).map { Replica(id: founder.id, viewer: keys[$0].publicKey) }
        envelopes.append(created.envelope.bytes)
        known[0].insert(0)
        for key in keys.dropFirst().prefix(authors / 2) {
            write(MemberGranted(target: key.publicKey, level: .admin), 0)
        }
        write(ChannelCreated(name: "general"), 0)
    }

    /// Performs `count` random steps.
    package mutating func grow(_ count: Int) {
        for _ in 0..<count {
            wall += UInt64.random(in: 0...5_000, using: &random)
            if Bool.random(using: &random) {
                act(Int.random(in: 0..<keys.count, using: &random))
            } else {
                deliver()
            }
        }
    }

    /// Brings every author everything.
    package mutating func settle() {
        for author in keys.indices {
            for index in envelopes.indices { give(index, to: author) }
        }
    }

    private mutating func deliver() {
        let author = Int.random(in: 0..<keys.count, using: &random)
        let missing = envelopes.indices.filter { !known[author].contains($0) }
        for index in missing.shuffled(using: &random).prefix(Int.random(in: 1...8, using: &random))
        {
            give(index, to: author)
        }
    }

    private mutating func give(_ index: Int, to author: Int) {
        guard known[author].insert(index).inserted else { return }
        _ = replicas[author].receive(envelopes[index], wallMilliseconds: wall)
    }

    private mutating func act(_ author: Int) {
        let me = keys[author].publicKey
        let state = replicas[author].state
        guard state.standing(of: me) != nil else { return }
        let body: any EventBody
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1:
            let target = keys[Int.random(in: 0..<keys.count, using: &random)].publicKey
            let level = Level.allCases[Int.random(in: 0...2, using: &random)]
            body = MemberGranted(target: target, level: level)
        case 2: body = ChannelCreated(name: "room \(wall)")
        case 3: body = ProfileUpdated(displayName: "name \(wall)")
        case 4: body = PrekeyPublished(key: ExchangeKey.generate(&entropy).publicKey)
        case 5, 6:
            guard
                let channel = state.holdingChannels.map(\.id).sorted().randomElement(using: &random)
            else {
                return
            }
            let draft = Rotation.draft(
                channel: channel, author: me, state: state, keys: KeyRing(), &entropy)
            for part in draft.parts { write(part, author) }
            return
        case 7: body = Acknowledged()
        default:
            guard let epoch = state.epochs.keys.sorted().randomElement(using: &random),
                let info = state.epochs[epoch]
            else { return }
            let sealed = SealedBody(
                epoch: epoch, nonce: entropy.bytes(24), ciphertext: entropy.bytes(48))
            let parent = state.messageIDs.randomElement(using: &random)
                .flatMap { state.message($0)?.channel == info.channel ? $0 : nil }
            body = MessagePosted(channel: info.channel, sealed: sealed, parent: parent)
        }
        write(body, author)
    }

    /// Writes when the rules allow it; a refusal leaves no trace.
    private mutating func write(_ body: any EventBody, _ author: Int) {
        let writer = Replica.Writer(key: keys[author], wallMilliseconds: wall)
        do {
            for stored in try replicas[author].author(body, by: writer) {
                known[author].insert(envelopes.count)
                envelopes.append(stored.envelope.bytes)
            }
        } catch {
            // Not allowed to this author at this point: part of the history's randomness.
        }
    }
}
