import PeerState

// Time: anti-entropy, replies that do not come, peers that stall.
extension SyncCore {
    mutating func timer(_ turn: inout Turn) {
        if let due = antiEntropyAt, due <= turn.now {
            antiEntropyAt = nextAntiEntropy(turn.now)
            compareAtRandom(&turn)
        }
        for link in linksThatWait() {
            expireWants(link, &turn)
            expireExchanges(link, &turn)
        }
        for server in servers.keys.sorted() {
            if let due = servers[server]?.tree?.nextDeadline, due <= turn.now {
                gossip(.timer, server, &turn)
            }
            expireHandles(server, &turn)
            audit(server, &turn)
            schedule(server, &turn)
        }
    }

    /// Links on which something was asked for, in ascending order.
    private mutating func linksThatWait() -> [LinkID] {
        var waiting: [LinkID] = []
        links.eachInPlace { link, state in
            if !state.wants.isEmpty || !state.exchanges.isEmpty { waiting.append(link) }
        }
        return waiting.sorted()
    }

    /// The next call that must not be later; nil while nothing waits for time.
    ///
    /// It comes after every input, and so looks at everything where it lies.
    mutating func nextDeadline(_ now: Instant) -> Instant? {
        var next = antiEntropyAt
        func consider(_ deadline: Instant?) {
            guard let deadline else { return }
            next = min(next ?? deadline, deadline)
        }
        links.eachInPlace { _, state in
            for want in state.wants.values { consider(want.deadline) }
            for (id, exchange) in state.exchanges where state.wants[id] == nil {
                consider(exchange.due)
            }
        }
        var withWork: [LinkID] = []
        let isLinked = !links.isEmpty
        servers.eachInPlace { _, sync in
            consider(sync.tree?.nextDeadline)
            if isLinked { consider(sync.repair.auditAt) }
            sync.conversations.eachInPlace { link, conversation in
                consider(conversation.handlesDeadline)
                if conversation.hasWork { withWork.append(link) }
            }
        }
        for link in withWork { consider(links[link]?.wantsOpen(now)) }
        return next
    }

    /// `Limits.antiEntropyPeriod` ± 50 %.
    mutating func nextAntiEntropy(_ now: Instant) -> Instant {
        let period = Limits.antiEntropyPeriod.count
        return now + Milliseconds(period / 2 + random.next() % (period + 1))
    }

    /// Says Hello to one random linked member of each server.
    private mutating func compareAtRandom(_ turn: inout Turn) {
        for server in turn.context.servers().sorted() {
            let members = memberLinks(server, turn)
            guard !members.isEmpty else { continue }
            let link = members[Int(random.next() % UInt64(members.count))]
            sendHello(link, server, isAnswer: false, &turn)
        }
    }

    private mutating func expireWants(_ link: LinkID, _ turn: inout Turn) {
        for id in links[link]?.wants.keys.sorted() ?? [] {
            guard let want = links[link]?.wants[id], let due = want.deadline, due <= turn.now
            else { continue }
            if want.abandonedAt != nil {
                links[link]?.wants[id] = nil
                continue
            }
            turn.effects.append(.unmet(link, want.server))
            abandon(id, link, keepsClaims: false, &turn)
        }
    }

    private mutating func expireHandles(_ server: Server.ID, _ turn: inout Turn) {
        var waiting: [LinkID] = []
        servers.inPlace(server) { sync in
            sync.conversations.eachInPlace { link, conversation in
                if conversation.handlesDeadline != nil { waiting.append(link) }
            }
        }
        for link in waiting.sorted() {
            guard let due = servers[server]?.conversations[link]?.handlesDeadline, due <= turn.now
            else { continue }
            converse(link, server) {
                $0.handles = []
                $0.handlesDeadline = nil
                $0.announcement?.isUnmet = true
            }
            finishIfIdle(link, server, &turn)
        }
    }
}
