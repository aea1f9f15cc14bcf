import PeerState

/// The key of 5.2: smaller is more senior.
struct OracleSeniority: Comparable {
    /// Twice the negated level, so that an enact fits between owner and admin.
    let rank: Int
    let depth: Int
    let seq: UInt64
    /// `nil` stands for the empty string.
    let author: Peer.ID?
    let id: Event.ID?

    static let owner = OracleSeniority(rank: -6, depth: 1, seq: 0, author: nil, id: nil)

    static func < (left: Self, right: Self) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.depth != right.depth { return left.depth < right.depth }
        if left.seq != right.seq { return left.seq < right.seq }
        if left.author != right.author { return less(left.author, right.author) }
        return less(left.id, right.id)
    }

    private static func less<Kind>(_ left: Identifier<Kind>?, _ right: Identifier<Kind>?) -> Bool {
        guard let left else { return right != nil }
        guard let right else { return false }
        return left < right
    }
}

extension OracleWorld {
    var isDirect: Bool { !isAbstract && (events.first.map { $0.number(1) == 1 } ?? false) }

    /// Whether a chain of proofs ends before this event.
    private func endsChain(_ number: Int) -> Bool {
        events[number].kind == 0 || events[number].kind == 4
    }

    /// `chain(e)` of section 1.
    func proofs(_ number: Int) -> [Int] {
        var result = [number]
        var next = proof(number)
        while let grant = next, !endsChain(grant) {
            result.append(grant)
            next = proof(grant)
        }
        return result
    }

    /// `|chain(e)|`, with an enacted grant counting as 17.
    func depth(_ number: Int) -> Int {
        var depth = 0
        for link in proofs(number) {
            if events[link].kind == 33 { return depth + 17 }
            depth += 1
        }
        return depth
    }

    /// The level that `holder` has under this grant.
    func level(of grant: Int, for holder: Peer.ID) -> Int {
        let event = events[grant]
        switch event.kind {
        case 0: return isDirect ? 0 : 3
        case 4: return event.peer(0) == holder ? 3 : 2
        case 10: return Int(event.number(1))
        case 33:
            let items = actionItems(grant)
            return items.count > 2 ? Int(items[2].number ?? 0) : 0
        default: return 0
        }
    }

    /// The level under which the author wrote this event.
    func level(at number: Int) -> Int {
        guard let grant = proof(number) else { return isDirect ? 0 : 3 }
        return level(of: grant, for: events[number].author)
    }

    func key(_ number: Int) -> OracleSeniority {
        let event = events[number]
        if event.kind == 33 {
            return OracleSeniority(
                rank: -5, depth: 2, seq: event.seq, author: event.author, id: event.id)
        }
        guard let grant = proof(number) else {
            return isDirect ? grantKey(0, for: event.author) : .owner
        }
        return grantKey(grant, for: event.author)
    }

    /// `tkey`: the key that `holder` acts with under this grant.
    func grantKey(_ grant: Int, for holder: Peer.ID) -> OracleSeniority {
        let event = events[grant]
        let level = level(of: grant, for: holder)
        if level == 3 { return .owner }
        let depth = endsChain(grant) ? 1 : depth(grant) + 1
        return OracleSeniority(
            rank: -2 * level, depth: depth, seq: event.seq, author: event.author, id: event.id)
    }

    /// Removal or suspension, also by vote.
    func isRemoval(_ number: Int) -> Bool {
        switch events[number].kind {
        case 11, 12: true
        case 33: action(number) == 2 || action(number) == 4
        default: false
        }
    }

    /// Removals proper: a suspension lets roles and direct permissions sleep only.
    func isSuspension(_ number: Int) -> Bool {
        events[number].kind == 12 || (events[number].kind == 33 && action(number) == 4)
    }

    /// The array of the action that a proposal, or the proposal of an enact, speaks of.
    func actionItems(_ number: Int) -> [CBORValue] {
        let event = events[number]
        if event.kind == 30 { return event.items(0) }
        guard let proposal = self.number(event.event(0)), events[proposal].kind == 30 else {
            return []
        }
        return events[proposal].items(0)
    }

    func action(_ number: Int) -> UInt64 { actionItems(number).first?.number ?? 0 }

    /// Whom a removal or a grant speaks about.
    func target(_ number: Int) -> Peer.ID? {
        let event = events[number]
        switch event.kind {
        case 13: return event.author
        case 26, 21, 20, 25, 4, 10, 11, 12: return event.peer(0)
        case 42: return event.peer(1)
        case 33:
            let items = actionItems(number)
            return items.count > 1 ? items[1].identifier() : nil
        default: return nil
        }
    }

    /// The event named by the cut, when it is known.
    func cut(_ number: Int) -> Int? {
        guard let place = events[number].cutPlace else { return nil }
        let pair = events[number].items(place)
        return pair.count == 2 ? self.number(pair[1].identifier()) : nil
    }

    /// The last event of `author` in the past of an event: of the greatest seq the smallest id.
    func last(of author: Peer.ID, before number: Int) -> Int? {
        past[number].members.filter { events[$0].author == author }.min {
            (UInt64.max - events[$0].seq, events[$0].id) < (
                UInt64.max - events[$1].seq, events[$1].id
            )
        }
    }
}
