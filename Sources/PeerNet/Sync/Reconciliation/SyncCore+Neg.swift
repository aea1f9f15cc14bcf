import PeerState

// Range reconciliation between two peers: step 2 of the ladder over many heads, and step 5.
extension SyncCore {
    /// Begins an exchange, unless one is open for that server on the link.
    mutating func reconcile(
        _ scope: NegScope, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        guard let state = links[link], isMember(link, server, turn),
            !state.exchanges.values.contains(where: { $0.server == server && $0.isOpen }),
            state.sentExchanges.opens(turn.now) == nil
        else { return }
        let salt = (0..<4).flatMap { _ in
            withUnsafeBytes(of: random.next().littleEndian) { Array($0) }
        }
        guard let named = named(scope, salt, server, turn) else { return }
        _ = links[link]?.sentExchanges.take(turn.now)
        // Odd for the dialler; wants and exchanges share one count, so they share no number.
        lastWantID += 1
        if lastWantID.isMultiple(of: 2) == state.isDialler { lastWantID += 1 }
        var exchange = NegExchange(
            server: server, scope: scope, salt: salt, items: named.map(\.item), isOwn: true)
        exchange.due = turn.now + Limits.negRoundTimeout
        links[link]?.exchanges[lastWantID] = exchange
        let neg = SyncMessage.Neg(
            scope: scope, exchange: lastWantID, salt: salt,
            bytes: exchange.reconciliation.start())
        turn.send(.neg(server, neg), to: link)
    }

    mutating func receiveNeg(
        _ neg: SyncMessage.Neg, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        if case .unknown = neg.scope {
            refuse(neg.exchange, .neg, "unknownScope", link, server, &turn)
            return
        }
        if neg.salt != nil && !admit(neg, link, server, &turn) { return }
        guard var exchange = links[link]?.exchanges[neg.exchange], exchange.server == server,
            exchange.scope == neg.scope, exchange.isOpen
        else {
            refuse(neg.exchange, .neg, "badNeg", link, server, &turn)
            return
        }
        exchange.rounds += 1
        do throws(NetFailure) {
            guard exchange.rounds <= Limits.negRounds else {
                throw NetFailure(.badNeg, "more rounds than any sets need")
            }
            let step = try exchange.reconciliation.answer(neg.bytes)
            exchange.take(step)
            exchange.due = turn.now + exchange.patience
            links[link]?.exchanges[neg.exchange] = exchange
            if let reply = step.reply {
                let answer = SyncMessage.Neg(
                    scope: neg.scope, exchange: neg.exchange, salt: nil, bytes: reply)
                turn.send(.neg(server, answer), to: link)
            } else {
                conclude(neg.exchange, link, &turn)
            }
        } catch {
            links[link]?.exchanges[neg.exchange] = nil
            refuseBroken(neg.exchange, link, server, &turn)
            if exchange.isOwn { giveUp(exchange, link, &turn) }
        }
    }

    private func refuseBroken(
        _ exchange: UInt64, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        refuse(exchange, .neg, "badNeg", link, server, &turn)
        turn.effects.append(.badFrame(link, type: SyncFrameType.neg.rawValue, server: server))
    }

    /// Heads that could not be compared by ranges are told one by one, on this link from now on.
    private mutating func giveUp(_ exchange: NegExchange, _ link: LinkID, _ turn: inout Turn) {
        guard case .heads = exchange.scope, isMember(link, exchange.server, turn) else { return }
        converse(link, exchange.server) { $0.tellsHeads = true }
        sendHeads(nil, base: nil, link, exchange.server, &turn)
    }

    /// Opens an exchange that the peer begins; false when it was refused.
    private mutating func admit(
        _ neg: SyncMessage.Neg, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) -> Bool {
        guard let state = links[link], let salt = neg.salt else { return false }
        let isTheirs = neg.exchange.isMultiple(of: 2) == state.isDialler
        guard isTheirs, neg.exchange > state.lastPeerExchange else {
            refuse(neg.exchange, .neg, "badNeg", link, server, &turn)
            return false
        }
        links[link]?.lastPeerExchange = neg.exchange
        guard links[link]?.receivedExchanges.take(turn.now) == true else {
            refuse(neg.exchange, .neg, "overQuota", link, server, &turn)
            return false
        }
        do throws(NetFailure) { try Reconciliation.check(neg.bytes) } catch {
            refuseBroken(neg.exchange, link, server, &turn)
            return false
        }
        guard let named = named(neg.scope, salt, server, turn) else {
            refuse(neg.exchange, .neg, "unknownScope", link, server, &turn)
            return false
        }
        links[link]?.forgetOldExchange()
        links[link]?.exchanges[neg.exchange] = NegExchange(
            server: server, scope: neg.scope, salt: salt, items: named.map(\.item), isOwn: false)
        return true
    }

    func refuse(
        _ exchange: UInt64, _ about: SyncFrameType, _ code: String, _ link: LinkID,
        _ server: Server.ID, _ turn: inout Turn
    ) {
        let reject = SyncMessage.Reject(
            server: server, about: about.rawValue, reference: exchange, code: code)
        turn.send(.reject(reject), to: link)
    }

    /// Everything here that a scope holds, under the names of one exchange; nil for a scope that
    /// the node does not list.
    func named(
        _ scope: NegScope, _ salt: [UInt8], _ server: Server.ID, _ turn: Turn
    ) -> [NegNamed]? {
        guard case .heads = scope else {
            return turn.context.eventItems(of: server, in: scope)?.map {
                NegNamed(
                    item: NegItem(key: $0.lamport, id: NegID.salted($0.id, salt)),
                    meaning: .event($0.id))
            }
        }
        return fullHeads(of: server, turn).map {
            let name = NegScope.headName($0.author, $0.head)
            return NegNamed(
                item: NegItem(key: 0, id: NegID.salted(name, salt)), meaning: .head($0.author))
        }
    }

    /// The heads that the frontier digest counts, of all authors or some.
    func fullHeads(
        of server: Server.ID, authors: Set<Peer.ID>? = nil, _ turn: Turn
    ) -> [SyncMessage.FullHead] {
        let forks = turn.context.forks(of: server)
        let all = turn.context.heads(of: server)
        var heads: [SyncMessage.FullHead] = []
        for author in authors.map(Array.init) ?? Array(all.keys) where forks[author] == nil {
            guard let head = all[author] else { continue }
            heads.append(SyncMessage.FullHead(author: author, head: head))
        }
        for (author, fork) in forks where authors?.contains(author) ?? true {
            heads += fork.heads.map { SyncMessage.FullHead(author: author, head: $0) }
        }
        heads.sort { ($0.author, $0.head.seq, $0.head.id) < ($1.author, $1.head.seq, $1.head.id) }
        return heads
    }

    /// Ends exchanges whose time is over.
    mutating func expireExchanges(_ link: LinkID, _ turn: inout Turn) {
        for id in links[link]?.exchanges.keys.sorted() ?? [] {
            guard let exchange = links[link]?.exchanges[id], exchange.due <= turn.now,
                links[link]?.wants[id] == nil
            else { continue }
            links[link]?.exchanges[id] = nil
            if exchange.isOwn && exchange.isOpen {
                turn.effects.append(.unmet(link, exchange.server))
                giveUp(exchange, link, &turn)
            }
        }
    }
}
