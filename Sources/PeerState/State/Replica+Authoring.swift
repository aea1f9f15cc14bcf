extension Replica {
    /// Who writes and by which clock.
    package struct Writer {
        package let key: SigningKey
        package let wallMilliseconds: UInt64

        package init(key: SigningKey, wallMilliseconds: UInt64) {
            self.key = key
            self.wallMilliseconds = wallMilliseconds
        }
    }

    /// Writes one event: checked against everything known, then signed, then part of the set.
    ///
    /// Where more than 64 heads are new, acks for the others are written first, so the result
    /// may hold several events; the one asked for is the last. A refusal burns no seq.
    /// - Errors: the code of step 13.
    package mutating func author(
        _ body: any EventBody, by writer: Writer
    ) throws(Failure<RuleCode>) -> [Stored] {
        let acks = try acknowledgeMany(by: writer)
        return acks + [try write(body, by: writer)]
    }

    /// Writes acks until what is new fits into the deps of one event, so that the place of the
    /// next event is known before its content is sealed to it.
    package mutating func acknowledgeMany(by writer: Writer) throws(Failure<RuleCode>) -> [Stored] {
        var stored: [Stored] = []
        let me = writer.key.publicKey
        while newHeads(for: me, body: Acknowledged()).count > Limits.maxDeps {
            stored.append(try write(Acknowledged(), by: writer))
        }
        return stored
    }

    /// Founds a server: a replica with its create event.
    package static func found(
        _ body: ServerCreated, by writer: Writer
    ) throws(Failure<RuleCode>) -> (Replica, Stored) {
        let draft = EventDraft(
            server: nil, author: writer.key.publicKey, seq: 1, prev: nil, deps: [], proof: nil,
            lamport: 1, wallMilliseconds: writer.wallMilliseconds, body: body)
        let id = Envelope.id(of: draft.payload)
        var replica = Replica(id: Server.ID(id), viewer: writer.key.publicKey)
        let created = try replica.sign(draft, id: id, past: .empty, by: writer)
        return (replica, created)
    }

    /// Where the next event of `author` will stand; what its ciphertext must be bound to.
    package func nextPlace(of author: Peer.ID) -> (seq: UInt64, prev: Event.ID?) {
        let head = state.graph.head(of: author)
        return ((head?.seq ?? 0) + 1, head?.id)
    }

    private func newHeads(for author: Peer.ID, body: any EventBody) -> [Event.ID] {
        let named = Set(body.edges)
        let own = state.graph.head(of: author)?.id
        return state.graph.tips.filter { $0 != own && !named.contains($0) }
    }

    private mutating func write(
        _ body: any EventBody, by writer: Writer
    ) throws(Failure<RuleCode>) -> Stored {
        let author = writer.key.publicKey
        let place = nextPlace(of: author)
        let deps = isLaterPart(body) ? [] : chooseDeps(for: author, body: body)
        let edges = deps + body.edges + (place.prev.map { [$0] } ?? [])
        if let missing = edges.first(where: { state.graph[$0] == nil }) {
            throw Failure(.unknownTarget, "\(missing) is not known here")
        }
        let past = state.pastOf(edges: edges)
        let draft = EventDraft(
            server: id, author: author, seq: place.seq, prev: place.prev, deps: deps,
            proof: state.standing(of: author, at: past)?.proof,
            lamport: state.graph.lamport(over: edges), wallMilliseconds: writer.wallMilliseconds,
            body: body)
        return try sign(draft, id: Envelope.id(of: draft.payload), past: past, by: writer)
    }

    private func isLaterPart(_ body: any EventBody) -> Bool {
        guard let rotation = body as? KeyRotated else { return false }
        return rotation.part > 0
    }

    private func chooseDeps(for author: Peer.ID, body: any EventBody) -> [Event.ID] {
        let heads = newHeads(for: author, body: body)
        guard heads.count > Limits.maxDeps else { return heads.sorted() }
        let latest = heads.sorted { left, right in
            let (l, r) = (state.graph[left]?.lamport ?? 0, state.graph[right]?.lamport ?? 0)
            return l == r ? left < right : l > r
        }
        return latest.prefix(Limits.maxDeps).sorted()
    }

    private mutating func sign(
        _ draft: EventDraft, id: Event.ID, past: Past, by writer: Writer
    ) throws(Failure<RuleCode>) -> Stored {
        let event = Event(draft: draft, id: id)
        try state.checkAdmissible(event, at: past)
        let envelope = draft.signed(with: writer.key)
        return store(event, envelope, past: past, void: nil)
    }
}
