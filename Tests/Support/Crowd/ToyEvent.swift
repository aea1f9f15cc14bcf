package import PeerState

/// An event with a real envelope and a signature of zeros: the core never checks signatures.
package struct ToyEvent: Hashable {
    package let server: Server.ID
    package let author: Peer.ID
    package let seq: UInt64
    package let prev: Event.ID?
    package let deps: [Event.ID]
    package let lamport: UInt64
    package let id: Event.ID
    package let envelope: [UInt8]

    package init(
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

    package init(decoding bytes: [UInt8]) throws {
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

    package var key: OrderKey { OrderKey(lamport: lamport, author: author, seq: seq, id: id) }
}

package func toyPeer(_ number: Int) -> Peer.ID {
    Peer.ID(Sodium.hash("test/peer", Array("\(number)".utf8)))
}

package func toyServer(_ number: Int) -> Server.ID {
    Server.ID(Sodium.hash("test/server", Array("\(number)".utf8)))
}

package func toyIncarnation(_ number: Int) -> [UInt8] {
    Array(toyPeer(number).bytes.prefix(16))
}
