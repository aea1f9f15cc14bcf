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
/// Asking whether an event lies in a past is a few array reads, never a walk (PROTOCOL 5.10).
/// - Shape: a node is a word of 32 bits that say which children there are, and a word for each of
///   these; its number is where it begins. The authors' numbers are the path, five bits a level. A
///   word at the bottom is a seq of the only branch, or a number in `forks` with the top bit set.
/// - Bounds: per distinct setup event as many words as authors share its two lowest nodes, at most
///   70; joins are memoised, 65,536 at a time.
struct FrontierTable: Sendable {
    static let levels = 4
    private static let memoMax = 65_536
    static let forkBit: UInt32 = 1 << 31

    /// The first word is nobody's: 0 names the empty frontier.
    var words = Column<UInt32>()
    var nodeCount = 0
    /// Numbers of nodes by their content; 0 is free.
    var places = [UInt32](repeating: 0, count: 1_024)
    private var joins: [UInt64: UInt32] = [:]
    var forks: [[BranchReach]] = []
    var forkNumbers: [[BranchReach]: UInt32] = [:]

    init() { words.append(0) }

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
            node = child(of: node, at: Self.place(of: author, level))
        }
        return node
    }

    private static func place(of author: AuthorNumber, _ level: Int) -> UInt32 {
        UInt32(author.index >> (5 * Int32(level))) & 31
    }

    private func child(of node: UInt32, at place: UInt32) -> UInt32 {
        let start = Int32(bitPattern: node)
        let present = words[start]
        guard present >> place & 1 == 1 else { return 0 }
        let before = present & ((1 << place) - 1)
        return words[start + 1 + Int32(before.nonzeroBitCount)]
    }

    mutating func join(_ left: UInt32, _ right: UInt32) -> UInt32 {
        join(left, right, level: Self.levels - 1)
    }

    /// `root` with `author` reaching at least `seq` on `branch`.
    mutating func adding(
        _ author: AuthorNumber, _ reach: BranchReach, to root: UInt32
    ) -> UInt32 {
        let word = reach.branch == 0 ? reach.seq : number(of: [reach])
        return adding(author, word, to: root, level: Self.levels - 1)
    }

    private mutating func adding(
        _ author: AuthorNumber, _ word: UInt32, to node: UInt32, level: Int
    ) -> UInt32 {
        if level < 0 { return node == 0 ? word : joinLeaves(node, word) }
        let place = Self.place(of: author, level)
        let old = node == 0 ? 0 : child(of: node, at: place)
        let new = adding(author, word, to: old, level: level - 1)
        if new == old { return node }
        var content = children(of: node)
        content[Int(place)] = new
        return intern(content)
    }

    private mutating func join(_ left: UInt32, _ right: UInt32, level: Int) -> UInt32 {
        if left == right || right == 0 { return left }
        if left == 0 { return right }
        if level < 0 { return joinLeaves(left, right) }
        // The same words may be a node of several levels, and then mean something else on each.
        let pair = UInt64(min(left, right)) << 32 | UInt64(max(left, right))
        let key = pair &* 4 &+ UInt64(level)
        if let known = joins[key] { return known }
        var content = children(of: left)
        let other = children(of: right)
        for place in content.indices where other[place] != 0 {
            content[place] = join(content[place], other[place], level: level - 1)
        }
        let result = intern(content)
        if joins.count >= Self.memoMax { joins.removeAll(keepingCapacity: true) }
        joins[key] = result
        return result
    }

    /// All 32 children, those that are missing as 0.
    private func children(of node: UInt32) -> [UInt32] {
        var result = [UInt32](repeating: 0, count: 32)
        guard node != 0 else { return result }
        var next = Int32(bitPattern: node)
        let present = words[next]
        for place in 0..<32 where present >> UInt32(place) & 1 == 1 {
            next += 1
            result[place] = words[next]
        }
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

    /// The number of the node with these children; equal contents have one number.
    private mutating func intern(_ children: [UInt32]) -> UInt32 {
        var content: [UInt32] = [0]
        content.reserveCapacity(33)
        for place in 0..<32 where children[place] != 0 {
            content[0] |= 1 << UInt32(place)
            content.append(children[place])
        }
        if nodeCount * 2 > places.count { grow() }
        let mask = places.count - 1
        var place = content.hashValue & mask
        while places[place] != 0 {
            if holds(content, at: places[place]) { return places[place] }
            place = (place + 1) & mask
        }
        let node = UInt32(words.count)
        for word in content { words.append(word) }
        nodeCount += 1
        places[place] = node
        return node
    }

    private func holds(_ content: [UInt32], at node: UInt32) -> Bool {
        let start = Int32(bitPattern: node)
        return content.indices.allSatisfy { words[start + Int32($0)] == content[$0] }
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: places.count * 2)
        forEachNode { $0.put($1, $2) }
    }

    mutating func put(_ content: [UInt32], _ node: UInt32) {
        let mask = places.count - 1
        var place = content.hashValue & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = node
    }

    mutating func forEachNode(_ body: (inout Self, [UInt32], UInt32) -> Void) {
        var next: Int32 = 1
        while next < words.count {
            let size = 1 + Int32(words[next].nonzeroBitCount)
            body(&self, (next..<next + size).map { words[$0] }, UInt32(bitPattern: next))
            next += size
        }
    }
}
