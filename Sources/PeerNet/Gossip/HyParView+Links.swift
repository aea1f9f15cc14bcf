package import PeerState

// Links that come and go, and time.
extension HyParView {
    mutating func linkUp(_ contact: Contact, _ isDialler: Bool, _ turn: inout ViewTurn) {
        var contact = contact
        if contact.addresses.isEmpty,
            let known = passive.first(where: { $0.contact.peer == contact.peer })
        {
            contact = known.contact
        }
        linked[contact.peer] = Active(
            contact: contact, isDialler: isDialler,
            since: linked[contact.peer]?.since ?? .zero)
        if let request = requests[contact.peer] {
            perform(request.purpose, contact.peer, &turn)
        } else if isFullMesh {
            activate(contact.peer, &turn)
        } else {
            remember(contact, source: nil)
        }
    }

    /// Over the next link with that peer this node joins, whatever it was to be asked for.
    ///
    /// To ask for one place besides would count as insisting.
    package mutating func enter(through peer: Peer.ID, _ now: Instant) {
        requests[peer] = Request(purpose: .join, due: now + Limits.viewDialTimeout)
    }

    mutating func linkDown(_ peer: Peer.ID, _ turn: inout ViewTurn) {
        deactivate(peer, &turn)
        linked[peer] = nil
        quotas[peer] = nil
        requests[peer] = nil
        // Perhaps it is gone for good: others are asked first.
        tried.insert(peer)
    }

    mutating func dialFailed(_ peer: Peer.ID, _ turn: inout ViewTurn) {
        requests[peer] = nil
        tried.insert(peer)
        passive.removeAll { $0.contact.peer == peer }
    }

    mutating func timer(_ turn: inout ViewTurn) {
        for peer in requests.keys.sorted() {
            guard let request = requests[peer], request.due <= turn.now else { continue }
            requests[peer] = nil
            tried.insert(peer)
            releaseIfIdle(peer, &turn)
        }
        if let due = shuffleAt, due <= turn.now {
            shuffleAt = nextShuffle(turn.now)
            // Who refused may have room by now.
            tried = []
            startShuffle(&turn)
            reachOut(&turn)
        }
    }

    private mutating func startShuffle(_ turn: inout ViewTurn) {
        guard !active.isEmpty else { return }
        let target = active[draw(active.count)]
        let others = active.filter { $0 != target }.compactMap { linked[$0]?.contact }
        var list = [Contact(peer: identity, addresses: [])]
        list += sample(others, Limits.shuffleActive)
        list += sample(passive.map(\.contact), Limits.shufflePassive)
        turn.send(
            .shuffle(
                origin: identity, ttl: Limits.shuffleWalk,
                Array(list.prefix(Limits.shuffleList))), to: target)
    }

    /// Keeps some links that this node chose, whatever others choose for it.
    private mutating func reachOut(_ turn: inout ViewTurn) {
        guard active.count >= capacity else { return insist(&turn) }
        hadRoom = false
        let dialled = active.count { linked[$0]?.isDialler == true }
        guard let next = candidate(), linked[next.peer] == nil else { return }
        // Now and then somebody else takes a place: a few members that only know one another
        // would stay among themselves. That comes about while a view is young.
        shuffles += 1
        let oneIn = shuffles <= Limits.youngShuffles ? 2 : Limits.rewireOneIn
        let isRewiring = !isFullMesh && draw(oneIn) == 0
        guard isRewiring || dialled < Limits.dialledActives else { return }
        tried.insert(next.peer)
        request(next, .neighbor(isHigh: isRewiring), &turn)
    }

    /// A view that all refused for a whole period asks one member to make room.
    ///
    /// Where all other views are full, a few members that only know one another stay alone else.
    private mutating func insist(_ turn: inout ViewTurn) {
        defer { hadRoom = true }
        guard hadRoom, !isFullMesh, let next = candidate() else { return }
        tried.insert(next.peer)
        request(next, .neighbor(isHigh: true), &turn)
    }
}
