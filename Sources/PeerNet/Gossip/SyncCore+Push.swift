import PeerState

// Gossip, every link eager: fresh events travel at once, large ones are announced.
extension SyncCore {
    mutating func receivePush(
        _ bytes: [UInt8], _ round: UInt64, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        guard let peer = links[link]?.peer else { return }
        let header: EventHeader
        let id: Event.ID
        do throws(Failure<WireCode>) {
            id = try Envelope(decoding: bytes).id
            header = try EventHeader(envelope: bytes)
        } catch {
            // Insertion names the fault and penalises the peer.
            turn.effects.append(.deliver(server, [bytes], from: link, wantID: nil))
            return
        }
        cache.noteHolder(link, of: id, turn.now)
        if cache[id]?.isDelivered == true || turn.context.isKnown(id, in: server) { return }
        guard
            quotas.take(
                from: peer, server, author: header.author, bytes: bytes.count, turn.now)
        else { return }
        cache.noteRound(round, of: id, turn.now)
        cache.noteDelivered(id, turn.now)
        turn.effects.append(.deliver(server, [bytes], from: link, wantID: nil))
        let head = turn.context.heads(of: server)[header.author]?.seq ?? 0
        let hasGap =
            servers[server, default: ServerSync()].noteDelivered(
                header.author, seq: header.seq, head: head)
        if hasGap {
            claim(header.author, header.seq, link, server, turn)
            schedule(server, &turn)
        }
    }

    mutating func receiveAnnounced(
        _ events: [SyncMessage.Announced], _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        let heads = turn.context.heads(of: server)
        var unclear: [UInt64] = []
        for event in events {
            cache.noteHolder(link, of: event.id, turn.now)
            if cache[event.id]?.isDelivered == true { continue }
            if turn.context.isKnown(event.id, in: server) { continue }
            cache.noteRound(event.round, of: event.id, turn.now)
            let author = servers[server, default: ServerSync()].author(event.handle, among: heads)
            guard let author else {
                unclear.append(event.handle)
                continue
            }
            if event.seq > heads[author]?.seq ?? 0 {
                claim(author, event.seq, link, server, turn)
            } else {
                fetchBranch(author, Head(seq: event.seq, id: event.id), link, server, &turn)
            }
        }
        ask(unclear, link, server, &turn)
        schedule(server, &turn)
    }

    /// Passes own and first-seen events on to every linked member that does not have them.
    mutating func passOn(
        _ events: [CommittedEvent], _ server: Server.ID, _ turn: inout Turn
    ) {
        let fresh = events.filter { $0.isPushable && ($0.isOwn || cache[$0.id]?.round != nil) }
        guard !fresh.isEmpty else { return }
        for link in memberLinks(server, turn) {
            let conversation = servers[server]?.conversations[link]
            if conversation?.isRefused == true { continue }
            let isLazy = conversation?.lazyUntil.map { $0 > turn.now } ?? false
            var announced: [SyncMessage.Announced] = []
            for event in fresh {
                let seen = cache[event.id]
                if event.origin == link || seen?.holders.contains(link) == true { continue }
                let round = event.isOwn ? 0 : next(seen?.round ?? 0)
                if !isLazy && event.envelope.count <= Limits.eagerBody {
                    turn.send(.push(server, round: round, event.envelope), to: link)
                } else {
                    announced.append(
                        SyncMessage.Announced(
                            id: event.id, handle: event.author.prefix, seq: event.seq,
                            round: round))
                }
            }
            announce(announced, link, server, &turn)
        }
        for event in fresh {
            // Nobody who got it from us now is sent it again when it comes back.
            cache.noteDelivered(event.id, turn.now)
        }
    }

    private func announce(
        _ events: [SyncMessage.Announced], _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        var rest = events[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Limits.maxIHave)
            rest = rest.dropFirst(chunk.count)
            turn.send(.iHave(server, Array(chunk)), to: link)
        }
    }

    private func next(_ round: UInt64) -> UInt64 {
        round == .max ? round : round + 1
    }
}
