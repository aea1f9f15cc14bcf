/// One immutable statement by one author in one server: the decoded payload of an envelope.
///
/// - Source: PROTOCOL 3.1. Field names are those of the table there.
package struct Event: Sendable {
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
