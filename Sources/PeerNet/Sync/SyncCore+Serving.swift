import PeerState

// Step 4 of the ladder, answering side: pages from the store within the peer's credit.
extension SyncCore {
    mutating func serve(
        _ ranges: [SeqRange], _ id: UInt64, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        guard let state = links[link] else { return }
        guard state.serves[id] == nil else {
            badFrame(SyncFrameType.want.rawValue, server, id, link, &turn)
            return
        }
        guard state.serves.count + turn.context.chunksServed(on: link) < Limits.wantsPerLink,
            links[link]?.receivedWants.take(turn.now) == true
        else {
            let reject = SyncMessage.Reject(
                server: server, about: SyncFrameType.want.rawValue, reference: id, code: "overQuota"
            )
            turn.send(.reject(reject), to: link)
            return
        }
        guard !ranges.isEmpty else {
            turn.send(.preSync(server, id: id, events: 0, bytes: 0), to: link)
            turn.send(.events(server, id: id, [], isLast: true), to: link)
            return
        }
        links[link]?.serves[id] = ServedWant(server: server, ranges: ranges)
        read(id, link, &turn)
    }

    /// Wants of the peer that are being answered.
    package func wantsServed(on link: LinkID) -> Int { links[link]?.serves.count ?? 0 }

    /// Asks the store for the next page once the largest envelope fits the credit.
    private mutating func read(_ id: UInt64, _ link: LinkID, _ turn: inout Turn) {
        guard let serve = links[link]?.serves[id], serve.reading == nil,
            serve.credit >= Limits.maxEnvelope
        else { return }
        lastReadID += 1
        let readID = ReadID(lastReadID)
        reads[readID] = ServedWantKey(link: link, id: id)
        links[link]?.serves[id]?.reading = readID
        turn.effects.append(
            .read(
                ReadRequest(
                    id: readID, server: serve.server, ranges: serve.ranges, after: serve.after,
                    maxBytes: min(serve.credit, Limits.readPage),
                    maxCount: Limits.eventsPerFrame * 4, needsTotals: serve.promised == nil)))
    }

    mutating func loaded(_ page: Page, _ readID: ReadID, _ turn: inout Turn) {
        if loadedGraft(page, readID, &turn) { return }
        guard let key = reads.removeValue(forKey: readID),
            var serve = links[key.link]?.serves[key.id]
        else { return }
        guard isMember(key.link, serve.server, turn) else {
            stopServing(key.id, key.link)
            let reject = SyncMessage.Reject(
                server: serve.server, about: SyncFrameType.want.rawValue, reference: key.id,
                code: "notMember")
            turn.send(.reject(reject), to: key.link)
            return
        }
        serve.reading = nil
        let promised = serve.promised ?? page.totals ?? Totals(events: 0, bytes: 0)
        if serve.promised == nil {
            serve.promised = promised
            let (events, bytes) = (promised.events, promised.bytes)
            turn.send(
                .preSync(serve.server, id: key.id, events: events, bytes: bytes), to: key.link)
        }
        let envelopes = admit(page.envelopes, promised, &serve)
        let isLast =
            page.isLast || envelopes.count < page.envelopes.count || page.envelopes.isEmpty
            || serve.sent == promised
        sendEvents(envelopes, id: key.id, isLast: isLast, serve.server, key.link, &turn)
        links[key.link]?.serves[key.id] = isLast ? nil : serve
        if !isLast { read(key.id, key.link, &turn) }
    }

    /// Charges envelopes to the credit, up to what PreSync promised.
    private func admit(
        _ envelopes: [[UInt8]], _ promised: Totals, _ serve: inout ServedWant
    ) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for envelope in envelopes {
            let sent = Totals(
                events: serve.sent.events + 1, bytes: serve.sent.bytes + UInt64(envelope.count))
            guard sent.events <= promised.events, sent.bytes <= promised.bytes else { break }
            precondition(envelope.count <= serve.credit, "page larger than its request")
            serve.credit -= envelope.count
            serve.sent = sent
            result.append(envelope)
        }
        if let last = result.last { serve.after = place(of: last) ?? serve.after }
        return result
    }

    private func place(of bytes: [UInt8]) -> OrderKey? {
        do throws(Failure<WireCode>) {
            let envelope = try Envelope(decoding: bytes)
            return try EventHeader(envelope: bytes).orderKey(id: envelope.id)
        } catch {
            return nil  // Only a store that lies; the promised totals end the want.
        }
    }

    /// Sends envelopes in as many frames as they take, at least one.
    func sendEvents(
        _ envelopes: [[UInt8]], id: UInt64, isLast: Bool, _ server: Server.ID, _ link: LinkID,
        _ turn: inout Turn
    ) {
        var frame: [[UInt8]] = []
        var bytes = 0
        for envelope in envelopes {
            let isFull =
                frame.count == Limits.eventsPerFrame
                || bytes + envelope.count > Limits.eventsFrameBytes
            if isFull {
                turn.send(.events(server, id: id, frame, isLast: false), to: link)
                frame = []
                bytes = 0
            }
            frame.append(envelope)
            bytes += envelope.count
        }
        turn.send(.events(server, id: id, frame, isLast: isLast), to: link)
    }

    /// Credit beyond the window is lost; an unknown want is one that has ended.
    mutating func credited(_ bytes: UInt64, _ link: LinkID, _ id: UInt64, _ turn: inout Turn) {
        guard let serve = links[link]?.serves[id] else {
            // Of a chunk, or of a want that has ended.
            turn.effects.append(.unhandled(link, .credit(id: id, bytes: bytes)))
            return
        }
        let room = UInt64(Limits.creditWindow - serve.credit)
        links[link]?.serves[id]?.credit += Int(min(bytes, room))
        read(id, link, &turn)
    }

    mutating func stopServing(_ id: UInt64, _ link: LinkID) {
        guard let serve = links[link]?.serves.removeValue(forKey: id) else { return }
        if let reading = serve.reading { reads[reading] = nil }
    }
}
