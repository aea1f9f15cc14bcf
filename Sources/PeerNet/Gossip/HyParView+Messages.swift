import PeerState

// What other members say.
extension HyParView {
    mutating func receive(_ message: ViewMessage, _ peer: Peer.ID, _ turn: inout ViewTurn) {
        guard let link = linked[peer], isWithinQuota(message, peer, &turn) else { return }
        switch message {
        case .join(let member):
            // A newcomer speaks for itself.
            if member == peer { welcome(link.contact, &turn) }
        case .forwardJoin(let contact, let ttl): forward(contact, ttl, from: peer, &turn)
        case .neighbor(let isHigh): answer(peer, isHigh: isHigh, &turn)
        case .neighborReply(let isAccepted): answered(peer, isAccepted, &turn)
        case .disconnect: disconnected(peer, &turn)
        case .shuffle(let origin, let ttl, let contacts):
            shuffle(origin, ttl, contacts, from: peer, &turn)
        case .shuffleReply(let contacts):
            for contact in contacts { remember(contact, source: peer) }
            releaseIfIdle(peer, &turn)
        }
    }

    private mutating func isWithinQuota(
        _ message: ViewMessage, _ peer: Peer.ID, _ turn: inout ViewTurn
    ) -> Bool {
        let fresh = RateWindow(limit: Limits.viewFrames, period: Limits.viewFramePeriod)
        if quotas[peer, default: fresh].take(turn.now) { return true }
        turn.effects.append(.flooded(peer))
        return false
    }

    private mutating func welcome(_ contact: Contact, _ turn: inout ViewTurn) {
        guard admits(contact.peer, &turn) else {
            turn.send(.disconnect(isAlive: true), to: contact.peer)
            return releaseIfIdle(contact.peer, &turn)
        }
        let others = active.filter { $0 != contact.peer }
        activate(contact.peer, &turn)
        for peer in others where active.contains(peer) {
            turn.send(.forwardJoin(contact, ttl: Limits.activeWalk), to: peer)
        }
    }

    private mutating func forward(
        _ contact: Contact, _ ttl: UInt64, from peer: Peer.ID, _ turn: inout ViewTurn
    ) {
        guard contact.peer != identity else { return }
        let ttl = min(ttl, Limits.activeWalk)
        let others = active.filter { $0 != peer && $0 != contact.peer }
        guard ttl > 0, active.count > 1, !others.isEmpty else {
            if !active.contains(contact.peer) {
                request(contact, .neighbor(isHigh: true), &turn)
            }
            return
        }
        if ttl == Limits.passiveWalk { remember(contact, source: peer) }
        turn.send(.forwardJoin(contact, ttl: ttl - 1), to: others[draw(others.count)])
    }

    private mutating func answer(_ peer: Peer.ID, isHigh: Bool, _ turn: inout ViewTurn) {
        let hasRoom = active.contains(peer) || active.count < capacity
        let isAccepted = isHigh ? admits(peer, &turn) : hasRoom && !pushes.isTooMany(peer)
        if isAccepted {
            requests[peer] = nil
            activate(peer, &turn)
        }
        turn.send(.neighborReply(isAccepted: isAccepted), to: peer)
    }

    private mutating func answered(_ peer: Peer.ID, _ isAccepted: Bool, _ turn: inout ViewTurn) {
        guard case .neighbor? = requests[peer]?.purpose else { return }
        requests[peer] = nil
        if isAccepted {
            activate(peer, &turn)
        } else {
            releaseIfIdle(peer, &turn)
        }
    }

    private mutating func disconnected(_ peer: Peer.ID, _ turn: inout ViewTurn) {
        guard active.contains(peer) else { return }
        deactivate(peer, &turn)
        // It has no room: others are asked first.
        tried.insert(peer)
        releaseIfIdle(peer, &turn)
    }

    private mutating func shuffle(
        _ origin: Peer.ID, _ ttl: UInt64, _ contacts: [Contact], from peer: Peer.ID,
        _ turn: inout ViewTurn
    ) {
        guard origin != identity else { return }
        var contacts = contacts
        if origin == peer, let own = linked[peer]?.contact {
            // Nobody knows its own address; the first to hear does.
            contacts = [own] + contacts.filter { $0.peer != origin }
        }
        let ttl = min(ttl, Limits.shuffleWalk)
        let others = active.filter { $0 != peer && $0 != origin }
        if ttl > 1, active.count > 1, !others.isEmpty {
            turn.send(
                .shuffle(origin: origin, ttl: ttl - 1, contacts), to: others[draw(others.count)])
            return
        }
        let own = sample(passive.map(\.contact), contacts.count)
        for contact in contacts { remember(contact, source: peer) }
        let addresses = contacts.first { $0.peer == origin }?.addresses ?? []
        request(Contact(peer: origin, addresses: addresses), .reply(own), &turn)
    }

    /// Some of the contacts, drawn without order.
    mutating func sample(_ contacts: [Contact], _ count: Int) -> [Contact] {
        var rest = contacts
        var result: [Contact] = []
        while result.count < count, !rest.isEmpty {
            let index = draw(rest.count)
            result.append(rest[index])
            rest.swapAt(index, rest.count - 1)
            rest.removeLast()
        }
        return result
    }
}
