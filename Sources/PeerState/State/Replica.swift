/// One server as this node holds it: state, events that wait, and the door new events pass.
///
/// Cheap checks come first: a known event costs one hash and one lookup, never a signature check.
/// - Source: PROTOCOL 3.6; the step numbers are those of its table.
package struct Replica: Sendable {
    package internal(set) var state: ServerState
    package private(set) var pending = Pending()
    private var dropped = RecentIDs()

    package init(id: Server.ID, viewer: Peer.ID? = nil) {
        state = ServerState(id: id, viewer: viewer)
    }

    package var id: Server.ID { state.id }

    /// An event that became part of the set.
    package struct Stored: Sendable {
        package let event: Event
        package let envelope: Envelope
        /// Why it has no effect; `nil` when it was allowed.
        package let void: Failure<RuleCode>?

        package init(event: Event, envelope: Envelope, void: Failure<RuleCode>?) {
            self.event = event
            self.envelope = envelope
            self.void = void
        }
    }

    package enum Verdict: Sendable {
        /// It and perhaps others that waited for it, in the order they took effect.
        case stored([Stored])
        case duplicate
        /// `missingPrev`, `missingDeps`.
        case waiting(WireCode)
        /// `clockAhead`: bring it again later.
        case early
        case refused(Failure<WireCode>)
        /// Step 13: the author was never a member.
        case dropped(Failure<RuleCode>)

        /// The word of PROTOCOL 13; `nil` for stored and admissible.
        package var word: String? {
            switch self {
            case .stored(let events): events.first?.void?.code.word
            case .duplicate: WireCode.duplicate.word
            case .waiting(let code): code.word
            case .early: WireCode.clockAhead.word
            case .refused(let failure): failure.word
            case .dropped(let failure): failure.word
            }
        }
    }

    /// Steps 1 to 3: the envelope, or the verdict that ends it.
    package func screen(_ bytes: [UInt8]) -> Result<Envelope, Screening> {
        do {
            let envelope = try Envelope(decoding: bytes)
            if isKnown(envelope.id) { return .failure(.duplicate) }
            return .success(envelope)
        } catch {
            return .failure(.refused(error))
        }
    }

    package enum Screening: Error {
        case duplicate
        case refused(Failure<WireCode>)

        package var verdict: Verdict {
            switch self {
            case .duplicate: .duplicate
            case .refused(let failure): .refused(failure)
            }
        }
    }

    /// Steps 5 to 8, on any thread: a pure function of the bytes.
    package static func examine(
        _ envelope: Envelope, for server: Server.ID
    ) throws(Failure<WireCode>) -> Event {
        let event = try Event(decoding: envelope, for: server)
        guard envelope.isSigned(by: event.author) else { throw Failure(.badSignature) }
        return event
    }

    package func isKnown(_ id: Event.ID) -> Bool {
        state.graph[id] != nil || pending.contains(id) || dropped.contains(id)
    }

    /// All steps for one envelope; for tests and single events.
    package mutating func receive(
        _ bytes: [UInt8], source: Pending.Source? = nil, wallMilliseconds: UInt64
    ) -> Verdict {
        switch screen(bytes) {
        case .failure(let screening): return screening.verdict
        case .success(let envelope):
            do {
                let event = try Self.examine(envelope, for: id)
                return insert(event, envelope, source: source, wallMilliseconds: wallMilliseconds)
            } catch {
                noteRefused(envelope.id, error)
                return .refused(error)
            }
        }
    }

    /// Remembers an id refused at steps 5 to 7; a bad signature must leave no trace.
    package mutating func noteRefused(_ id: Event.ID, _ failure: Failure<WireCode>) {
        if failure.code != .badSignature { dropped.insert(id) }
    }

    /// Steps 9 to 13 for an event whose signature was checked, and for all that waited for it.
    package mutating func insert(
        _ event: Event, _ envelope: Envelope, source: Pending.Source?, wallMilliseconds: UInt64
    ) -> Verdict {
        if isKnown(event.id) { return .duplicate }
        let latest = wallMilliseconds.addingReportingOverflow(Limits.clockAheadMilliseconds)
        if !latest.overflow && event.wallMilliseconds > latest.partialValue { return .early }
        switch place(event, envelope, source: source) {
        case .stored(let first):
            var stored = first
            var next = 0
            // A work list, never recursion: one event may free thousands.
            while next < stored.count {
                for entry in pending.release(stored[next].event.id) {
                    if case .stored(let more) = place(
                        entry.event, entry.envelope, source: entry.source)
                    {
                        stored += more
                    }
                }
                next += 1
            }
            return .stored(stored)
        case let verdict: return verdict
        }
    }

    /// Steps 9 to 13 for one event.
    private mutating func place(
        _ event: Event, _ envelope: Envelope, source: Pending.Source?
    ) -> Verdict {
        if let verdict = checkChain(event, envelope, source: source) { return verdict }
        let edges = event.edges
        if let missing = edges.first(where: { state.graph[$0] == nil }) {
            pending.wait(event, envelope, source: source, for: missing)
            return .waiting(.missingDeps)
        }
        guard event.lamport == state.graph.lamport(over: edges) else {
            return .refused(Failure(.badLamport))
        }
        let past = state.pastOf(edges: edges)
        if let proof = event.proof, !isProofInPast(proof, edges: edges, past: past) {
            return .refused(Failure(.badProof, "not in the past"))
        }
        do {
            try state.checkAdmissible(event, at: past)
            return .stored([store(event, envelope, past: past, void: nil)])
        } catch  where error.code == .notMember || !state.isFounded {
            dropped.insert(event.id)
            return .dropped(error)
        } catch {
            return .stored([store(event, envelope, past: past, void: error)])
        }
    }

    private mutating func checkChain(
        _ event: Event, _ envelope: Envelope, source: Pending.Source?
    ) -> Verdict? {
        if let prev = event.prev {
            guard let record = state.graph[prev] else {
                pending.wait(event, envelope, source: source, for: prev)
                return .waiting(.missingPrev)
            }
            guard record.author == event.author, record.seq == event.seq - 1 else {
                return .refused(Failure(.badChain))
            }
        }
        if state.graph.event(of: event.author, seq: event.seq) != nil {
            // Fork proofs and their effect are not built yet: the first branch stays.
            return .refused(Failure(.forked, "author \(event.author) at seq \(event.seq)"))
        }
        return nil
    }

    private func isProofInPast(_ proof: Event.ID, edges: [Event.ID], past: Past) -> Bool {
        guard let record = state.graph[proof] else { return false }
        return EventKinds.isSetup(record.kind)
            ? state.graph.isInPast(proof, past) : state.graph.isReachable(proof, from: edges)
    }

    mutating func store(
        _ event: Event, _ envelope: Envelope, past: Past, void: Failure<RuleCode>?
    ) -> Stored {
        state.add(event, past: past, isVoid: void != nil)
        return Stored(event: event, envelope: envelope, void: void)
    }
}

