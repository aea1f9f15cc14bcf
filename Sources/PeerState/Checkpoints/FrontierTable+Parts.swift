/// The shared tree of frontiers as parts of a checkpoint.
extension FrontierTable {
    /// Words in one part: 256 KiB.
    static var wordsPerPart: Int { 32 * Column<UInt32>.blockSize }

    var partCount: Int { (words.count + Self.wordsPerPart - 1) / Self.wordsPerPart }

    func writePart(_ number: Int, to writer: inout PartWriter) {
        let first = number * 32
        let blocks = first..<min(first + 32, words.blockCount)
        writer.count(blocks.reduce(0) { $0 + words.block($1).count })
        for block in blocks { writer.column(words.block(block)) }
    }

    mutating func readPart(_ reader: inout PartReader) throws(StoreFailure) {
        var left = try reader.count(eachAtLeast: 4)
        guard left <= Self.wordsPerPart, words.count.isMultiple(of: Self.wordsPerPart) else {
            throw PartReader.wrong("frontiers")
        }
        while left > 0 {
            let size = min(left, Column<UInt32>.blockSize)
            words.append(block: try reader.column(UInt32.self, count: size))
            left -= size
        }
    }

    func writeForks(to writer: inout PartWriter) {
        writer.count(forks.count)
        for reaches in forks {
            writer.count(reaches.count)
            for reach in reaches {
                writer.number(reach.branch)
                writer.number(reach.seq)
            }
        }
    }

    mutating func readForks(_ reader: inout PartReader) throws(StoreFailure) {
        for _ in 0..<(try reader.count(eachAtLeast: 4)) {
            var reaches: [BranchReach] = []
            for _ in 0..<(try reader.count(eachAtLeast: 8)) {
                reaches.append(
                    BranchReach(branch: try reader.number(), seq: try reader.number()))
            }
            restore(fork: reaches)
        }
    }

    private mutating func restore(fork: [BranchReach]) {
        forkNumbers[fork] = UInt32(forks.count) | Self.forkBit
        forks.append(fork)
    }

    /// Makes the index of nodes anew, once all words are here.
    mutating func restoreNodes() throws(StoreFailure) {
        guard words.count > 0, words[0] == 0 else { throw PartReader.wrong("frontiers") }
        nodeCount = 0
        var next: Int32 = 1
        while next < words.count {
            let size = 1 + Int32(words[next].nonzeroBitCount)
            guard size > 1, Int(next) + Int(size) <= words.count else {
                throw PartReader.wrong("a frontier")
            }
            nodeCount += 1
            next += size
        }
        var size = 1_024
        while nodeCount * 2 > size { size *= 2 }
        places = [UInt32](repeating: 0, count: size)
        forEachNode { $0.put($1, $2) }
    }

    /// Whether a number names a frontier all of whose nodes can be followed.
    ///
    /// - Parameter known: what was found sound before.
    func isSound(_ root: UInt32, _ known: inout SoundNodes) -> Bool {
        if known.isRecent(root) { return true }
        let isSound = isSound(root, level: Self.levels - 1, &known)
        if isSound { known.note(root) }
        return isSound
    }

    private func isSound(_ node: UInt32, level: Int, _ known: inout SoundNodes) -> Bool {
        if level < 0 {
            return node & Self.forkBit == 0 || Int(node & ~Self.forkBit) < forks.count
        }
        if node == 0 || known.contains(node, level) { return true }
        guard Int(node) < words.count else { return false }
        let size = Int32(words[Int32(bitPattern: node)].nonzeroBitCount)
        guard Int(node) + Int(size) < words.count else { return false }
        for offset in 0..<size {
            let child = words[Int32(bitPattern: node) + 1 + offset]
            guard isSound(child, level: level - 1, &known) else { return false }
        }
        known.insert(node, level)
        return true
    }
}

/// Nodes of a frontier table that were followed to the bottom, by level.
struct SoundNodes {
    private var nodes: Set<UInt64> = []
    private var recent: (UInt32, UInt32) = (0, 0)

    /// Whether it is one of the last two roots: events stored together share theirs.
    func isRecent(_ root: UInt32) -> Bool { root == recent.0 || root == recent.1 }

    mutating func note(_ root: UInt32) { recent = (root, recent.0) }

    func contains(_ node: UInt32, _ level: Int) -> Bool {
        node == 0 || nodes.contains(UInt64(node) << 2 | UInt64(level))
    }

    mutating func insert(_ node: UInt32, _ level: Int) {
        nodes.insert(UInt64(node) << 2 | UInt64(level))
    }
}
