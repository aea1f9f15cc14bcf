/// Names a set of setup events: per author, how far along the chain they reach.
///
/// `lowerings` is the same for what takes rights away (PROTOCOL 5.10): most events share it with
/// everything else, so what follows from lowerings alone is remembered by it.
package struct Past: Hashable, Sendable {
    let setup: UInt32
    let lowerings: UInt32
    /// Stands for everything stored: forks count there even when a branch is loose.
    var isNow = false

    /// The past of the create event.
    package static let empty = Past(setup: 0, lowerings: 0)
}

/// How far one branch of a chain reaches.
struct BranchReach: Hashable, Sendable {
    let branch: Int32
    let seq: UInt32
}

/// Frontiers as nodes of one shared tree, so that equal frontiers have equal numbers and one
/// that differs in an author costs four small nodes, however many authors there are.
///
/// Asking whether an event lies in a past is four array reads, never a walk (PROTOCOL 5.10).
/// - Shape: a node is 32 words; the authors' numbers are the path, five bits a level. A word at
///   the bottom is a seq of the only branch, or a number in `forks` with the top bit set.
/// - Bounds: 512 bytes per distinct setup event; joins are memoised, 65,536 at a time.
struct FrontierTable: Sendable {
    private static let width = 32
    private static let levels = 4
    private static let memoMax = 65_536
    private static let forkBit: UInt32 = 1 << 31

    private var words = [UInt32](repeating: 0, count: width)
    private var places = [UInt32](repeating: 0, count: 1_024)
    private var joins: [UInt64: UInt32] = [:]
    private var forks: [[BranchReach]] = []
    private var forkNumbers: [[BranchReach]: UInt32] = [:]

    /// How far `author` reaches in a frontier; empty when nothing of his is in it.
    func reach(of author: AuthorNumber, in root: UInt32) -> [BranchReach] {
        let word = leaf(of: author, in: root)
        if word == 0 { return [] }
        if word & Self.forkBit == 0 { return [BranchReach(branch: 0, seq: word)] }
        return forks[Int(word & ~Self.forkBit)]
    }

    /// The seq reached on the only branch, or `nil` when `author` has several in this frontier.
    func plainReach(of author: AuthorNumber, in root: UInt32) -> UInt32? {
        let word = leaf(of: author, in: root)
        return word & Self.forkBit == 0 ? word : nil
    }

    private func leaf(of author: AuthorNumber, in root: UInt32) -> UInt32 {
        var node = root
        for level in (0..<Self.levels).reversed() {
            if node == 0 { return 0 }
            node = words[Int(node) * Self.width + Int(author.index >> (5 * level)) & 31]
        }
        return node
    }

    mutating func join(_ left: UInt32, _ right: UInt32) -> UInt32 {
        join(left, right, level: Self.levels - 1)
    }

    /// `root` with `author` reaching at least `seq` on `branch`.
    mutating func adding(
        _ author: AuthorNumber, _ reach: BranchReach, to root: UInt32
    ) -> UInt32 {
        var node = reach.branch == 0 ? reach.seq : number(of: [reach])
        for level in 0..<Self.levels {
            var content = [UInt32](repeating: 0, count: Self.width)
            content[Int(author.index >> (5 * level)) & 31] = node
            node = intern(content)
        }
        return join(root, node)
    }

    private mutating func join(_ left: UInt32, _ right: UInt32, level: Int) -> UInt32 {
        if left == right || right == 0 { return left }
        if left == 0 { return right }
        if level < 0 { return joinLeaves(left, right) }
        let key = UInt64(min(left, right)) << 32 | UInt64(max(left, right))
        let memoKey = key &* 4 &+ UInt64(level)
        if let known = joins[memoKey] { return known }
        var content = [UInt32](repeating: 0, count: Self.width)
        for place in 0..<Self.width {
            content[place] = join(
                words[Int(left) * Self.width + place], words[Int(right) * Self.width + place],
                level: level - 1)
        }
        let result = intern(content)
        if joins.count >= Self.memoMax { joins.removeAll(keepingCapacity: true) }
        joins[memoKey] = result
        return result
    }

    private mutating func joinLeaves(_ left: UInt32, _ right: UInt32) -> UInt32 {
        if left & Self.forkBit == 0 && right & Self.forkBit == 0 { return max(left, right) }
        var reach: [Int32: UInt32] = [:]
        for entry in branches(left) + branches(right) {
            reach[entry.branch] = max(reach[entry.branch] ?? 0, entry.seq)
        }
        return number(
            of: reach.map { BranchReach(branch: $0, seq: $1) }.sorted { $0.branch < $1.branch })
    }

    private func branches(_ word: UInt32) -> [BranchReach] {
        word & Self.forkBit == 0
            ? [BranchReach(branch: 0, seq: word)] : forks[Int(word & ~Self.forkBit)]
    }

    private mutating func number(of reach: [BranchReach]) -> UInt32 {
        if let known = forkNumbers[reach] { return known }
        let number = UInt32(forks.count) | Self.forkBit
        forks.append(reach)
        forkNumbers[reach] = number
        return number
    }

    /// The number of the node with this content; equal contents have one number.
    private mutating func intern(_ content: [UInt32]) -> UInt32 {
        if (words.count / Self.width) * 2 > places.count { grow() }
        let mask = places.count - 1
        var place = content.hashValue & mask
        while places[place] != 0 {
            let start = Int(places[place]) * Self.width
            if words[start..<(start + Self.width)].elementsEqual(content) { return places[place] }
            place = (place + 1) & mask
        }
        let node = UInt32(words.count / Self.width)
        words.append(contentsOf: content)
        places[place] = node
        return node
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: places.count * 2)
        let mask = places.count - 1
        for node in 1..<(words.count / Self.width) {
            let content = Array(words[(node * Self.width)..<((node + 1) * Self.width)])
            var place = content.hashValue & mask
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = UInt32(node)
        }
    }
}
