/// The steps of reading an event from its payload.
extension Event {
    static func readFormat(_ reader: inout CBORReader) throws(Failure<WireCode>) {
        let count = try reader.array("payload")
        guard count > 0 else { throw Failure(.badField, "empty payload") }
        let format = try reader.unsigned("fmt")
        guard format == Event.format else { throw Failure(.unsupportedFormat, "fmt \(format)") }
        guard count == 11 else { throw Failure(.badField, "\(count) fields") }
    }

    static func checkShape(
        kind: UInt64, server: Server.ID?, seq: UInt64, prev: ID?, proof: ID?, hasDeps: Bool
    ) throws(Failure<WireCode>) {
        let isCreate = kind == ServerCreated.kind
        guard isCreate == (server == nil) else { throw Failure(.badField, "server") }
        guard (seq == 1) == (prev == nil) else { throw Failure(.badField, "prev") }
        if isCreate && (seq != 1 || hasDeps || proof != nil) {
            throw Failure(.badField, "server.create stands alone")
        }
    }

    static func readDeps(
        _ item: [UInt8], prev: ID?
    ) throws(Failure<WireCode>) -> [ID] {
        var reader = CBORReader(item, mismatch: .badDeps)
        let deps: [ID] = try reader.identifiers(max: Limits.maxDeps, "deps")
        if let prev, deps.contains(prev) { throw Failure(.badDeps, "prev among deps") }
        return deps
    }

    static func checkServer(
        id: ID, declared: Server.ID?, expected: Server.ID?
    ) throws(Failure<WireCode>) {
        guard let expected else { return }
        if let declared {
            guard declared == expected else { throw Failure(.wrongServer) }
        } else {
            guard Server.ID(id) == expected else { throw Failure(.duplicateCreate) }
        }
    }
}

/// The fields of an event to be written, before it has an id.
package struct EventDraft: Sendable {
    package var server: Server.ID?
    package var author: Peer.ID
    package var seq: UInt64
    package var prev: Event.ID?
    package var deps: [Event.ID]
    package var proof: Event.ID?
    package var lamport: UInt64
    package var wallMilliseconds: UInt64
    package var body: any EventBody

    package init(
        server: Server.ID?, author: Peer.ID, seq: UInt64, prev: Event.ID?, deps: [Event.ID],
        proof: Event.ID?, lamport: UInt64, wallMilliseconds: UInt64, body: any EventBody
    ) {
        self.server = server
        self.author = author
        self.seq = seq
        self.prev = prev
        self.deps = deps
        self.proof = proof
        self.lamport = lamport
        self.wallMilliseconds = wallMilliseconds
        self.body = body
    }

    /// The canonical payload bytes.
    package var payload: [UInt8] {
        var writer = CBORWriter()
        writer.array(11)
        writer.unsigned(Event.format)
        writer.optional(server) { $0.identifier($1) }
        writer.identifier(author)
        writer.unsigned(seq)
        writer.optional(prev) { $0.identifier($1) }
        writer.identifiers(deps)
        writer.optional(proof) { $0.identifier($1) }
        writer.unsigned(body.kind)
        writer.unsigned(lamport)
        writer.unsigned(wallMilliseconds)
        body.write(to: &writer)
        return writer.bytes
    }

    package func signed(with key: SigningKey) -> Envelope {
        Envelope(payload: payload, key: key)
    }
}
