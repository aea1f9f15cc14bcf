import PeerState

// Gossip: fresh events travel along the tree of their server, the rest is announced.
extension SyncCore {
    mutating func receivePush(
        _ bytes: [UInt8], _ round: UInt64, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        guard let peer = peers[link] else { return }
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
        let event = SyncMessage.Announced(
            id: id, handle: header.author.prefix, seq: header.seq, round: round)
        if servers[server]?.tree?.holds(link) != true { grow(server, turn) }
        if hasSeen(id, server) || turn.context.isKnown(id, in: server) {
            gossip(.received(event, from: link), server, &turn)
            passOnLate(event, bytes, header.author, server, &turn)
            return
        }
        guard
            quotas.take(
                from: peer, server, author: header.author, bytes: bytes.count, turn.now)
        else { return }
        gossip(.received(event, from: link), server, &turn)
        scores.note(.firstDelivery, of: peer, turn.now)
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

    /// What a comparison of heads brought a moment before gossip did goes on as well.
    private mutating func passOnLate(
        _ event: SyncMessage.Announced, _ bytes: [UInt8], _ author: Peer.ID,
        _ server: Server.ID, _ turn: inout Turn
    ) {
        guard servers[server]?.tree?.waitsToGoOn(event.id) == true,
            event.seq <= turn.context.heads(of: server)[author]?.seq ?? 0
        else { return }
        publish(event, bytes, isOwn: false, server, &turn)
    }

    mutating func receiveAnnounced(
        _ events: [SyncMessage.Announced], _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        let heads = turn.context.heads(of: server)
        var unclear: [UInt64] = []
        var heard: [SyncMessage.Announced] = []
        for event in events {
            if !hasSeen(event.id, server) {
                if turn.context.isKnown(event.id, in: server) { continue }
                let author =
                    servers[server, default: ServerSync()].author(event.handle, among: heads)
                guard let author else {
                    unclear.append(event.handle)
                    continue
                }
                if event.seq <= heads[author]?.seq ?? 0 {
                    fetchBranch(author, Head(seq: event.seq, id: event.id), link, server, &turn)
                    continue
                }
            }
            heard.append(event)
        }
        grow(server, turn)
        gossip(.announced(heard, from: link), server, &turn)
        ask(unclear, link, server, &turn)
        schedule(server, &turn)
    }

    /// Passes own events and those of gossip on; others only if gossip brings them yet.
    mutating func passOn(
        _ events: [CommittedEvent], _ server: Server.ID, _ turn: inout Turn
    ) {
        let fresh = events.filter {
            $0.isPushable && ($0.isOwn || servers[server]?.tree?.hasHeard($0.id) == true)
        }
        if !fresh.isEmpty { grow(server, turn) }
        for event in fresh {
            if let origin = event.origin {
                servers[server]?.tree?.seen.noteHolder(origin, of: event.id, turn.now)
            }
            let announced = SyncMessage.Announced(
                id: event.id, handle: event.author.prefix, seq: event.seq, round: 0)
            publish(announced, event.envelope, isOwn: event.isOwn, server, &turn)
        }
        guard events.count <= Limits.lateGossip else { return }
        for event in events where event.isPushable {
            gossip(.stored(event.id), server, &turn)
        }
    }

    private mutating func publish(
        _ event: SyncMessage.Announced, _ envelope: [UInt8], isOwn: Bool, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        payloads.insert(event.id, envelope, turn.now)
        let isLarge = envelope.count > Limits.eagerBody
        gossip(.publish(event, isOwn: isOwn, isLarge: isLarge), server, &turn)
    }

    private func hasSeen(_ id: Event.ID, _ server: Server.ID) -> Bool {
        servers[server]?.tree?.hasSeen(id) ?? false
    }
}
