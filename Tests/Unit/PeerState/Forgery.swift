import PeerState
import Testing

/// A small server to be attacked: its owner, one moderator, and the replica of an honest peer.
struct TargetServer {
    static let wall: UInt64 = 1_700_000_100_000

    let owner = SigningKey(seed: [UInt8](repeating: 0x21, count: 32))
    let bob = SigningKey(seed: [UInt8](repeating: 0x22, count: 32))
    let bobsGrant: Event.ID
    var replica: Replica

    init() throws {
        let create = EventDraft(
            server: nil, author: owner.publicKey, seq: 1, prev: nil, deps: [], proof: nil,
            lamport: 1, wallMilliseconds: 1_700_000_000_000,
            body: ServerCreated(
                name: "Harbour", isDirect: false, participants: [],
                nonce: [UInt8](repeating: 7, count: 16))
        ).signed(with: owner)
        replica = Replica(id: Server.ID(create.id))
        _ = replica.receive(create.bytes, wallMilliseconds: Self.wall)
        var grant = Forgery(next: replica, by: owner, kind: 10, [])
        grant[.body] = .array([.bytes(bob.publicKey.bytes), .unsigned(1), .null])
        bobsGrant = grant.id
        #expect(receive(grant.envelope) == nil)
        try #require(replica.state.graph.count == 2)
    }

    /// The next event of the owner.
    func next(_ kind: UInt64, _ body: [CBORValue]) -> Forgery {
        Forgery(next: replica, by: owner, kind: kind, body)
    }

    /// The next event of the moderator, who acts under his grant and knows it.
    func bobsNext(_ kind: UInt64, _ body: [CBORValue]) -> Forgery {
        var event = Forgery(next: replica, by: bob, kind: kind, body)
        event[.proof] = .bytes(bobsGrant.bytes)
        if replica.state.graph.head(of: bob.publicKey) == nil {
            event[.deps] = .array([.bytes(bobsGrant.bytes)])
            event[.lamport] = .unsigned(replica.state.graph.lamport(over: [bobsGrant]))
        }
        return event
    }

    /// The word of the verdict; `nil` = stored and effective.
    mutating func receive(_ bytes: [UInt8], source: Pending.Source? = nil) -> String? {
        replica.receive(bytes, source: source, wallMilliseconds: Self.wall).word
    }

    /// Expects a refusal with `code` that leaves nothing behind.
    mutating func expectRefused(
        _ bytes: [UInt8], _ code: WireCode, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let hash = StateHash.hash(of: replica.state)
        let count = replica.state.graph.count
        let waiting = replica.pending.count
        let word = receive(bytes)
        #expect(word == code.word, comment, sourceLocation: sourceLocation)
        #expect(
            StateHash.hash(of: replica.state) == hash && replica.state.graph.count == count
                && replica.pending.count == waiting,
            "something was left behind", sourceLocation: sourceLocation)
    }

    /// Expects `code` before any signature check: also where the signature is worthless.
    mutating func expectRefusedUnverified(
        _ payload: [UInt8], _ code: WireCode, _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        // Each on a peer of its own: a refused id is remembered.
        var other = self
        other.expectRefused(
            Envelope(payload: payload, key: owner).bytes, code, comment,
            sourceLocation: sourceLocation)
        expectRefused(
            Forgery.envelope(payload, signature: [UInt8](repeating: 0, count: 64)), code, comment,
            sourceLocation: sourceLocation)
    }
}

/// An event whose every field can be given any value, well-formed or not.
struct Forgery {
    enum Field: Int {
        case format, server, author, seq, prev, deps, proof, kind, lamport, wall, body
    }

    var fields: [CBORValue]
    let key: SigningKey

    /// Right in every field for the next event of `key` that knows its author's own chain only.
    init(next replica: Replica, by key: SigningKey, kind: UInt64, _ body: [CBORValue]) {
        self.key = key
        let head = replica.state.graph.head(of: key.publicKey)
        let lamport = replica.state.graph.lamport(over: head.map { [$0.id] } ?? [])
        fields = [
            .unsigned(1), .bytes(replica.id.bytes), .bytes(key.publicKey.bytes),
            .unsigned((head?.seq ?? 0) + 1), head.map { .bytes($0.id.bytes) } ?? .null,
            .array([]), .null, .unsigned(kind), .unsigned(lamport),
            .unsigned(TargetServer.wall), .array(body),
        ]
    }

    subscript(field: Field) -> CBORValue {
        get { fields[field.rawValue] }
        set { fields[field.rawValue] = newValue }
    }

    func with(_ field: Field, _ value: CBORValue) -> Forgery {
        var copy = self
        copy[field] = value
        return copy
    }

    var payload: [UInt8] { CBORValue.array(fields).encoded }
    var id: Event.ID { Envelope.id(of: payload) }
    var envelope: [UInt8] { Envelope(payload: payload, key: key).bytes }

    /// The payload with raw bytes in place of one field.
    func payload(_ field: Field, raw: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x8b]
        for (index, value) in fields.enumerated() {
            bytes += index == field.rawValue ? raw : value.encoded
        }
        return bytes
    }

    static func envelope(_ payload: [UInt8], signature: [UInt8]) -> [UInt8] {
        CBORValue.array([.bytes(payload), .bytes(signature)]).encoded
    }
}
