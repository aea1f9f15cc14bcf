package import PeerState

/// One server grown by people known by name: what tests of the rules write and force into it.
///
/// A value: a copy is a partition, `merge` heals it. What `write` writes is what an honest build
/// writes; what `forged` signs nobody has checked.
package struct RightsServer {
    /// When tests receive, ms: no clock of a test runs ahead of it.
    package static let receivedAt: UInt64 = 1 << 60

    package private(set) var replica: Replica
    /// Everything stored here, parents before children.
    package private(set) var log: [Envelope] = []
    /// The clock of whoever writes next, ms since 1970.
    package var wall: UInt64 = 1_700_000_000_000
    package var entropy = Entropy.seeded(SeededRandom(seed: 30))
    /// The last grant to each peer, whether it still holds or not.
    private var grants: [Peer.ID: Event.ID] = [:]

    /// A server of `owner`, with its create event only.
    package init(owner: String) throws {
        let body = ServerCreated(
            name: "Harbour", isDirect: false, participants: [],
            nonce: [UInt8](repeating: 7, count: 16))
        let writer = Replica.Writer(key: Self.key(owner), wallMilliseconds: wall)
        let (founded, created) = try Replica.found(body, by: writer)
        replica = founded
        log = [created.envelope]
    }

    package static func key(_ name: String) -> SigningKey {
        let seed = Array(name.utf8) + [UInt8](repeating: 0, count: SigningKey.seedByteCount)
        return SigningKey(seed: Array(seed.prefix(SigningKey.seedByteCount)))
    }

    package static func peer(_ name: String) -> Peer.ID { key(name).publicKey }

    package var state: ServerState { replica.state }
    package var id: Server.ID { replica.id }

    /// Writes as an honest build does: refused acts throw their code and leave no trace.
    @discardableResult
    package mutating func write(_ name: String, _ act: RightsAct) throws -> Event.ID {
        wall += 1_000
        return try write(name, act, at: wall)
    }

    /// The same by the given clock.
    @discardableResult
    package mutating func write(
        _ name: String, _ act: RightsAct, at wall: UInt64
    ) throws -> Event.ID {
        let writer = Replica.Writer(key: Self.key(name), wallMilliseconds: wall)
        let stored = try replica.author(try act.body(), by: writer)
        log += stored.map(\.envelope)
        for entry in stored { note(entry.event) }
        guard let last = stored.last else { throw Failure(RuleCode.storeFailed) }
        return last.event.id
    }

    /// Signs an act that nothing checked, as whoever knows everything here would place it.
    ///
    /// - Parameters:
    ///   - prev: the author's own event it follows; by default his last.
    ///   - deps: what else it claims to know; by default all heads.
    ///   - proof: by default the grant he acts under, or the last he ever had.
    package func forged(
        _ name: String, _ act: RightsAct, prev: Event.ID? = nil, deps: [Event.ID]? = nil,
        proof: Event.ID? = nil, wall: UInt64? = nil
    ) throws -> Envelope {
        let key = Self.key(name)
        let me = key.publicKey
        let body = try act.body()
        let graph = state.graph
        let prev = prev ?? graph.head(of: me)?.id
        let heads = deps ?? Array(graph.tipIDs)
        let known = heads.filter { $0 != prev }.sorted()
        let seq = prev.flatMap { state.seq(of: $0) } ?? 0
        let draft = EventDraft(
            server: id, author: me, seq: seq + 1, prev: prev, deps: known,
            proof: proof ?? state.standing(of: me)?.proof ?? grants[me],
            lamport: graph.lamport(over: known + body.edges + (prev.map { [$0] } ?? [])),
            wallMilliseconds: wall ?? self.wall + 1_000, body: body)
        return draft.signed(with: key)
    }

    /// - Returns: the word of the verdict; `nil` = stored and effective.
    @discardableResult
    package mutating func receive(_ envelope: Envelope) -> String? {
        let verdict = replica.receive(envelope.bytes, wallMilliseconds: Self.receivedAt)
        if case .stored(let entries) = verdict {
            log += entries.map(\.envelope)
            for entry in entries { note(entry.event) }
        }
        return verdict.word
    }

    /// Forces an act in and says what became of it.
    @discardableResult
    package mutating func force(_ name: String, _ act: RightsAct) throws -> String? {
        receive(try forged(name, act))
    }

    /// Brings everything that another part of the network has.
    package mutating func merge(_ other: RightsServer) {
        for envelope in other.log where !replica.isKnown(envelope.id) { receive(envelope) }
        wall = max(wall, other.wall)
    }

    /// Makes somebody write two events of one seq, and this server know both.
    @discardableResult
    package mutating func fork(
        _ name: String, _ left: RightsAct, _ right: RightsAct
    ) throws -> (left: Event.ID, right: Event.ID) {
        let other = try forged(name, right)
        let first = try write(name, left)
        receive(other)
        return (first, other.id)
    }

    private mutating func note(_ event: Event) {
        if let grant = event.body as? MemberGranted { grants[grant.target] = event.id }
    }
}
