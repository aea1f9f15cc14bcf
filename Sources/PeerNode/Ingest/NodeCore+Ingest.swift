import PeerNet
package import PeerState

/// Envelopes whose signatures are being checked.
struct Verification: Sendable {
    let server: Server.ID
    let link: LinkID
    let wantID: UInt64?
    let envelopes: [Envelope]
    /// Bytes of all envelopes that came with them; given back as credit.
    let bytes: Int
    /// What the check found; `nil` while it runs.
    var results: [Result<Event, Failure<WireCode>>]?
}

extension NodeCore {
    /// Takes envelopes from a link through steps 1 to 4 and on to the signature check.
    mutating func deliver(
        _ received: [[UInt8]], to server: Server.ID, from link: LinkID, wantID: UInt64?
    ) {
        guard servers[server] != nil, !pause.isOn else { return }
        let envelopes = screen(received, for: server, from: link)
        let work = Verification(
            server: server, link: link, wantID: wantID, envelopes: envelopes,
            bytes: received.reduce(0) { $0 + $1.count })
        if envelopes.count <= Limits.inlineVerifications {
            let results = envelopes.map { configuration.examine($0, server) }
            insert(work, results)
        } else {
            let id = job()
            verifications[id] = work
            verifying.append(id)
            out.append(.verify(id, server, envelopes))
        }
    }

    /// Steps 1 to 3: those that are whole and not known yet.
    private mutating func screen(
        _ received: [[UInt8]], for server: Server.ID, from link: LinkID
    ) -> [Envelope] {
        // Read-only and gone before anything is written, or writing would copy it.
        guard let replica = servers[server]?.replica else { return [] }
        var envelopes: [Envelope] = []
        envelopes.reserveCapacity(received.count)
        for bytes in received {
            switch replica.screen(bytes) {
            case .success(let envelope): envelopes.append(envelope)
            case .failure(.refused(let failure)): blame(failure, link)
            case .failure(.duplicate): reach.counters.count(.eventsDuplicate)
            }
        }
        return envelopes
    }

    /// Steps 5 to 8 for one envelope, on any thread.
    package static func examine(
        _ envelope: Envelope, for server: Server.ID
    ) -> Result<Event, Failure<WireCode>> {
        do { return .success(try Replica.examine(envelope, for: server)) } catch {
            return .failure(error)
        }
    }

    mutating func finishVerification(_ id: JobID, _ results: [Result<Event, Failure<WireCode>>]) {
        verifications[id]?.results = results
        // In the order of arrival, whichever check ended first: a chain then finds its parts at
        // once instead of waiting for them.
        while let first = verifying.first, let results = verifications[first]?.results {
            verifying.removeFirst()
            guard let work = verifications.removeValue(forKey: first) else { continue }
            insert(work, results)
        }
    }

    private mutating func insert(
        _ work: Verification, _ results: [Result<Event, Failure<WireCode>>]
    ) {
        guard let waiting = servers[work.server]?.replica.pending.count else { return }
        let pendingMax = configuration.pendingMax
        if servers[work.server]?.replica.pendingMax != pendingMax {
            servers[work.server]?.replica.pendingMax = pendingMax
        }
        var run = MessageRun(isOpen: waiting == 0)
        for (envelope, result) in zip(work.envelopes, results) {
            switch result {
            case .success(let event): insert(event, envelope, work, &run)
            case .failure(let failure):
                servers[work.server]?.replica.noteRefused(envelope.id, failure)
                blame(failure, work.link)
            }
        }
        accept(&run, work)
        if let wantID = work.wantID {
            current.consumed.append(
                Inflight.Consumed(link: work.link, wantID: wantID, bytes: work.bytes))
        }
    }

    private mutating func insert(
        _ event: Event, _ envelope: Envelope, _ work: Verification, _ run: inout MessageRun
    ) {
        // State must not run ahead of what is shown by more than such messages.
        if !run.isOpen || event.kind != MessagePosted.kind { accept(&run, work) }
        let wall = now.wallMilliseconds
        let verdict = servers[work.server]?.replica.insert(
            event, envelope, source: work.link.number, wallMilliseconds: wall)
        switch verdict {
        case .stored(let stored):
            refuseLate(work)
            run.messages += stored
            if !run.isOpen || event.kind != MessagePosted.kind { accept(&run, work) }
        case .refused(let failure):
            if failure.code.isPenalised { noteInvalid(work.link) }
            noteDropped(event, failure.word, in: work.server, from: work.link)
        case .dropped(let failure):
            noteInvalid(work.link)
            noteDropped(event, failure.word, in: work.server, from: work.link)
        case .waiting(let code):
            run.isOpen = false
            if code == .missingPrev { fetchBranch(of: event, in: work.server, from: work.link) }
        case .duplicate, .early, nil: break
        }
    }

