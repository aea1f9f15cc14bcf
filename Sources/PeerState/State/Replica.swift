/// One server as this node holds it: state, events that wait, and the door new events pass.
///
/// Cheap checks come first: a known event costs one hash and one lookup, never a signature check.
/// - Source: PROTOCOL 3.6; the step numbers are those of its table.
package struct Replica: Sendable {
    package internal(set) var state: ServerState
    package private(set) var pending = Pending()

    /// How many events may wait; lowered by tests.
    package var pendingMax: Int {
        get { pending.totalMax }
        set { pending.totalMax = newValue }
    }
    private var dropped = RecentIDs()
    /// What the latest insertion freed and refused; at most what waited.
    package private(set) var lateRefusals: [LateRefusal] = []

    package init(id: Server.ID, viewer: Peer.ID? = nil) {
        state = ServerState(id: id, viewer: viewer)
    }

    /// With a state that was made before; nothing waits.
    package init(state: ServerState) { self.state = state }

    package var id: Server.ID { state.id }

    /// Takes the state as it is now, to be written as a checkpoint.
    package mutating func snapshot(since written: SnapshotMark) -> StateSnapshot {
        state.snapshot(since: written)
    }

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

    /// An event that had waited for others and was refused once they were here.
    package struct LateRefusal: Sendable {
        package let event: Event
        package let source: Pending.Source?
        /// `refused` or `dropped`.
        package let verdict: Verdict
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
        state.graph.contains(id) || pending.contains(id) || dropped.contains(id)
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
    /// Those of the latter that are not taken are left in `lateRefusals` until the next call.
    package mutating func insert(
        _ event: Event, _ envelope: Envelope, source: Pending.Source?, wallMilliseconds: UInt64
    ) -> Verdict {
        if !lateRefusals.isEmpty { lateRefusals = [] }
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
                    let verdict = place(entry.event, entry.envelope, source: entry.source)
                    switch verdict {
                    case .stored(let more): stored += more
                    case .refused, .dropped:
                        lateRefusals.append(
                            LateRefusal(
                                event: entry.event, source: entry.source, verdict: verdict))
                    case .waiting, .duplicate, .early: break
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
        let prev = event.prev.flatMap { state.graph.slot(of: $0) }
        if let verdict = checkChain(event, prev, envelope, source: source) { return verdict }
        let named = event.edges
        var edges: [Slot] = []
        edges.reserveCapacity(named.count)
        for edge in named {
            guard let slot = edge == event.prev ? prev : state.graph.slot(of: edge) else {
                pending.wait(event, envelope, source: source, for: edge)
                return .waiting(.missingDeps)
            }
            edges.append(slot)
        }
        guard event.lamport == state.graph.lamport(over: edges) else {
            return .refused(Failure(.badLamport))
        }
        if state.hasTooManyLoose(event) && !pending.isAwaited(event.id) {
            return .refused(Failure(.overQuota, "loose events of a forked author"))
        }
        let place = state.place(event, edges: edges, prev: prev, size: envelope.byteCount)
        if event.proof != nil, !isProofInPast(of: place) {
            return .refused(Failure(.badProof, "not in the past"))
        }
        do {
            try state.checkAdmissible(at: place)
            return .stored([store(place, envelope, refusal: nil)])
        } catch
            where error.code == .notMember && !state.wasMember(event.author, at: place.past)
            || !state.isFounded
        {
            dropped.insert(event.id)
            return .dropped(error)
        } catch {
            return .stored([store(place, envelope, refusal: error)])
        }
    }

    private mutating func checkChain(
        _ event: Event, _ prev: Slot?, _ envelope: Envelope, source: Pending.Source?
    ) -> Verdict? {
        if let named = event.prev {
            guard let slot = prev else {
                pending.wait(event, envelope, source: source, for: named)
                return .waiting(.missingPrev)
            }
            guard state.graph.peer(slot) == event.author, state.graph.seq(slot) == event.seq - 1
            else { return .refused(Failure(.badChain)) }
        }
        return nil
    }

    private func isProofInPast(of place: EventPlace) -> Bool {
        guard let slot = place.proof else { return false }
        return state.graph.flags(slot).contains(.setup)
            ? state.graph.contains(slot, in: place.past)
            : state.graph.isReachable(slot, from: place.edges)
    }

    mutating func store(
        _ place: EventPlace, _ envelope: Envelope, refusal: Failure<RuleCode>?
    ) -> Stored {
        let slot = state.add(place, refusal: refusal)
        return Stored(event: place.event, envelope: envelope, void: state.voidness(of: slot))
    }
}

/// The last ids that were dropped, so that bringing them again costs one lookup.
struct RecentIDs: Sendable {
    private var ids: Set<Event.ID> = []
    private var ring: [Event.ID] = []
    private var next = 0

    func contains(_ id: Event.ID) -> Bool { !ids.isEmpty && ids.contains(id) }

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
    /// Where an event stands whose parents are all here.
    ///
    /// - Parameter prev: the slot of its `prev`.
    mutating func place(
        _ event: Event, edges: [Slot], prev: Slot?, size: Int
    ) -> EventPlace {
        let past = graph.past(over: edges)
        prepare(past)
        prepared = nil
        let standing = standing(of: event.author, after: prev, at: past)
        prepared = Prepared(peer: event.author, past: past, standing: standing)
        let isActing = standing != nil && standing?.proof == event.proof
        return EventPlace(
            event: event, edges: edges, prev: prev,
            proof: isActing ? standing?.grant : event.proof.flatMap { graph.slot(of: $0) },
            past: past, size: size)
    }

    private mutating func standing(
        of peer: Peer.ID, after prev: Slot?, at past: Past
    ) -> Standing? {
        // With forks and contested links a past may come to mean something else.
        guard let author = prev.map({ graph.author($0) }), graph.forked.isEmpty,
            contestedLinks.isEmpty, remade == nil
        else { return standing(of: peer, at: past) }
        if let known = standings.standing(of: author, at: past) { return known }
        let standing = standing(of: peer, at: past)
        standings.keep(standing, of: author, at: past)
        return standing
    }

    /// Step 13.
    func checkAdmissible(at place: EventPlace) throws(Failure<RuleCode>) {
        if place.event.kind != ServerCreated.kind { try checkAuthor(at: place) }
        try place.event.body.check(in: self, at: place)
    }

    /// Why a stored event has no effect; `nil` when it has.
    func voidness(of slot: Slot) -> Failure<RuleCode>? {
        if let refusal = refusals[slot] { return refusal }
        let flags = graph.flags(slot)
        if flags.contains(.loose) {
            return Failure(.forkedAuthor, "two events of one seq, and nothing rests on this one")
        }
        guard flags.contains(.void) else { return nil }
        return Failure(voidCause(of: slot, at: now)?.code ?? .voidedProof)
    }

    /// Whether one more loose event of a forked author is one too many (PROTOCOL 5.8, F2).
    func hasTooManyLoose(_ event: Event) -> Bool {
        guard !graph.forked.isEmpty, let author = graph.number(of: event.author),
            graph.forked.contains(author),
            let fork = lowestFork(of: author), event.seq >= fork
        else { return false }
        let loose = graph.chains[Int(author.index)].all.filter {
            graph.flags($0).contains(.loose)
        }
        return loose.count >= Limits.looseEventsPerAuthor
    }
}

extension ServerState {
    /// Why a stored event has no effect now; `nil` when it has or is not here.
    package func verdict(on id: Event.ID) -> Failure<RuleCode>? {
        graph.slot(of: id).flatMap { voidness(of: $0) }
    }

    package func isInadmissible(_ id: Event.ID) -> Bool {
        graph.slot(of: id).map { !wasAdmitted($0) } ?? false
    }

    /// Why events have lost their effect: up to `count` of the kinds asked for, oldest first.
    package func verdicts(
        atMost count: Int, on isAskedFor: (UInt64) -> Bool
    ) -> [Event.ID: RuleCode] {
        var found: [Event.ID: RuleCode] = [:]
        for index in 0..<Int32(graph.count) {
            let slot = Slot(index: index)
            guard !graph.flags(slot).isDisjoint(with: [.void, .loose]) else { continue }
            guard found.count < count else { break }
            guard wasAdmitted(slot), isAskedFor(graph.kind(slot)) else { continue }
            found[graph.id(slot)] = voidness(of: slot)?.code
        }
        return found
    }

    /// Stored events of forked authors that nothing rests on.
    package var looseIDs: [Event.ID] {
        (0..<Int32(graph.count)).map { Slot(index: $0) }
            .filter { graph.flags($0).contains(.loose) }.map { graph.id($0) }
    }
}
