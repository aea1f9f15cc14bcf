extension EventGraph {
    /// Whether a setup event, or any event of a forked author, lies in a past.
    ///
    /// - Precondition: asked of events that count in pasts only.
    func contains(_ slot: Slot, in past: Past) -> Bool {
        contains(slot, root: past.setup)
    }

    /// The same for lowerings, in the smaller frontier.
    func containsLowering(_ slot: Slot, in past: Past) -> Bool {
        contains(slot, root: past.lowerings)
    }

    private func contains(_ slot: Slot, root: UInt32) -> Bool {
        let author = author(slot)
        let seq = UInt32(self.seq(slot))
        let branch = branch(slot)
        if let reach = frontiers.plainReach(of: author, in: root) {
            return branch == 0 && seq <= reach
        }
        let chain = chains[Int(author.index)]
        return frontiers.reach(of: author, in: root).contains {
            chain.contains(branch, seq, within: $0)
        }
    }

    /// Whether `slot` is `other` or lies before it on the same chain.
    func isOnChain(_ slot: Slot, upTo other: Slot) -> Bool {
        guard author(slot) == author(other) else { return false }
        return chains[Int(author(slot).index)].contains(
            branch(slot), UInt32(seq(slot)),
            within: BranchReach(branch: branch(other), seq: UInt32(seq(other))))
    }

    /// The lowest seq of `author` with two events in `past`; `nil` when he is not forked there.
    func fork(of author: AuthorNumber, in past: Past) -> UInt64? {
        guard forked.contains(author) else { return nil }
        let reaches = frontiers.reach(of: author, in: past.setup)
        guard reaches.count > 1 else { return nil }
        return chains[Int(author.index)].fork(among: reaches).map { UInt64($0) }
    }

    /// The last event of the first branch; what an author who never forked wrote last.
    package func head(of author: Peer.ID) -> (seq: UInt64, id: Event.ID)? {
        guard let number = number(of: author),
            let slot = chains[Int(number.index)].branches.first?.slots.last
        else { return nil }
        return (seq(slot), id(slot))
    }

    /// Of every author the stored event of the highest seq, of several the one stored first.
    package var heads: [Peer.ID: (seq: UInt64, id: Event.ID)] {
        var heads: [Peer.ID: (seq: UInt64, id: Event.ID)] = [:]
        for (number, chain) in chains.enumerated() {
            let last = chain.heads.min { seq($0) == seq($1) ? $0 < $1 : seq($0) > seq($1) }
            if let last { heads[authors[number]] = (seq(last), id(last)) }
        }
        return heads
    }

    /// The event number `seq` of the first branch.
    package func event(of author: Peer.ID, seq: UInt64) -> Event.ID? {
        guard let number = number(of: author), let seq = UInt32(exactly: seq) else { return nil }
        return chains[Int(number.index)].slot(seq, on: 0).map { id($0) }
    }

    /// The events number `seq` of all branches.
    package func events(of author: Peer.ID, seq: UInt64) -> [Event.ID] {
        number(of: author).map { slots(of: $0, at: seq).map { id($0) } } ?? []
    }

    func slots(of author: AuthorNumber, at seq: UInt64) -> [Slot] {
        guard let seq = UInt32(exactly: seq) else { return [] }
        return chains[Int(author.index)].slots(at: seq)
    }

    func prev(of slot: Slot) -> Slot? {
        let chain = chains[Int(author(slot).index)]
        return chain.slot(UInt32(seq(slot)) - 1, on: branch(slot))
    }

    /// Events that count and that no other event that counts points at.
    package var tipIDs: Set<Event.ID> { Set(tips.map { id($0) }) }

    /// Every stored event, in order of arrival.
    package var eventIDs: [Event.ID] { (0..<Int32(count)).map { id(Slot(index: $0)) } }

    /// Everybody who wrote a stored event.
    package var authorIDs: [Peer.ID] { authors }

    package func author(of id: Event.ID) -> Peer.ID? { slot(of: id).map { peer($0) } }

    package func lamport(over ids: [Event.ID]) -> UInt64 {
        lamport(over: ids.compactMap { slot(of: $0) })
    }

    /// Stored events that are neither these nor in the past of these.
    func unknown(to known: [Slot]) -> Set<Slot> {
        var walk = DownwardWalk(from: leaves, known: known, in: self)
        var result: Set<Slot> = []
        while let (slot, isKnown) = walk.next() {
            if !isKnown { result.insert(slot) }
            for edge in edges(slot) { walk.mark(edge, isKnown, in: self) }
        }
        return result
    }

    /// Whether `slot` is reachable through edges, by walking back no lower than its lamport.
    ///
    /// Only proofs that are no setup event need it; honest events never do.
    func isReachable(_ slot: Slot, from edges: [Slot]) -> Bool {
        let floor = lamport(slot)
        var seen: Set<Slot> = []
        var work = edges
        while let next = work.popLast() {
            if next == slot { return true }
            guard lamport(next) > floor, seen.insert(next).inserted else { continue }
            work.append(contentsOf: self.edges(next))
        }
        return false
    }

    /// The latest event of `author` in the past of these edges with lamport at least `floor`.
    ///
    /// Of equal lamports the smaller id.
    func latest(of author: AuthorNumber, before edges: [Slot], floor: UInt64) -> Slot? {
        var seen: Set<Slot> = []
        var queue = Heap()
        for edge in edges where seen.insert(edge).inserted { queue.push(lamport(edge), edge) }
        var found: Slot?
        while let next = queue.pop() {
            if lamport(next) < floor { return found }
            if let found, lamport(next) < lamport(found) { return found }
            if self.author(next) == author, found.map({ id(next) < id($0) }) ?? true {
                found = next
            }
            for edge in self.edges(next) where seen.insert(edge).inserted {
                queue.push(lamport(edge), edge)
            }
        }
        return found
    }
}

/// A queue of slots, the greatest lamport first.
struct Heap {
    private var items: [(key: UInt64, slot: Slot)] = []

    mutating func push(_ key: UInt64, _ slot: Slot) {
        items.append((key, slot))
        var child = items.count - 1
        while child > 0, items[(child - 1) / 2].key < items[child].key {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Slot? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return first.slot }
        items[0] = last
        var parent = 0
        while true {
            var largest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].key > items[largest].key {
                largest = child
            }
            if largest == parent { return first.slot }
            items.swapAt(parent, largest)
            parent = largest
        }
    }
}
