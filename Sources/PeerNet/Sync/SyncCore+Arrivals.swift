import PeerState

// Answers to our wants, and what the node made of them.
extension SyncCore {
    mutating func promised(
        _ totals: Totals, _ id: UInt64, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        guard let want = links[link]?.wants[id] else { return }
        guard want.server == server, want.promised == nil else {
            badFrame(SyncFrameType.preSync.rawValue, server, id, link, &turn)
            return
        }
        links[link]?.wants[id]?.promised = totals
        links[link]?.wants[id]?.lastActivity = turn.now
    }

    mutating func receiveEvents(
        _ envelopes: [[UInt8]], isLast: Bool, _ id: UInt64, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        guard var want = links[link]?.wants[id] else { return }
        let bytes = envelopes.reduce(0) { $0 + $1.count }
        guard bytes <= want.credit else {
            turn.effects.append(.close(link, code: "overCredit"))
            return
        }
        want.received.events += UInt64(envelopes.count)
        want.received.bytes += UInt64(bytes)
        guard want.server == server, !want.isComplete, let promised = want.promised,
            want.received.events <= promised.events, want.received.bytes <= promised.bytes
        else {
            badFrame(SyncFrameType.events.rawValue, server, id, link, &turn)
            abandon(id, link, keepsClaims: false, &turn)
            return
        }
        want.credit -= bytes
        want.lastActivity = turn.now
        want.isComplete = isLast
        let taken = take(envelopes, for: &want, link, turn)
        want.unconsumed += taken.reduce(0) { $0 + $1.count }
        want.owed += bytes - taken.reduce(0) { $0 + $1.count }
        links[link]?.wants[id] = want
        if !taken.isEmpty {
            turn.effects.append(.deliver(server, taken, from: link, wantID: id))
        }
        turn.effects.append(
            .progress(server, link, have: want.received.events, total: promised.events))
        if isLast && want.unconsumed == 0 { settle(id, link, &turn) }
    }

    /// Notes whose events came. Of whoever is no member only its own are taken, and this node's.
    private func take(
        _ envelopes: [[UInt8]], for want: inout OpenWant, _ link: LinkID, _ turn: Turn
    ) -> [[UInt8]] {
        guard let peer = links[link]?.peer else { return [] }
        let isMember = turn.context.standing(of: peer, in: want.server) == .member
        return envelopes.filter { envelope in
            do throws(Failure<WireCode>) {
                let author = try EventHeader(envelope: envelope).author
                want.served.insert(author)
                return isMember || author == peer || author == identity
            } catch {
                return true  // Insertion names the fault and penalises the peer.
            }
        }
    }

    /// Returns credit for what the node is done with.
    mutating func consumed(_ bytes: Int, _ link: LinkID, _ id: UInt64, _ turn: inout Turn) {
        guard var want = links[link]?.wants[id], bytes >= 0 else { return }
        let bytes = min(bytes, want.unconsumed)
        want.unconsumed -= bytes
        want.owed += bytes
        want.lastActivity = turn.now
        if !want.isComplete && want.owed >= Limits.creditReturn {
            turn.send(.credit(id: id, bytes: UInt64(want.owed)), to: link)
            want.credit += want.owed
            want.owed = 0
        }
        links[link]?.wants[id] = want
        if want.isComplete && want.unconsumed == 0 { settle(id, link, &turn) }
    }

    /// Heads advanced: claims are met, and fresh events go on to others.
    mutating func committed(
        _ events: [CommittedEvent], _ server: Server.ID, _ turn: inout Turn
    ) {
        servers[server, default: ServerSync()].digest = nil
        if events.isEmpty { servers[server]?.changes.forget() }
        let heads = turn.context.heads(of: server)
        for event in events {
            let own = heads[event.author]?.seq ?? 0
            servers[server]?.noteAuthor(event.author)
            servers[server]?.changes.note(event.author)
            if let tip = servers[server]?.tips[event.author], tip <= own {
                servers[server]?.tips[event.author] = nil
            }
            if let link = event.origin, links[link]?.isBusy(with: server) == true {
                servers[server]?.conversations[link]?.hasStored = true
            }
            servers.inPlace(server) { $0.meetClaims(on: event.author, upTo: own) }
        }
        passOn(events, server, &turn)
        for link in servers[server]?.sortedLinks ?? [] { finishIfIdle(link, server, &turn) }
    }

    /// An event was dropped: it may come again from elsewhere, but not from this peer.
    mutating func refused(
        _ author: Peer.ID, _ seq: UInt64, _ id: Event.ID, _ server: Server.ID, _ link: LinkID?,
        _ turn: inout Turn
    ) {
        servers[server]?.tree?.forget(id)
        servers[server]?.tips[author] = nil
        guard let link, servers[server]?.conversations[link] != nil else { return }
        converse(link, server) { conversation in
            conversation.claims[author] = nil
            guard
                conversation.refusals[author] != nil
                    || conversation.refusals.count < Limits.refusalsPerLink
            else { return }
            conversation.refusals[author] = min(seq, conversation.refusals[author] ?? seq)
        }
        finishIfIdle(link, server, &turn)
    }

    /// What a Reject means for us; it is never answered.
    mutating func rejected(
        _ reject: SyncMessage.Reject, _ link: LinkID, _ turn: inout Turn
    ) {
        switch SyncFrameType(rawValue: reject.about) {
        case .hello: helloRejected(reject, link, &turn)
        case .want:
            guard let id = reject.reference, let want = links[link]?.wants[id],
                want.server == reject.server
            else { return }
            let isBusy = reject.code == "overQuota"
            if isBusy { links[link]?.pausedUntil = turn.now + Limits.overQuotaPause }
            links[link]?.wants[id]?.isComplete = true
            abandon(id, link, keepsClaims: isBusy, &turn)
            if links[link]?.wants[id]?.unconsumed == 0 { settle(id, link, &turn) }
        case .preSync, .events:
            guard let id = reject.reference else { return }
            stopServing(id, link)
        default: refusedInPassing(reject, link, &turn)
        }
    }

    /// Whoever hears in passing that it is no member there says no more, but Hello once: the answer
    /// to that tells why, or that it was an error.
    ///
    /// Going on would cost score, and nobody would ever ask whoever let this node in.
    private mutating func refusedInPassing(
        _ reject: SyncMessage.Reject, _ link: LinkID, _ turn: inout Turn
    ) {
        guard let server = reject.server, reject.code == "notMember",
            servers[server]?.conversations[link]?.isRefused == false
        else { return }
        converse(link, server) { $0.isRefused = true }
        sendHello(link, server, isAnswer: false, &turn)
    }

    private mutating func helloRejected(
        _ reject: SyncMessage.Reject, _ link: LinkID, _ turn: inout Turn
    ) {
        guard let server = reject.server, servers[server]?.conversations[link]?.sentDigest != nil
        else { return }
        turn.effects.append(.rejected(link, server, code: reject.code))
        converse(link, server) {
            $0.sentDigest = nil
            if reject.code == "notMember" { $0.isRefused = true }
        }
        if reject.code == "notMember" { offer(server, link, &turn) }
    }
}
