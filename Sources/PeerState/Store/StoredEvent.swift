/// One event as the database keeps it: the envelope, and what finding and ordering it needs.
package struct StoredEvent: Hashable, Sendable {
    package let id: Event.ID
    package let server: Server.ID
    package let author: Peer.ID
    package let seq: UInt64
    package let lamport: UInt64
    package let kind: UInt64
    package let envelope: [UInt8]
    /// This node's clock when it first stored the event, ms since 1970.
    package let storedAtMilliseconds: UInt64
    /// What the fold said when it was stored; a later event may change it.
    package let isVoid: Bool
    /// Whether pages show it as sealed; only who asks for events that are not shown is told.
    package var isSealed = false

    package init(
        id: Event.ID, server: Server.ID, author: Peer.ID, seq: UInt64, lamport: UInt64,
        kind: UInt64, envelope: [UInt8], storedAtMilliseconds: UInt64, isVoid: Bool = false
    ) {
        self.id = id
        self.server = server
        self.author = author
        self.seq = seq
        self.lamport = lamport
        self.kind = kind
        self.envelope = envelope
        self.storedAtMilliseconds = storedAtMilliseconds
        self.isVoid = isVoid
    }

    /// The row of a decoded event.
    package init(
        _ event: Event, envelope: [UInt8], storedAtMilliseconds: UInt64, isVoid: Bool = false
    ) {
        self.init(
            id: event.id, server: event.server, author: event.author, seq: event.seq,
            lamport: event.lamport, kind: event.kind, envelope: envelope,
            storedAtMilliseconds: storedAtMilliseconds, isVoid: isVoid)
    }

    package var orderKey: OrderKey {
        OrderKey(lamport: lamport, author: author, seq: seq, id: id)
    }
}
