import PeerState

// What follows an exchange: each side is told of, or asks for, what it lacks.
extension SyncCore {
    /// The initiator is done comparing.
    mutating func conclude(_ id: UInt64, _ link: LinkID, _ turn: inout Turn) {
        guard let exchange = links[link]?.exchanges[id] else { return }
        links[link]?.exchanges[id]?.isOpen = false
        let server = exchange.server
        let meanings = meanings(exchange, turn)
        let have = exchange.have.compactMap { meanings[$0] }
        switch exchange.scope {
        case .heads:
            tell(have, link, server, turn: &turn)
            for chunk in exchange.need.chunks(of: Limits.maxNegNeed) {
                turn.send(.negNeed(server, exchange: id, chunk), to: link)
            }
            links[link]?.exchanges[id] = nil
            converse(link, server) {
                $0.hasTold = true
                $0.isCatchingUp = true
            }
            if exchange.need.isEmpty { finishIfIdle(link, server, &turn) }
        case .events, .author, .channel, .unknown:
            announce(have, link, server, &turn)
            needMore(id, link, &turn)
        }
    }

    /// Asks for the next events that only the peer has.
    mutating func needMore(_ id: UInt64, _ link: LinkID, _ turn: inout Turn) {
        // A number of the peer may be the same as one of our wants.
        guard let exchange = links[link]?.exchanges[id], exchange.isOwn else { return }
        let chunk = Array(exchange.need.prefix(Limits.maxNegNeed))
        guard !chunk.isEmpty else {
            links[link]?.exchanges[id] = nil
            return
        }
        links[link]?.exchanges[id]?.need.removeFirst(chunk.count)
        links[link]?.exchanges[id]?.due = turn.now + Limits.negSaltKept
        links[link]?.wants[id] = OpenWant(
            server: exchange.server, ranges: [], isRepair: true, lastActivity: turn.now)
        turn.send(.negNeed(exchange.server, exchange: id, chunk), to: link)
    }

    /// Answers for what the peer lacks, from what is here now.
    mutating func receiveNeed(
        _ ids: [NegID], _ id: UInt64, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        guard let exchange = links[link]?.exchanges[id], !exchange.isOwn,
            exchange.server == server
        else {
            refuse(id, .negNeed, "badNeg", link, server, &turn)
            return
        }
        let meanings = meanings(exchange, turn)
        links[link]?.exchanges[id]?.meanings = meanings
        links[link]?.exchanges[id]?.due = turn.now + Limits.negSaltKept
        let asked = ids.compactMap { meanings[$0] }
        if exchange.scope == .heads {
            tell(asked, link, server, isAnswer: true, turn: &turn)
            return
        }
        let places = asked.compactMap { meaning -> (author: Peer.ID, seq: UInt64)? in
            guard case .event(let event) = meaning else { return nil }
            return turn.context.place(of: event, in: server)
        }
        serve(SeqRange.covering(places), id, link, server, &turn)
    }

    private func meanings(_ exchange: NegExchange, _ turn: Turn) -> [NegID: NegNamed.Meaning] {
        if let meanings = exchange.meanings { return meanings }
        let named = named(exchange.scope, exchange.salt, exchange.server, turn) ?? []
        var meanings: [NegID: NegNamed.Meaning] = [:]
        meanings.reserveCapacity(named.count)
        for entry in named { meanings[entry.item.id] = entry.meaning }
        return meanings
    }

    /// Sends the present heads of some authors.
    private func tell(
        _ meanings: [NegNamed.Meaning], _ link: LinkID, _ server: Server.ID,
        isAnswer: Bool = false, turn: inout Turn
    ) {
        let authors = Set(
            meanings.compactMap { meaning -> Peer.ID? in
                guard case .head(let author) = meaning else { return nil }
                return author
            })
        let heads = fullHeads(of: server, authors: authors, turn)
        if heads.isEmpty && isAnswer { turn.send(.headFull(server, []), to: link) }
        for chunk in heads.chunks(of: Limits.maxFullHeads) {
            turn.send(.headFull(server, chunk), to: link)
        }
    }

    private func announce(
        _ meanings: [NegNamed.Meaning], _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let events = meanings.compactMap { meaning -> SyncMessage.Announced? in
            guard case .event(let id) = meaning,
                let place = turn.context.place(of: id, in: server)
            else { return nil }
            return SyncMessage.Announced(
                id: id, handle: place.author.prefix, seq: place.seq, round: 0)
        }
        for chunk in events.chunks(of: Limits.maxIHave) {
            turn.send(.iHave(server, chunk), to: link)
        }
    }
}

extension SeqRange {
    /// The fewest ranges that hold these places and nothing else.
    static func covering(_ places: [(author: Peer.ID, seq: UInt64)]) -> [SeqRange] {
        var ranges: [SeqRange] = []
        for place in places.sorted(by: { ($0.author, $0.seq) < ($1.author, $1.seq) }) {
            if let last = ranges.last, last.author == place.author, place.seq <= last.to + 1 {
                ranges[ranges.count - 1] = SeqRange(
                    author: last.author, from: last.from, to: place.seq)
            } else {
                ranges.append(SeqRange(author: place.author, from: place.seq, to: place.seq))
            }
        }
        return ranges
    }
}

extension Array {
    /// The elements in pieces of at most `count`; none for an empty array.
    func chunks(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map {
            Array(self[$0..<Swift.min($0 + count, self.count)])
        }
    }
}