    /// What waited and turned out to be refused counts against the links that brought it.
    private mutating func refuseLate(_ work: Verification) {
        for late in servers[work.server]?.replica.lateRefusals ?? [] {
            guard let source = late.source, let word = late.verdict.word else { continue }
            let link = LinkID(source)
            if case .refused(let failure) = late.verdict, failure.code.isPenalised {
                noteInvalid(link)
            }
            noteDropped(late.event, word, in: work.server, from: link)
        }
    }

    private mutating func accept(_ run: inout MessageRun, _ work: Verification) {
        guard !run.messages.isEmpty else { return }
        // What is read from an archive is as old as what is fetched.
        if work.wantID == nil && work.link != Self.noLink { current.isFresh = true }
        accept(run.messages, in: work.server, from: work.link)
        run.messages.removeAll(keepingCapacity: true)
    }

    private mutating func noteDropped(
        _ event: Event, _ word: String, in server: Server.ID, from link: LinkID
    ) {
        noteRefusal(word, from: link)
        syncHandle(
            .refused(server, author: event.author, seq: event.seq, id: event.id, from: link))
    }

    /// An event that no honest node passes on counts against the link that brought it.
    private mutating func blame(_ failure: Failure<WireCode>, _ link: LinkID) {
        noteRefusal(failure.word, from: link)
        guard failure.code.isPenalised else { return }
        // The link may end before all of it is counted.
        noteInvalid(link, weight: failure.code == .badSignature ? Limits.badSignatureWeight : 1)
    }

    private mutating func noteInvalid(_ link: LinkID, weight: Int = 1) {
        reach.counters.count(.eventsInvalid)
        for _ in 0..<weight { syncHandle(.invalid(link)) }
    }

    private mutating func noteRefusal(_ word: String, from link: LinkID) {
        reach.counters.count(.eventsRefused)
        log.log(.debug, "event from link \(link.number) refused: \(word)")
    }

    /// Puts events that joined the set into the batch to be stored, with all that follows.
    mutating func accept(
        _ stored: [Replica.Stored], in server: Server.ID, from link: LinkID?,
        principal: String? = nil
    ) {
        let log = log
        limitWaitingForKeys(of: server)
        guard let absorbed = servers[server]?.absorb(stored, log: log) else { return }
        for item in stored { addToBatch(item, server: server, link: link) }
        for key in absorbed.keys {
            current.batch.epochKeys.append(
                EpochKeyRow(
                    server: server, channel: key.channel, epoch: key.epoch, key: key.key.copy()))
        }
        if let lamport = absorbed.sealedFrom { showSealedSoon(from: lamport, in: server) }
        current.batch.texts += absorbed.undecryptable.map { .drop($0) }
        show(absorbed.texts, in: server, principal: principal)
        followTouched(stored, absorbed, in: server)
        announceConsequences(in: server)
        if !absorbed.keys.isEmpty, servers[server]?.hasForgottenSealed == true {
            servers[server]?.hasForgottenSealed = false
            servers[server]?.rescanFrom = 0
            current.rescans.insert(server)
            postponed.servers.remove(server)
        }
    }

    private mutating func addToBatch(_ item: Replica.Stored, server: Server.ID, link: LinkID?) {
        let event = item.event
        let bytes = item.envelope.bytes
        current.batch.events.append(
            StoredEvent(
                id: event.id, server: server, author: event.author, seq: event.seq,
                lamport: event.lamport, kind: event.kind, envelope: bytes,
                storedAtMilliseconds: now.wallMilliseconds, isVoid: item.void != nil))
        if event.author == me {
            current.batch.ownHeads.append(OwnHead(server: server, seq: event.seq, id: event.id))
        }
        current.events.append(
            Inflight.Entry(
                server: server, event: event, envelope: bytes, origin: link,
                isVoid: item.void != nil))
        current.eventBytes += bytes.count
        noteChunks(of: event, in: server)
        announce(item, in: server)
    }
}
