import PeerState

/// Step 13: whether an event was allowed by the state of its own past, and what it needed.
struct OracleRules {
    let world: OracleWorld
    let number: Int
    let event: OracleEvent
    /// The state of its past.
    let view: OracleView

    init(_ world: OracleWorld, _ number: Int) {
        self.world = world
        self.number = number
        event = world.events[number]
        view = world.viewBefore(number)
    }

    var author: Peer.ID { event.author }
    var level: Int { world.level(at: number) }
    var isStranger: Bool { !view.everMembers.contains(author) }

    /// The first code that applies, in the order of 3.6; `nil` when admissible.
    func refusal() -> String? {
        if event.kind == 0 {
            return world.past[number].isEmpty && event.seq == 1 ? nil : "notMember"
        }
        guard let grant = view.active[author] else { return absence() }
        let isCreate = world.events[grant].kind == 0
        guard isCreate ? event.proof == nil : world.number(event.proof) == grant else {
            return "badProof"
        }
        if !world.isDirect, view.forkPoint[author] != nil, !OracleView.standsOnFork(event) {
            return "forkedAuthor"
        }
        return restriction() ?? needsGrant() ?? kindRefusal()
    }

    private func absence() -> String {
        guard view.everMembers.contains(author) else { return "notMember" }
        switch view.status(author) {
        case 2: return "suspended"
        case 3: return "removed"
        default: return "notMember"
        }
    }

    /// Rights never rest on an admission (4.5).
    private func needsGrant() -> String? {
        guard
            (10...12).contains(event.kind) || (20...27).contains(event.kind) || event.kind == 33
                || event.kind == 42
        else { return nil }
        let isAdmitted = world.proofs(number).dropFirst().contains { world.events[$0].kind == 42 }
        return isAdmitted ? "needsGrant" : nil
    }

    private func kindRefusal() -> String? {
        switch event.kind {
        case 2, 3: world.isDirect || level < 2 ? "noPermission" : nil
        case 4, 10...15: memberRefusal()
        case 20...27: roleRefusal()
        case 30...33: voteRefusal()
        case 40...42: joinRefusal()
        case 50...55: channelRefusal()
        case 60...66: contentRefusal()
        case 81...83: keyRefusal()
        default: nil
        }
    }

    func lacks(_ permission: Int) -> Bool { !view.holds(author, permission) }

    func isActive(_ peer: Peer.ID?) -> Bool { peer.map { view.active[$0] != nil } ?? false }

    /// Whether the author is strictly senior to an active peer.
    func isSenior(to peer: Peer.ID?) -> Bool {
        guard let peer, let other = view.key(peer) else { return false }
        return world.key(number) < other
    }

    /// R4, the rollback rule, and the pin of a former owner.
    func cutProblem(of target: Peer.ID, mayRollBack: Bool) -> String? {
        guard let place = event.cutPlace else { return nil }
        let own = world.past[number].members.filter { world.events[$0].author == target }
        let pair = event.items(place)
        var pin: Int?
        if event.item(place) != .null {
            guard pair.count == 2, let cut = world.number(pair[1].identifier()),
                own.contains(cut), world.events[cut].seq == pair[0].number
            else { return "badCut" }
            pin = cut
        }
        let seq = pin.map { world.events[$0].seq } ?? 0
        if own.contains(where: { world.events[$0].seq > seq }), !mayRollBack { return "badCut" }
        let transfer = view.owners.last {
            world.events[$0.grant].kind == 4 && isBy(target, $0.grant)
        }
        if let transfer {
            guard let pin, world.chain[pin].contains(transfer.grant) else { return "badCut" }
        }
        return nil
    }

    private func isBy(_ peer: Peer.ID, _ grant: Int) -> Bool { world.events[grant].author == peer }
}
