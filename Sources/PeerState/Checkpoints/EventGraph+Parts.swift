/// The event table as parts of a checkpoint: one part per block of its columns.
///
/// Slots are those of the state that was written. They mean something only together with all other
/// parts of one checkpoint, which are read as one whole into a new state.
extension EventGraph {
    static var blockSize: Int { Column<Int32>.blockSize }

    func writeBlock(_ number: Int, to writer: inout PartWriter) {
        let slots = slots(inBlock: number)
        writer.count(slots.count)
        writer.column(ids.block(number))
        writer.column(authorNumbers.block(number))
        writer.column(seqs.block(number))
        writer.column(lamports.block(number))
        writer.column(kinds.block(number))
        writer.column(sizes.block(number))
        writer.column(walls.block(number))
        writer.column(proofs.block(number))
        writer.column(setups.block(number))
        writer.column(lowerings.block(number))
        writer.column(flags.block(number).map { $0 & Flags.kept.rawValue })
        let edges = edgeTable.encoded(slots)
        writer.column(edges.lengths)
        writer.count(edges.bytes.count)
        writer.column(edges.bytes)
        let branched = branchNumbers.isEmpty ? [] : slots.filter { branchNumbers[$0] != nil }
        writer.count(branched.count)
        for slot in branched {
            writer.slot(slot)
            writer.number(branch(slot))
        }
        let strict = slots.filter { strictPasts[$0] != nil }
        writer.count(strict.count)
        for slot in strict {
            writer.slot(slot)
            writer.past(past(slot))
        }
    }

    func slots(inBlock number: Int) -> [Slot] {
        let first = number * Self.blockSize
        return (first..<min(first + Self.blockSize, count)).map { Slot(index: Int32($0)) }
    }

    /// Adds the next block. What lies before it is known by now, authors and frontiers too.
    mutating func readBlock(
        _ reader: inout PartReader, _ sound: inout SoundNodes
    ) throws(StoreFailure) {
        let first = count
        let size = try reader.count(eachAtLeast: 32)
        guard size <= Self.blockSize, first.isMultiple(of: Self.blockSize) else {
            throw PartReader.wrong("a block")
        }
        let ids = try reader.column(Event.ID.self, count: size)
        authorNumbers.append(block: try reader.column(Int32.self, count: size))
        seqs.append(block: try reader.column(UInt32.self, count: size))
        lamports.append(block: try reader.column(UInt32.self, count: size))
        kinds.append(block: try reader.column(UInt16.self, count: size))
        sizes.append(block: try reader.column(UInt16.self, count: size))
        walls.append(block: try reader.column(UInt64.self, count: size))
        proofs.append(block: try reader.column(Int32.self, count: size))
        setups.append(block: try reader.column(UInt32.self, count: size))
        lowerings.append(block: try reader.column(UInt32.self, count: size))
        let kept = try reader.column(UInt8.self, count: size)
        flags.append(block: kept.map { $0 & Flags.kept.rawValue })
        self.ids.append(block: ids)
        self.count = self.ids.count
        try readEdges(&reader, count: size)
        for _ in 0..<(try reader.count(eachAtLeast: 8)) {
            branchNumbers[try reader.slot(below: count)] = try reader.number()
        }
        for _ in 0..<(try reader.count(eachAtLeast: 12)) {
            let slot = try reader.slot(below: count)
            strictPasts[slot] = try readPast(&reader, &sound)
        }
        for index in first..<count { try connect(Slot(index: Int32(index)), &sound) }
    }

    private mutating func readEdges(
        _ reader: inout PartReader, count: Int
    ) throws(StoreFailure) {
        let lengths = try reader.column(UInt16.self, count: count)
        let size = try reader.count(eachAtLeast: 1)
        let bytes = try reader.column(UInt8.self, count: size)
        var place = 0
        for length in lengths {
            let end = place + Int(length)
            guard end <= bytes.count, edgeTable.append(encoded: bytes[place..<end]) else {
                throw PartReader.wrong("an edge")
            }
            place = end
        }
        guard place == bytes.count else { throw PartReader.wrong("an edge") }
    }

    /// Checks what a slot names and puts it into the index and its author's chain.
    private mutating func connect(
        _ slot: Slot, _ sound: inout SoundNodes
    ) throws(StoreFailure) {
        let author = authorNumbers[slot.index]
        guard author >= 0, author < authors.count, proofs[slot.index] >= 0,
            proofs[slot.index] <= slot.index, frontiers.isSound(setups[slot.index], &sound),
            frontiers.isSound(lowerings[slot.index], &sound)
        else { throw PartReader.wrong("a reference") }
        index.insert(slot, in: ids)
        let isPlaced = chains[Int(author)].restore(
            slot, branch: branch(slot), seq: seqs[slot.index])
        guard isPlaced else { throw PartReader.wrong("a chain") }
    }

