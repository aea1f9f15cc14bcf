extension Replica {
    /// Who writes and by which clock.
    package struct Writer {
        package let key: SigningKey
        package let wallMilliseconds: UInt64
        /// Authors on whose new events the written one does not rest, as long as those say nothing
        /// about rights.
        package var unnamed: Set<Peer.ID> = []

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
        // Whoever is spared would stay new for ever.
        var open = writer
        open.unnamed = []
        let me = writer.key.publicKey
        while newHeads(for: me, body: Acknowledged()).count > Limits.maxDeps {
            stored.append(try write(Acknowledged(), by: open))
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
        let payload = draft.payload
        let id = Envelope.id(of: payload)
        var replica = Replica(id: Server.ID(id), viewer: writer.key.publicKey)
        let created = try replica.sign(draft, payload, id: id, edges: [], by: writer)
        return (replica, created)
    }

    /// Where the next event of `author` will stand; what its ciphertext must be bound to.
    package func nextPlace(of author: Peer.ID) -> (seq: UInt64, prev: Event.ID?) {
        let head = state.graph.head(of: author)
        return ((head?.seq ?? 0) + 1, head?.id)
    }

    private func newHeads(for author: Peer.ID, body: any EventBody) -> [Slot] {
        let named = Set(body.edges.compactMap { state.graph.slot(of: $0) })
        let own = state.graph.head(of: author).flatMap { state.graph.slot(of: $0.id) }
        let tips = state.graph.tips.filter { $0 != own && !named.contains($0) }
        return tips + state.looseHeads(besides: author)
    }

    /// New heads without authors that the writer spares; nil when theirs have to be named.
    private mutating func sparingHeads(
        _ heads: [Slot], for writer: Writer, beside required: [Slot]
    ) -> [Slot]? {
        let spared = Set(writer.unnamed.compactMap { state.graph.number(of: $0) })
        guard heads.contains(where: { spared.contains(state.graph.author($0)) }),
            let others = state.graph.heads(below: heads, besides: spared, known: required)
        else { return nil }
        let chosen = latest(others)
        // Whoever judges by less than he knows would allow himself what was taken from him.
        let isSame =
            state.graph.past(over: chosen + required)
            == state.graph.past(over: heads + required)
        return isSame ? chosen : nil
    }

    private mutating func write(
        _ body: any EventBody, by writer: Writer
    ) throws(Failure<RuleCode>) -> Stored {
        let author = writer.key.publicKey
        let own = nextPlace(of: author)
        var required: [Slot] = []
        for id in body.edges + (own.prev.map { [$0] } ?? []) {
            guard let slot = state.graph.slot(of: id) else {
                throw Failure(.unknownTarget, "\(id) is not known here")
            }
            if !required.contains(slot) { required.append(slot) }
        }
        let deps =
            isLaterPart(body) ? [] : chooseDeps(for: writer, body: body, beside: required)
        let edges = deps + required.filter { !deps.contains($0) }
        let past = state.graph.past(over: edges)
        state.prepare(past)
        let draft = EventDraft(
            server: id, author: author, seq: own.seq, prev: own.prev,
            deps: deps.map { state.graph.id($0) }.sorted(),
            proof: state.standing(of: author, at: past)?.proof,
            lamport: state.graph.lamport(over: edges), wallMilliseconds: writer.wallMilliseconds,
            body: body)
        let payload = draft.payload
        return try sign(draft, payload, id: Envelope.id(of: payload), edges: edges, by: writer)
    }

    private func isLaterPart(_ body: any EventBody) -> Bool {
        guard let rotation = body as? KeyRotated else { return false }
        return rotation.part > 0
    }

    private mutating func chooseDeps(
        for writer: Writer, body: any EventBody, beside required: [Slot]
    ) -> [Slot] {
        let heads = newHeads(for: writer.key.publicKey, body: body)
        guard !writer.unnamed.isEmpty else { return latest(heads) }
        return sparingHeads(heads, for: writer, beside: required) ?? latest(heads)
    }

    private func latest(_ heads: [Slot]) -> [Slot] {
        guard heads.count > Limits.maxDeps else { return heads }
        let graph = state.graph
        let latest = heads.sorted { left, right in
            let (l, r) = (graph.lamport(left), graph.lamport(right))
            return l == r ? graph.id(left) < graph.id(right) : l > r
        }
        return Array(latest.prefix(Limits.maxDeps))
    }

    /// Steps 1 to 7 but for the signature: what others would refuse is never written, as its author
    /// could write nothing after it.
    ///
    /// - Errors: `badBody`, with the word others would have for it.
    private static func checkForm(
        of payload: [UInt8], id: Event.ID, in server: Server.ID?
    ) throws(Failure<RuleCode>) {
        do throws(Failure<WireCode>) {
            guard Envelope.byteCount(ofPayload: payload.count) <= Limits.maxEnvelope else {
                throw Failure(.tooLarge, "\(payload.count) bytes")
            }
            _ = try Event(decoding: payload, id: id, for: server)
        } catch {
            throw Failure(.badBody, "others would refuse it: \(error.description)")
        }
    }

    private mutating func sign(
        _ draft: EventDraft, _ payload: [UInt8], id: Event.ID, edges: [Slot], by writer: Writer
    ) throws(Failure<RuleCode>) -> Stored {
        try Self.checkForm(of: payload, id: id, in: draft.server)
        let event = Event(draft: draft, id: id)
        let size = Envelope.byteCount(ofPayload: payload.count)
        let place = state.place(
            event, edges: edges, prev: event.prev.flatMap { state.graph.slot(of: $0) }, size: size)
        try state.checkAdmissible(at: place)
        let envelope = Envelope(payload: payload, key: writer.key)
        return store(place, envelope, refusal: nil)
    }
}

extension ServerState {
    /// Of each forked author, at most two last loose events: whoever names them vouches for
    /// nothing, but everybody learns of both branches (PROTOCOL 3.2).
    func looseHeads(besides author: Peer.ID) -> [Slot] {
        guard !graph.forked.isEmpty else { return [] }
        let loose = graph.leaves.filter {
            graph.flags($0).contains(.loose) && wasAdmitted($0) && graph.peer($0) != author
        }
        let byAuthor = Dictionary(grouping: loose) { graph.author($0) }
        return byAuthor.values.flatMap {
            $0.sorted { graph.id($0) < graph.id($1) }.prefix(2)
        }
    }
}
