package import PeerState

/// One event as the oracle sees it: the eleven fields, the body as a tree, and its edges.
///
/// - Source: PROTOCOL 3.1 and 3.2.
package final class OracleEvent: Sendable {
    package let id: Event.ID
    package let server: Server.ID?
    package let author: Peer.ID
    package let seq: UInt64
    package let prev: Event.ID?
    package let deps: [Event.ID]
    package let proof: Event.ID?
    package let kind: UInt64
    package let lamport: UInt64
    package let wall: UInt64
    package let body: [CBORValue]
    /// `prev`, `deps` and what the body names.
    package let edges: [Event.ID]
    /// Bytes of the envelope.
    package let size: Int
    /// The elements of the body that are 32 bytes.
    private let names: [Event.ID?]

    /// - Errors: `badField` for a payload that is no event at all.
    package convenience init(_ envelope: Envelope) throws(Failure<WireCode>) {
        try self.init(
            try CBORValue(decoding: envelope.payload), id: envelope.id,
            size: envelope.bytes.count)
    }

    init(_ payload: CBORValue, id: Event.ID, size: Int) throws(Failure<WireCode>) {
        guard let fields = payload.items, fields.count == 11, fields[0].number == 1,
            let author = fields[2].identifier(as: Peer.self), let seq = fields[3].number,
            let deps = fields[5].items, let kind = fields[7].number,
            let lamport = fields[8].number, let wall = fields[9].number,
            let body = fields[10].items
        else { throw Failure(.badField) }
        self.id = id
        server = fields[1].identifier()
        self.author = author
        self.seq = seq
        prev = fields[4].identifier()
        self.deps = deps.compactMap { $0.identifier() }
        proof = fields[6].identifier()
        self.kind = kind
        self.lamport = lamport
        self.wall = wall
        self.body = body
        self.size = size
        names = body.map { $0.identifier() }
        edges = (prev.map { [$0] } ?? []) + self.deps + Self.named(kind: kind, body: body)
    }

    /// An event made up for a test of section 5 alone: its deps hold every edge.
    package init(
        id: Event.ID, author: Peer.ID, seq: UInt64, prev: Event.ID?, deps: [Event.ID],
        proof: Event.ID?, kind: UInt64, body: [CBORValue], lamport: UInt64 = 0
    ) {
        self.id = id
        self.author = author
        self.seq = seq
        self.prev = prev
        self.deps = deps
        self.proof = proof
        self.kind = kind
        self.body = body
        self.lamport = lamport
        names = body.map { $0.identifier() }
        server = nil
        wall = 0
        size = 0
        edges = deps + (prev.map { [$0] } ?? [])
    }

    /// The same with another lamport, for made-up events that come without one.
    func at(lamport: UInt64) -> OracleEvent {
        OracleEvent(
            id: id, author: author, seq: seq, prev: prev, deps: deps, proof: proof, kind: kind,
            body: body, lamport: lamport)
    }

    func item(_ place: Int) -> CBORValue { place < body.count ? body[place] : .null }
    func number(_ place: Int) -> UInt64 { item(place).number ?? 0 }
    func event(_ place: Int) -> Event.ID? { place < names.count ? names[place] : nil }
    func peer(_ place: Int) -> Peer.ID? { event(place).map { Peer.ID($0) } }
    func items(_ place: Int) -> [CBORValue] { item(place).items ?? [] }
    func events(_ place: Int) -> [Event.ID] { items(place).compactMap { $0.identifier() } }

    /// The causes of a message by an agent.
    var causes: [Event.ID] {
        guard kind == 60, let first = items(6).first else { return [] }
        return (first.items ?? []).compactMap { $0.identifier() }
    }

    /// Where the body keeps its cut, for kinds that have one.
    var cutPlace: Int? {
        switch kind {
        case 11, 12: 1
        case 21, 26, 33: 2
        default: nil
        }
    }

    /// The table of 3.2.
    static func named(kind: UInt64, body: [CBORValue]) -> [Event.ID] {
        func one(_ place: Int) -> [Event.ID] {
            guard place < body.count else { return [] }
            return body[place].identifier().map { [$0] } ?? []
        }
        func many(_ place: Int) -> [Event.ID] {
            guard place < body.count else { return [] }
            return (body[place].items ?? []).compactMap { $0.identifier() }
        }
        func cut(_ place: Int) -> [Event.ID] {
            guard place < body.count, let pair = body[place].items, pair.count == 2 else {
                return []
            }
            return pair[1].identifier().map { [$0] } ?? []
        }
        switch kind {
        case 11, 12: return cut(1)
        case 21: return cut(2)
        case 14: return one(0) + one(2)
        case 15: return one(2)
        case 23, 24, 27: return one(0)
        case 25: return one(1)
        case 26: return one(1) + cut(2)
        case 31, 32: return one(0)
        case 33: return one(0) + many(1) + cut(2)
        case 41, 42: return one(0)
        case 50: return many(4)
        case 54: return one(0) + many(1)
        case 51, 52, 53, 55: return one(0)
        case 60:
            var causes: [Event.ID] = []
            if body.count > 6, let first = body[6].items?.first {
                causes = (first.items ?? []).compactMap { $0.identifier() }
            }
            return one(0) + one(1) + one(4) + causes
        case 61, 63: return one(0) + one(1)
        case 62, 64, 65, 66: return one(0)
        case 81: return one(0) + many(2)
        case 82: return one(0) + many(2)
        case 83: return one(0) + one(1)
        default: return []
        }
    }
}
