import PeerState

// Offer: bringing a server to somebody who does not know of it.
extension SyncCore {
    /// A member was stored: if it is linked, it may not know the server yet.
    mutating func grantStored(_ server: Server.ID, _ peer: Peer.ID, _ turn: inout Turn) {
        for link in peers.keys.sorted() {
            // Whatever ends a membership after this one is to be told anew.
            links[link]?.lowered[server] = nil
            if peers[link] == peer { links[link]?.farewells.remove(server) }
        }
        for link in memberLinks(server, turn) where links[link]?.peer == peer {
            offer(server, link, &turn)
            sendHello(link, server, isAnswer: false, &turn)
        }
    }

    /// Sends an Offer, at most once per link and server, to a peer that our state names.
    mutating func offer(_ server: Server.ID, _ link: LinkID, _ turn: inout Turn) {
        guard let peer = links[link]?.peer, links[link]?.offered.contains(server) == false,
            isMember(link, server, turn),
            let envelopes = turn.context.offer(for: peer, in: server), !envelopes.isEmpty
        else { return }
        links[link]?.offered.insert(server)
        turn.send(.offer(server, Self.fitting(envelopes)), to: link)
    }

    /// As many of the first as one frame holds: a chain of proofs is as good without its end.
    private static func fitting(_ envelopes: [[UInt8]]) -> [[UInt8]] {
        var byteCount = 0
        return Array(
            envelopes.prefix(Limits.offerEnvelopes).prefix { envelope in
                byteCount += envelope.count
                return byteCount <= Limits.eventsFrameBytes
            })
    }

    /// Checks an Offer and shows it; nothing of it is stored or answered.
    mutating func receiveOffer(
        _ envelopes: [[UInt8]], _ server: Server.ID, _ link: LinkID, _ turn: inout Turn
    ) {
        guard let peer = links[link]?.peer, !turn.context.servers().contains(server),
            offers.hasRoom(server, peer, turn.now)
        else { return }
        guard isSound(envelopes, server, turn.context) else {
            badFrame(SyncFrameType.offer.rawValue, server, nil, link, &turn)
            return
        }
        offers.add(server, peer, turn.now)
        turn.effects.append(.offered(server, envelopes, from: peer))
    }

    /// The first creates the server, the first or second names us, each later one is the proof of
    /// the one before.
    private func isSound(
        _ envelopes: [[UInt8]], _ server: Server.ID, _ context: any SyncContext
    ) -> Bool {
        var events: [OfferedEvent] = []
        for envelope in envelopes {
            guard let event = context.readOffered(envelope, in: server) else { return false }
            events.append(event)
        }
        guard let first = events.first, Server.ID(first.id) == server else { return false }
        let named = events.count > 1 ? events[1] : first
        guard named.names.contains(identity) else { return false }
        for (event, next) in zip(events.dropFirst(), events.dropFirst(2))
        where event.proof != next.id {
            return false
        }
        return true
    }
}
