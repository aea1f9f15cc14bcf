/// One immutable statement by one author in one server: the decoded payload of an envelope.
///
/// A reference to what never changes: an event is handed on many times between the wire and the
/// screen, and a copy of it costs one count instead of one for each field.
/// - Source: PROTOCOL 3.1. Field names are those of the table there.
package final class Event: Sendable {
    package typealias ID = Identifier<Event>

    package static let format: UInt64 = 1

    package let id: ID
    /// `nil` exactly for `server.create`, whose own id names the server.
    package let declaredServer: Server.ID?
    package let author: Peer.ID
    /// 1 … 2⁵³−1, one more than that of `prev`.
    package let seq: UInt64
    package let prev: ID?
    package let deps: [ID]
    package let proof: ID?
    package let kind: UInt64
    package let lamport: UInt64
    /// The author's clock, ms since 1970; shown, never used for order.
    package let wallMilliseconds: UInt64
    package let body: any EventBody

    /// The server it belongs to.
    package var server: Server.ID { declaredServer ?? Server.ID(id) }

    /// An event about to be signed; its id is already fixed by its payload.
    package init(draft: EventDraft, id: ID) {
        self.id = id
        declaredServer = draft.server
        author = draft.author
        seq = draft.seq
        prev = draft.prev
        deps = draft.deps
        proof = draft.proof
        kind = draft.body.kind
        lamport = draft.lamport
        wallMilliseconds = draft.wallMilliseconds
        body = draft.body
    }

    /// Steps 5 to 7 of insertion.
    ///
    /// - Errors: `cbor…`, `unsupportedFormat`, `badField`, `badDeps`, then `wrongServer` or
    ///   `duplicateCreate` when `server` is given and differs, then `badBody`, `badText`.
    package convenience init(
        decoding envelope: Envelope, for server: Server.ID? = nil
    ) throws(Failure<WireCode>) {
        try self.init(decoding: envelope.payload, id: envelope.id, for: server)
    }

    /// - Parameter id: of this payload.
    init(
        decoding payload: [UInt8], id: ID, for server: Server.ID?
    ) throws(Failure<WireCode>) {
        try CBORScan.check(payload)
        var reader = CBORReader(payload, mismatch: .badField)
        try Self.readFormat(&reader)
        self.id = id
        declaredServer = try reader.optionalIdentifier("server")
        author = try reader.identifier("author")
        seq = try reader.unsigned(in: 1...Limits.maxSeq, "seq")
        prev = try reader.optionalIdentifier("prev")
        guard try reader.peekMajor() == 4 else { throw Failure(.badField, "deps") }
        let depsItem = try reader.rawItem()
        proof = try reader.optionalIdentifier("proof")
        kind = try reader.unsigned(in: 0...Limits.maxKind, "kind")
        lamport = try reader.unsigned(in: 1...UInt64.max, "lamport")
        wallMilliseconds = try reader.unsigned(in: 0...Limits.maxWallMilliseconds, "wall_ms")
        guard try reader.peekMajor() == 4 else { throw Failure(.badField, "body") }
        let bodyItem = try reader.rawItem()
        try Self.checkShape(
            kind: kind, server: declaredServer, seq: seq, prev: prev, proof: proof,
            hasDeps: depsItem != [0x80])
        deps = try Self.readDeps(depsItem, prev: prev)
        try Self.checkServer(id: id, declared: declaredServer, expected: server)
        body = try EventKinds.decode(kind: kind, body: bodyItem)
    }

    /// Everything it points at, each once: prev, deps and the events its body names (PROTOCOL 3.2).
    package var edges: [ID] {
        let named = body.edges
        var result: [ID] = []
        result.reserveCapacity(deps.count + 1 + named.count)
        result += deps
        if let prev { result.append(prev) }
        for id in named where !result.contains(id) { result.append(id) }
        return result
    }

    /// The body if it is of this kind; without the price of a cast where it is of another.
    package func body<Body: EventBody>(as _: Body.Type) -> Body? {
        kind == Body.kind ? body as? Body : nil
    }

    /// Canonical order: (lamport, author, seq, id), which refines causality (PROTOCOL 3.4).
    package static func precedes(_ left: Event, _ right: Event) -> Bool {
        left.orderKey < right.orderKey
    }

    package var orderKey: OrderKey {
        OrderKey(lamport: lamport, author: author, seq: seq, id: id)
    }
}

/// A place in canonical order.
package struct OrderKey: Hashable, Comparable, Sendable {
    package let lamport: UInt64
    package let author: Peer.ID
    package let seq: UInt64
    package let id: Event.ID

    package init(lamport: UInt64, author: Peer.ID, seq: UInt64, id: Event.ID) {
        self.lamport = lamport
        self.author = author
        self.seq = seq
        self.id = id
    }

    package static func < (left: Self, right: Self) -> Bool {
        if left.lamport != right.lamport { return left.lamport < right.lamport }
        if left.author != right.author { return left.author < right.author }
        if left.seq != right.seq { return left.seq < right.seq }
        return left.id < right.id
    }
}
