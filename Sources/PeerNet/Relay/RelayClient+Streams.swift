import PeerState

// Streams from their opening to their end, and the pace at which they carry bytes.
extension RelayClient {
    mutating func receive(
        _ frame: RelayFrame, _ link: LinkID, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard relays[link] != nil else { return refuse(frame, link, &effects) }
        switch frame {
        case .bind: refuse(frame, link, &effects)
        case .open(let stream, let peer): accept(peer, stream, link, now, &effects)
        case .ready(let stream): ready(stream, link, &effects)
        case .data(let stream, let bytes):
            guard let relayed = ends[End(link: link, stream: stream)],
                streams[relayed]?.isReady == true
            else { return }
            effects.append(.bytes(relayed, bytes))
        case .close(let stream, _), .refuse(let stream, _):
            if stream == Self.bindStream { return bindRefused(link, now) }
            guard let relayed = ends[End(link: link, stream: stream)] else { return }
            end(relayed, now, &effects)
        }
    }

    /// Whoever is no relay says so; nothing else is owed.
    private mutating func refuse(
        _ frame: RelayFrame, _ link: LinkID, _ effects: inout [Effect]
    ) {
        switch frame {
        case .bind(let stream, _), .open(let stream, _):
            refused += 1
            effects.append(
                .send(link, .refuse(stream: stream, code: NetCode.unknownPeer.word)))
        case .ready, .data, .close, .refuse: break
        }
    }

    private mutating func accept(
        _ peer: Peer.ID, _ stream: UInt64, _ link: LinkID, _ now: Instant,
        _ effects: inout [Effect]
    ) {
        guard let relay = relays[link], stream >= Limits.firstRelayedStream,
            ends[End(link: link, stream: stream)] == nil, peer != identity,
            streams.count < Limits.relayStreamsPerPeer
        else {
            refused += 1
            effects.append(.send(link, .refuse(stream: stream, code: NetCode.relayFull.word)))
            return
        }
        let end = RelayedEnd(relay: relay.peer, peer: peer, isDialler: false)
        let relayed = add(end, link, stream, now)
        effects.append(.send(link, .ready(stream: stream)))
        effects.append(.opened(relayed, end))
    }

    private mutating func ready(
        _ stream: UInt64, _ link: LinkID, _ effects: inout [Effect]
    ) {
        if stream == Self.bindStream {
            relays[link]?.isBound = true
            relays[link]?.bindAt = nil
            relays[link]?.refusals = 0
            return
        }
        guard let relayed = ends[End(link: link, stream: stream)],
            let known = streams[relayed], !known.isReady
        else { return }
        streams[relayed]?.isReady = true
        effects.append(.opened(relayed, known.end))
    }

    private mutating func bindRefused(_ link: LinkID, _ now: Instant) {
        guard var relay = relays[link] else { return }
        refused += 1
        relay.isBound = false  // A full relay takes places back.
        let base = min(
            Limits.relayRetryLongest.count,
            Limits.relayRetryShortest.count << UInt64(min(relay.refusals, 8)))
        relay.refusals += 1
        relay.bindAt = now + Milliseconds(base + random.next() % (base / 2 + 1))
        relays[link] = relay
    }

    mutating func linkDown(_ link: LinkID, _ now: Instant, _ effects: inout [Effect]) {
        guard relays.removeValue(forKey: link) != nil else { return }
        for relayed in streams.keys.sorted() where streams[relayed]?.relay == link {
            end(relayed, now, &effects)
        }
    }

    /// The other end, or the relay, ended a stream.
    private mutating func end(_ relayed: LinkID, _ now: Instant, _ effects: inout [Effect]) {
        guard let stream = streams.removeValue(forKey: relayed) else { return }
        ends[End(link: stream.relay, stream: stream.number)] = nil
        if stream.isReady { effects.append(.closed(relayed)) } else { refused += 1 }
        failed(stream.end.peer, wasReady: stream.isReady, now)
    }

    /// Ends a stream here; the last word that fits leaves first.
    mutating func close(_ relayed: LinkID, _ now: Instant, _ effects: inout [Effect]) {
        flush(relayed, now, &effects)
        guard let stream = streams.removeValue(forKey: relayed) else { return }
        ends[End(link: stream.relay, stream: stream.number)] = nil
        effects.append(
            .send(
                stream.relay, .close(stream: stream.number, code: NetCode.linkClosed.word)))
        failed(stream.end.peer, wasReady: stream.isReady, now)
    }

    /// Sends what the pace allows; a stream on which too much waits is ended.
    mutating func flush(_ relayed: LinkID, _ now: Instant, _ effects: inout [Effect]) {
        guard var stream = streams[relayed] else { return }
        while !stream.queue.isEmpty {
            let count = min(stream.queue.count, Limits.relayPiece)
            guard stream.bucket.holds(UInt64(count), now) else { break }
            stream.bucket.take(UInt64(count), now)
            effects.append(
                .send(
                    stream.relay,
                    .data(stream: stream.number, Array(stream.queue.prefix(count)))))
            stream.queue.removeFirst(count)
        }
        streams[relayed] = stream
        if stream.queue.count > Limits.relayQueue {
            streams[relayed]?.queue = []
            effects.append(
                .send(
                    stream.relay,
                    .close(stream: stream.number, code: NetCode.overQuota.word)))
            end(relayed, now, &effects)
        }
    }

    mutating func timer(_ now: Instant, _ effects: inout [Effect]) {
        for link in relays.keys.sorted() {
            guard let due = relays[link]?.bindAt, due <= now else { continue }
            relays[link]?.bindAt = nil
            effects.append(.send(link, .bind(stream: Self.bindStream, identity)))
        }
        for relayed in streams.keys.sorted() {
            guard let stream = streams[relayed] else { continue }
            if !stream.isReady && stream.due <= now {
                close(relayed, now, &effects)
            } else {
                flush(relayed, now, &effects)
            }
        }
    }
}
