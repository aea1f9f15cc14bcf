import PeerState

// The two views: who is in, who gives way.
extension HyParView {
    /// Takes a linked member into the active view; when it is full, somebody else leaves.
    ///
    /// - Precondition: the member is linked.
    mutating func activate(_ peer: Peer.ID, _ turn: inout ViewTurn) {
        precondition(linked[peer] != nil, "active without a link")
        guard !active.contains(peer) else { return }
        if active.count >= capacity { evictActive(&turn) }
        active.append(peer)
        linked[peer]?.since = turn.now
        passive.removeAll { $0.contact.peer == peer }
        tried = []
        turn.effects.append(.activated(peer))
    }

    /// Drops an active member: a random one of those who pushed in most often.
    private mutating func evictActive(_ turn: inout ViewTurn) {
        var candidates = replaceable(turn.now)
        let most = pushes.most(of: candidates)
        if most >= Limits.pushesCounted {
            candidates.removeAll { pushes.count(of: $0) < most }
        }
        guard !candidates.isEmpty else { return }
        drop(candidates[draw(candidates.count)], &turn)
    }

    /// Active members that may give way: not those we dialled, while they are few, nor the eldest.
    private func replaceable(_ now: Instant) -> [Peer.ID] {
        let dialled = active.filter { linked[$0]?.isDialler == true }
        var candidates = active
        if dialled.count <= Limits.dialledActives {
            candidates.removeAll { dialled.contains($0) }
        }
        // In the order they came.
        let elders = active.filter { peer in
            linked[peer].map { $0.since + Limits.elderAge <= now } ?? false
        }.prefix(Limits.elderActives)
        let younger = candidates.filter { !elders.contains($0) }
        return younger.isEmpty ? candidates : younger
    }

    private mutating func drop(_ peer: Peer.ID, _ turn: inout ViewTurn) {
        turn.send(.disconnect(isAlive: true), to: peer)
        deactivate(peer, &turn)
        turn.effects.append(.release(peer))
    }

    /// Whether a linked member that insists on a place in the view may have one.
    ///
    /// Who pushed in more often than any of those that could give way is the one that does. Who
    /// insists more often than anybody has reason to loses the place it has, too, and neither it
    /// nor those it named are asked by this node.
    mutating func admits(_ peer: Peer.ID, _ turn: inout ViewTurn) -> Bool {
        // Where there is room for all, whoever comes back after each cut has reason to ask.
        guard !isFullMesh else { return true }
        let isIn = active.contains(peer)
        let isPush = isIn || active.count >= capacity
        if isPush { pushes.note(peer) }
        guard pushes.isTooMany(peer) else {
            let count = pushes.count(of: peer)
            return isIn || !isPush || count < Limits.pushesCounted
                || count <= pushes.most(of: replaceable(turn.now))
        }
        if isIn { drop(peer, &turn) }
        passive.removeAll { $0.contact.peer == peer || $0.source == peer }
        return false
    }

    /// Takes a member out of the active view and keeps it in the passive one.
    mutating func deactivate(_ peer: Peer.ID, _ turn: inout ViewTurn) {
        guard let index = active.firstIndex(of: peer) else { return }
        active.remove(at: index)
        turn.effects.append(.deactivated(peer))
        // Who refused a full view does not refuse somebody who has nobody.
        if active.isEmpty { tried = [] }
        if let contact = linked[peer]?.contact { remember(contact, source: nil) }
    }

    /// Puts a member into the passive view; when it is full, another one gives way.
    ///
    /// What one peer tells fills at most a quarter, so that nobody can fill the view alone.
    mutating func remember(_ contact: Contact, source: Peer.ID?) {
        guard contact.peer != identity, !active.contains(contact.peer),
            !pushes.isTooMany(contact.peer), source.map(pushes.isTooMany) != true
        else { return }
        if let index = passive.firstIndex(where: { $0.contact.peer == contact.peer }) {
            if !contact.addresses.isEmpty { passive[index].contact = contact }
            return
        }
        let entry = Passive(contact: contact, source: source)
        let sameSource = passive.indices.filter {
            source != nil && passive[$0].source == source
        }
        if sameSource.count >= Limits.passiveView / 4 {
            passive[sameSource[draw(sameSource.count)]] = entry
        } else if passive.count >= Limits.passiveView {
            passive[draw(passive.count)] = entry
        } else {
            passive.append(entry)
        }
    }

    /// Asks passive members to become neighbours while the active view has room.
    mutating func fill(_ turn: inout ViewTurn) {
        while true {
            let asked = requests.values.count { $0.isForView }
            guard active.count + asked < capacity, let next = candidate() else { return }
            tried.insert(next.peer)
            request(next, .neighbor(isHigh: active.isEmpty), &turn)
        }
    }

    /// A random passive member that was not tried and can be reached.
    mutating func candidate() -> Contact? {
        let open = passive.filter {
            let peer = $0.contact.peer
            return !tried.contains(peer) && requests[peer] == nil
                && (linked[peer] != nil || !$0.contact.addresses.isEmpty)
        }
        return open.isEmpty ? nil : open[draw(open.count)].contact
    }

    /// Says something to a member, over a new link if there is none.
    mutating func request(_ contact: Contact, _ purpose: Purpose, _ turn: inout ViewTurn) {
        let peer = contact.peer
        guard peer != identity else { return }
        if linked[peer] != nil {
            perform(purpose, peer, &turn)
            return
        }
        guard requests[peer] == nil, requests.count < Limits.waitingForLink,
            !contact.addresses.isEmpty
        else { return }
        requests[peer] = Request(purpose: purpose, due: turn.now + Limits.viewDialTimeout)
        turn.effects.append(.dial(contact))
    }

    /// Carries out what a link was wanted for.
    mutating func perform(_ purpose: Purpose, _ peer: Peer.ID, _ turn: inout ViewTurn) {
        requests[peer] = nil
        switch purpose {
        case .join:
            turn.send(.join(identity), to: peer)
            activate(peer, &turn)
        case .neighbor(let isHigh):
            guard !active.contains(peer) else { return }
            requests[peer] = Request(purpose: purpose, due: turn.now + Limits.neighbourTimeout)
            turn.send(.neighbor(isHigh: isHigh), to: peer)
        case .reply(let contacts):
            turn.send(.shuffleReply(contacts), to: peer)
            releaseIfIdle(peer, &turn)
        }
    }

    /// Gives a link back that no view needs.
    mutating func releaseIfIdle(_ peer: Peer.ID, _ turn: inout ViewTurn) {
        guard linked[peer] != nil, !active.contains(peer), requests[peer] == nil else { return }
        turn.effects.append(.release(peer))
    }
}

extension HyParView.Request {
    /// Whether its success adds an active member.
    var isForView: Bool {
        switch purpose {
        case .join, .neighbor: true
        case .reply: false
        }
    }
}