    private func readPast(
        _ reader: inout PartReader, _ sound: inout SoundNodes
    ) throws(StoreFailure) -> Past {
        let past = Past(setup: try reader.number(), lowerings: try reader.number())
        guard frontiers.isSound(past.setup, &sound), frontiers.isSound(past.lowerings, &sound)
        else {
            throw PartReader.wrong("a past")
        }
        return past
    }

    /// Everything that is not one element per event.
    func writeRest(to writer: inout PartWriter) {
        writer.count(authors.count)
        for author in authors { writer.identifier(author) }
        let branched = chains.indices.filter { chains[$0].branches.count > 1 }
        writer.count(branched.count)
        for author in branched {
            writer.number(Int32(author))
            writer.count(chains[author].branches.count)
            for branch in chains[author].branches {
                writer.number(branch.stem?.branch ?? -1)
                writer.number(branch.stem?.seq ?? 0)
            }
        }
        writer.past(all)
        writer.number(greatestLamport)
        writer.slots(tips.sorted())
        writer.slots(leaves.sorted())
        writer.count(forked.count)
        for author in forked.sorted() { writer.number(author.index) }
        writer.count(proven.count)
        for (author, forks) in proven.sorted(by: { $0.key < $1.key }) {
            writer.number(author.index)
            writer.count(forks.count)
            for fork in forks {
                writer.number(fork.seq)
                writer.number(fork.prev?.index ?? -1)
            }
        }
    }

    /// Authors and the shape of their chains: what the blocks refer to, read before them.
    ///
    /// - Parameter count: how many events the blocks hold together.
    mutating func readRest(
        _ reader: inout PartReader, count: Int, _ sound: inout SoundNodes
    ) throws(StoreFailure) {
        for number in 0..<(try reader.count(eachAtLeast: 32)) {
            let author: Peer.ID = try reader.identifier()
            authors.append(author)
            numbers[author] = AuthorNumber(index: Int32(number))
            chains.append(Chain())
        }
        for _ in 0..<(try reader.count(eachAtLeast: 8)) {
            let author = try readAuthor(&reader)
            var stems: [BranchReach?] = []
            for number in 0..<(try reader.count(eachAtLeast: 8)) {
                let stem = BranchReach(branch: try reader.number(), seq: try reader.number())
                guard stem.branch < number, stem.seq < UInt32(Int32.max) else {
                    throw PartReader.wrong("a branch")
                }
                stems.append(stem.branch < 0 ? nil : stem)
            }
            chains[Int(author.index)].restore(stems: stems)
        }
        // A count is not believed beyond what is no loss when it is wrong.
        index.reserve(min(count, 1 << 21))
        all = try readPast(&reader, &sound)
        greatestLamport = try reader.number()
        tips = Set(try reader.slots(below: count))
        leaves = Set(try reader.slots(below: count))
        for _ in 0..<(try reader.count(eachAtLeast: 4)) {
            forked.insert(try readAuthor(&reader))
        }
        for _ in 0..<(try reader.count(eachAtLeast: 8)) {
            let author = try readAuthor(&reader)
            for _ in 0..<(try reader.count(eachAtLeast: 8)) {
                proven[author, default: []].append(
                    ProvenFork(
                        seq: try reader.number(), prev: try readSlot(&reader, below: count)))
            }
        }
    }

    /// - Returns: `nil` for -1.
    private func readSlot(
        _ reader: inout PartReader, below count: Int
    ) throws(StoreFailure) -> Slot? {
        let index = try reader.number(Int32.self)
        guard index >= -1, index < count else { throw PartReader.wrong("a slot") }
        return index < 0 ? nil : Slot(index: index)
    }

    private func readAuthor(_ reader: inout PartReader) throws(StoreFailure) -> AuthorNumber {
        let number = try reader.number(Int32.self)
        guard number >= 0, number < authors.count else { throw PartReader.wrong("an author") }
        return AuthorNumber(index: number)
    }
}

extension Chain {
    /// The branches of a forked author, still without events.
    mutating func restore(stems: [BranchReach?]) {
        branches = stems.map { Branch(stem: $0, slots: []) }
    }

    /// Puts an event at the end of its branch, as it once was.
    ///
    /// - Returns: `false` when it does not follow there.
    mutating func restore(_ slot: Slot, branch: Int32, seq: UInt32) -> Bool {
        if branches.isEmpty { branches = [Branch(stem: nil, slots: [])] }
        guard branch >= 0, branch < branches.count,
            branches[Int(branch)].lastSeq + 1 == seq
        else { return false }
        branches[Int(branch)].slots.append(slot)
        return true
    }
}