/// The last ids that were dropped, so that bringing them again costs one lookup.
struct RecentIDs: Sendable {
    private var ids: Set<Event.ID> = []
    private var ring: [Event.ID] = []
    private var next = 0

    func contains(_ id: Event.ID) -> Bool { ids.contains(id) }

    mutating func insert(_ id: Event.ID) {
        guard ids.insert(id).inserted else { return }
        if ring.count < Limits.droppedIDsKept {
            ring.append(id)
        } else {
            ids.remove(ring[next])
            ring[next] = id
            next = (next + 1) % ring.count
        }
    }
}

extension ServerState {
    mutating func pastOf(edges: [Event.ID]) -> Past { graph.past(over: edges) }

    /// Step 13.
    func checkAdmissible(_ event: Event, at past: Past) throws(Failure<RuleCode>) {
        if event.kind == ServerCreated.kind {
            try event.body.check(in: self, at: past, event: event)
            return
        }
        try checkAuthor(of: event, at: past)
        try event.body.check(in: self, at: past, event: event)
    }

    mutating func add(_ event: Event, past: Past, isVoid: Bool) {
        graph.insert(event, past: past, isVoid: isVoid)
        if isVoid {
            voidRows.add(StateRows.void(event.id))
        } else {
            event.body.apply(to: &self, event: event)
        }
    }
}
