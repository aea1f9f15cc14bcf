/// What every stored event of one server says about its place: chain, parents, lamport and past.
///
/// - Shape: one column per fact, one element per event; bodies are not here.
/// - Bounds: about 90 bytes per event with four parents.
package struct EventGraph: Sendable {
    private let inPlace = InPlace()
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// Refused by the state of its own past; for ever.
        static let inadmissible = Self(rawValue: 1)
        /// Admissible, and without effect by what the whole set says now.
        static let void = Self(rawValue: 2)
        /// An event of a forked author that nothing rests on (PROTOCOL 5.8, F2).
        static let loose = Self(rawValue: 4)
        /// Counts in `Past.setup`.
        static let setup = Self(rawValue: 8)
        /// Counts in `Past.lowerings`.
        static let lowering = Self(rawValue: 16)
        /// Content written at or beyond a fork of its author.
        static let marked = Self(rawValue: 32)
        /// Something points at it; never set means that this is not known.
        static let hasChild = Self(rawValue: 64)
        /// Something that counts points at it; never set means that this is not known.
        static let hasCountedChild = Self(rawValue: 128)
        /// What is kept on disk.
        static let kept = Self(rawValue: 63)

        /// The same with one of them set or not.
        func with(_ flag: Self, _ isSet: Bool) -> Self {
            isSet ? union(flag) : subtracting(flag)
        }

        var isEffective: Bool { isDisjoint(with: [.inadmissible, .void, .loose]) }
        /// Whether the state hash lists it among what has no effect.
        var hasVoidRow: Bool {
            !contains(.loose) && !isDisjoint(with: [.inadmissible, .void])
        }
    }

    /// How many events are stored. Kept beside `ids`, as others look at it after every input.
    package internal(set) var count = 0
    var ids = Column<Event.ID>()
    var index = SlotIndex()
    var authorNumbers = Column<Int32>()
    var seqs = Column<UInt32>()
    var lamports = Column<UInt32>()
    var kinds = Column<UInt16>()
    /// Bytes of the envelope less one, as 65,536 are allowed.
    var sizes = Column<UInt16>()
    var walls = Column<UInt64>()
    /// Slot + 1 of the grant it acts under; 0 for none.
    var proofs = Column<Int32>()
    var setups = Column<UInt32>()
    var lowerings = Column<UInt32>()
    var edgeTable = EdgeTable()
    var flags = Column<UInt8>()
    /// Which blocks a checkpoint must write again.
    var changes = BlockChanges()
    /// Pasts without the event itself, where these differ.
    var strictPasts: [Slot: Past] = [:]
    /// Branch of events that are not on the first branch of their chain.
    var branchNumbers: [Slot: Int32] = [:]

    var authors: [Peer.ID] = []
    var numbers: [Peer.ID: AuthorNumber] = [:]
    var chains: [Chain] = []
    var frontiers = FrontierTable()
    /// Everything stored that is not loose.
    package internal(set) var all = Past.empty
    /// Of the events that count.
    var greatestLamport: UInt64 = 0
    /// Events that count and that no other event that counts points at.
    var tips: Set<Slot> = []
    /// Events without any child.
    var leaves: Set<Slot> = []
    /// Authors of whom two events with one seq are stored, or proven.
    var forked: Set<AuthorNumber> = []
    /// Forks that proofs showed, by number; their events need not be here.
    var proven: [AuthorNumber: [ProvenFork]] = [:]

    package init() {}

    package func slot(of id: Event.ID) -> Slot? { index.find(id, in: ids) }
    package func contains(_ id: Event.ID) -> Bool { index.find(id, in: ids) != nil }
    package func id(_ slot: Slot) -> Event.ID { ids[slot.index] }
    func author(_ slot: Slot) -> AuthorNumber { AuthorNumber(index: authorNumbers[slot.index]) }
    package func peer(_ slot: Slot) -> Peer.ID { authors[Int(authorNumbers[slot.index])] }
    func peer(_ author: AuthorNumber) -> Peer.ID { authors[Int(author.index)] }
    func number(of peer: Peer.ID) -> AuthorNumber? { numbers[peer] }
    package func seq(_ slot: Slot) -> UInt64 { UInt64(seqs[slot.index]) }
    package func lamport(_ slot: Slot) -> UInt64 { UInt64(lamports[slot.index]) }
    package func kind(_ slot: Slot) -> UInt64 { UInt64(kinds[slot.index]) }
    /// Bytes of the envelope.
    func size(_ slot: Slot) -> UInt64 { UInt64(sizes[slot.index]) + 1 }
    /// The grant it acts under; `nil` for the founder and for participants.
    func proof(_ slot: Slot) -> Slot? {
        let stored = proofs[slot.index]
        return stored == 0 ? nil : Slot(index: stored - 1)
    }
    /// wall⁺ (PROTOCOL 3.3), ms.
    package func wallPlus(_ slot: Slot) -> UInt64 { walls[slot.index] }
    func flags(_ slot: Slot) -> Flags { Flags(rawValue: flags[slot.index]) }
    func branch(_ slot: Slot) -> Int32 { branchNumbers.isEmpty ? 0 : branchNumbers[slot] ?? 0 }

    /// Whether it takes effect: admissible, not void, not loose.
    package func isEffective(_ slot: Slot) -> Bool { flags(slot).isEffective }

    package func order(_ slot: Slot) -> OrderKey {
        OrderKey(lamport: lamport(slot), author: peer(slot), seq: seq(slot), id: id(slot))
    }

    /// Canonical order of two stored events.
    func precedes(_ left: Slot, _ right: Slot) -> Bool {
        let (l, r) = (lamports[left.index], lamports[right.index])
        return l == r ? order(left) < order(right) : l < r
    }

    package func edges(_ slot: Slot) -> [Slot] { edgeTable[slot] }

    /// Setup events in its past, without itself.
    func past(_ slot: Slot) -> Past { strictPasts[slot] ?? pastAndSelf(slot) }

    func pastAndSelf(_ slot: Slot) -> Past {
        Past(setup: setups[slot.index], lowerings: lowerings[slot.index])
    }

    /// 1 + the largest lamport among the edges; 1 without any.
    package func lamport(over edges: [Slot]) -> UInt64 {
        var greatest: UInt32 = 0
        for edge in edges { greatest = max(greatest, lamports[edge.index]) }
        return 1 + UInt64(greatest)
    }

    /// The setup events in the past of something with these edges.
    package mutating func past(over edges: [Slot]) -> Past {
        var result = Past.empty
        for edge in edges where !holds(result, pastOf: edge) {
            result = join(result, pastAndSelf(edge))
        }
        return result
    }

    /// Whether a past has everything that an event and its past bring, as far as that is quickly
    /// seen: what contains an event contains its past.
    private func holds(_ past: Past, pastOf edge: Slot) -> Bool {
        let own = pastAndSelf(edge)
        if own.setup == past.setup && own.lowerings == past.lowerings { return true }
        return flags(edge).contains(.setup) && contains(edge, in: past)
    }

    mutating func join(_ left: Past, _ right: Past) -> Past {
        if left == right { return left }
        return Past(
            setup: frontiers.join(left.setup, right.setup),
            lowerings: frontiers.join(left.lowerings, right.lowerings))
    }

    mutating func setFlags(_ value: Flags, of slot: Slot) {
        flags[slot.index] = value.rawValue
        changes.note(slot)
    }

    /// One event about to be stored.
    struct Arrival {
        let place: EventPlace
        let flags: Flags
    }

    /// Adds an event whose edges are all here.
    mutating func insert(_ arrival: Arrival) -> Slot {
        let place = arrival.place
        let slot = Slot(index: Int32(ids.count))
        ids.append(place.event.id)
        count += 1
        index.insert(slot, in: ids)
        let prev = place.prev
        let author = prev.map { self.author($0) } ?? admit(place.event.author)
        authorNumbers.append(author.index)
        seqs.append(UInt32(clamping: place.event.seq))
        lamports.append(UInt32(clamping: place.event.lamport))
        kinds.append(UInt16(clamping: place.event.kind))
        sizes.append(UInt16(clamping: place.size - 1))
        edgeTable.append(place.edges)
        walls.append(max(place.event.wallMilliseconds, prev.map { wallPlus($0) } ?? 0))
        proofs.append(place.proof.map { $0.index + 1 } ?? 0)
        flags.append(arrival.flags.rawValue)
        add(slot, by: author, after: prev)
        setPast(of: slot, over: place.past)
        for edge in place.edges where isFirst(.hasChild, of: edge) { leaves.remove(edge) }
        leaves.insert(slot)
        changes.note(slot)
        return slot
    }

    private mutating func admit(_ peer: Peer.ID) -> AuthorNumber {
        if let known = numbers[peer] { return known }
        precondition(authors.count < Limits.authorsPerServer, "authors are members")
        let number = AuthorNumber(index: Int32(authors.count))
        authors.append(peer)
        numbers[peer] = number
        chains.append(Chain())
        return number
    }

    private mutating func add(_ slot: Slot, by author: AuthorNumber, after prev: Slot?) {
        let number = chains[Int(author.index)].append(
            slot, after: prev.map { (branch($0), seqs[$0.index]) })
        if number != 0 { branchNumbers[slot] = number }
    }

    /// Notes the past of a new event; one that counts there itself is added.
    private mutating func setPast(of slot: Slot, over past: Past) {
        let own = including(slot, in: past)
        setups.append(own.setup)
        lowerings.append(own.lowerings)
        if own != past { strictPasts[slot] = past }
    }

    private mutating func including(_ slot: Slot, in past: Past) -> Past {
        let flags = flags(slot)
        let isForked = !forked.isEmpty && forked.contains(author(slot))
        let reach = BranchReach(branch: branch(slot), seq: seqs[slot.index])
        var (setup, lowering) = (past.setup, past.lowerings)
        if flags.contains(.setup) || isForked {
            setup = frontiers.adding(author(slot), reach, to: setup)
        }
        if flags.contains(.lowering) || isForked {
            lowering = frontiers.adding(author(slot), reach, to: lowering)
        }
        return Past(setup: setup, lowerings: lowering)
    }

    /// Makes every event of `author` count in pasts, so that they say which branches they know.
    ///
    /// Costs one pass over the table, once per forked author.
    mutating func markForked(_ author: AuthorNumber) {
        forked.insert(author)
        for index in 0..<Int32(ids.count) {
            let slot = Slot(index: index)
            let past = past(over: edges(slot))
            let own = including(slot, in: past)
            setups[index] = own.setup
            lowerings[index] = own.lowerings
            strictPasts[slot] = own == past ? nil : past
            changes.note(slot)
        }
    }

    /// Makes an event part of the set: its past counts, and it may become a tip.
    mutating func count(_ slot: Slot) {
        all = join(all, pastAndSelf(slot))
        greatestLamport = max(greatestLamport, lamport(slot))
        guard !flags(slot).contains(.inadmissible) else { return }
        for edge in edges(slot) where isFirst(.hasCountedChild, of: edge) { tips.remove(edge) }
        // What rested on it may have counted before it did.
        flags[slot.index] &= ~Flags.hasCountedChild.rawValue
        tips.insert(slot)
    }

    /// Sets a note about children and says whether it was not set before.
    private mutating func isFirst(_ note: Flags, of slot: Slot) -> Bool {
        let value = flags[slot.index]
        guard value & note.rawValue == 0 else { return false }
        flags[slot.index] = value | note.rawValue
        return true
    }

    /// Takes the set together anew, after events became loose.
    mutating func countAnew() {
        all = .empty
        greatestLamport = 0
        tips = []
        for index in 0..<Int32(ids.count) { flags[index] &= ~Flags.hasCountedChild.rawValue }
        for index in 0..<Int32(ids.count) where !flags(Slot(index: index)).contains(.loose) {
            count(Slot(index: index))
        }
    }
}
