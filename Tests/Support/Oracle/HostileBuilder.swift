import PeerState

/// Who writes: one copy of a key with its own head and its own knowledge.
///
/// A forked author is two writers with one key.
struct HostileWriter {
    let key: SigningKey
    var head: Int?
    /// What it has seen; closed under past.
    var known = OracleBits()
    /// Was removed, pretends not to know, and goes on.
    var isDefiant = false
    /// Added to the common clock, milliseconds.
    let skew: UInt64

    var peer: Peer.ID { key.publicKey }
}

/// What one writer sees at the moment of writing.
struct HostileScene {
    let writer: Int
    let me: Peer.ID
    let view: OracleView
    let deps: [Int]
    var past: OracleBits { view.set }

    var level: Int { view.level(me) ?? 0 }
    var members: [Peer.ID] { view.active.keys.sorted() }
}

/// Grows one history; all knowledge is kept here, all rules are asked of the oracle.
final class HostileBuilder {
    let world: OracleWorld
    let theme: HostileTheme
    /// Whether agents answer each other until the loop guard stops them.
    let isChatter: Bool
    private(set) var envelopes: [Envelope] = []
    var writers: [HostileWriter] = []
    /// How many of the writers nobody grants at first.
    let newcomers: Int
    var random: SeededRandom
    var entropy: Entropy
    var wall: UInt64 = 1_700_000_000_000
    /// The secret halves of the links, by link id.
    var links: [Event.ID: SigningKey] = [:]
    /// The boxes that the second part of a rotation under way still has to carry.
    var pendingBoxes: [CBORValue] = []
    /// Whether drafts should look for what the rules refuse.
    var mayStray = false
    /// The writer of the last act, who often goes on at once.
    private var lastWriter = 0
    /// The key of a link that is being issued.
    var linkKey = SigningKey(seed: [UInt8](repeating: 7, count: 32))

    init(seed: UInt64) throws(Failure<WireCode>) {
        random = SeededRandom(seed: seed &* 0x9E37 &+ 17)
        entropy = .seeded(SeededRandom(seed: seed ^ 0xA5A5_5A5A))
        theme = HostileTheme.allCases[Int(seed % UInt64(HostileTheme.allCases.count))]
        isChatter = theme == .agents && seed % 3 == 0
        let count = Int.random(in: 3...7, using: &random)
        newcomers = theme == .links ? 4 : theme == .agents ? 2 : 1
        for _ in 0..<count + newcomers - 1 {
            let skew = UInt64.random(in: 0...90_000, using: &random)
            writers.append(HostileWriter(key: SigningKey(seed: entropy.bytes(32)), skew: skew))
        }
        let participants = theme == .direct ? writers.prefix(3).map(\.peer).sorted() : []
        let body: [CBORValue] = [
            .text("Reef"), .unsigned(theme == .direct ? 1 : 0),
            .array(participants.map { .named($0) }), .bytes(entropy.bytes(16)),
        ]
        let payload = CBORValue.array([
            .unsigned(1), .null, .named(writers[0].peer), .unsigned(1), .null, .array([]), .null,
            .unsigned(0), .unsigned(1), .unsigned(wall), .array(body),
        ])
        let create = Envelope(payload: payload.encoded, key: writers[0].key)
        world = OracleWorld(server: create.id, limits: OracleLimits())
        envelopes = [create]
        guard case .taken(let number) = world.take(try OracleEvent(create)) else {
            throw Failure(.badField, "create")
        }
        writers[0].head = number
        for place in writers.indices where place == 0 || theme == .direct {
            writers[place].known.insert(number)
        }
    }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    func pick<Element>(_ all: [Element]) -> Element? { all.randomElement(using: &random) }

    func bytes(_ count: Int) -> CBORValue { .bytes(entropy.bytes(count)) }

    /// One delivery or one act.
    func step() throws(Failure<WireCode>) {
        if chance(25) { return try act(lastWriter) }
        wall += UInt64.random(in: 0...25_000, using: &random)
        if chance(45) {
            deliver(to: Int.random(in: 0..<writers.count, using: &random))
        } else if theme == .forks && chance(8) || chance(1) {
            fork()
        } else {
            lastWriter = Int.random(in: 0..<writers.count, using: &random)
            try act(lastWriter)
        }
    }

    /// Writes one event when there is something to say; retries until the rules would allow it,
    /// most of the time.
    private func act(_ writer: Int) throws(Failure<WireCode>) {
        let scene = scene(for: writer)
        guard mayAct(scene) else { return }
        let mustPass = !chance(14)
        for attempt in 0..<8 {
            mayStray = !mustPass
            guard let kind = kind(for: scene), let body = draft(kind, scene)
            else { continue }
            let statement = try statement(kind, body, scene, proof: proof(scene))
            let refusal = world.refusalOnTrial(statement.event, in: scene.view)
            if mustPass && refusal != nil { continue }
            if !mustPass && attempt < 7 && !isTelling(refusal) { continue }
            try keep(statement, writer, in: scene.view)
            if kind == 81 { try finishRotation(body, writer) }
            if kind == 11 && chance(30) { try regrant(statement.event, writer) }
            return
        }
    }

    /// Draws a kind; a fork in sight asks for a confirm, chatter for the next answer.
    private func kind(for scene: HostileScene) -> UInt64? {
        let forked = scene.view.rawFork.keys.contains { $0 != scene.me }
        if forked && scene.level > 0 && chance(30) { return 15 }
        if isChatter && chance(50) { return 60 }
        if theme == .votes && chance(50) {
            return hasReadyProposal(scene) ? 33 : 31
        }
        if theme == .links && chance(40) && !scene.view.inForce(40).isEmpty { return 42 }
        return theme.kind(&random, isDefiant: writers[scene.writer].isDefiant)
    }

    /// Whether a refusal is one that histories hold rarely.
    private func isTelling(_ refusal: String?) -> Bool {
        guard let refusal else { return false }
        return !["noPermission", "notSenior", "notHigher", "unknownTarget"].contains(refusal)
    }

    /// Members act; others hardly ever, so that refusals of each sort occur.
    private func mayAct(_ scene: HostileScene) -> Bool {
        if scene.view.active[scene.me] != nil { return true }
        let isAsleep = scene.view.status(scene.me) == 2
        return !scene.past.isEmpty && chance(isAsleep ? 25 : 5)
    }

    /// The proof the author acts under; now and then a wrong one.
    func proof(_ scene: HostileScene) -> Event.ID? {
        let grants = world.inCanonicalOrder(scene.past).filter {
            [10, 42].contains(world.events[$0].kind)
        }
        let own = grants.filter { world.target($0) == scene.me }
        if chance(1), let any = pick(grants) { return world.events[any].id }
        guard let grant = scene.view.active[scene.me] ?? own.last ?? pick(grants) else {
            return nil
        }
        return world.events[grant].kind == 0 ? nil : world.events[grant].id
    }

    /// Takes a statement into the history and into its writer's chain.
    func keep(
        _ statement: HostileStatement, _ writer: Int, in view: OracleView? = nil
    ) throws(Failure<WireCode>) {
        let key = writers[writer].key
        switch world.take(statement.event, in: view) {
        case .waiting: return
        case .dropped: envelopes.append(statement.signed(by: key))
        case .taken(let number):
            envelopes.append(statement.signed(by: key))
            if statement.event.kind == 40 { links[statement.event.id] = linkKey }
            writers[writer].head = number
            learn(writer, number)
            tellTarget(number)
            tellOthers(of: writer, number)
        }
    }
}
