/// A set of event numbers of one world.
struct OracleBits: Hashable {
    private var words: [UInt64] = []

    func contains(_ number: Int) -> Bool {
        let word = number >> 6
        return word < words.count && words[word] & (1 << UInt64(number & 63)) != 0
    }

    mutating func insert(_ number: Int) {
        let word = number >> 6
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt64(number & 63)
    }

    mutating func formUnion(_ other: OracleBits) {
        while words.count < other.words.count { words.append(0) }
        for position in other.words.indices { words[position] |= other.words[position] }
    }

    func meets(_ other: OracleBits) -> Bool {
        for position in 0..<min(words.count, other.words.count)
        where words[position] & other.words[position] != 0 {
            return true
        }
        return false
    }

    func isSuperset(of other: OracleBits) -> Bool {
        for position in other.words.indices {
            let own = position < words.count ? words[position] : 0
            if other.words[position] & ~own != 0 { return false }
        }
        return true
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// Ascending.
    var members: [Int] {
        var result: [Int] = []
        for position in words.indices {
            var left = words[position]
            while left != 0 {
                result.append(position * 64 + left.trailingZeroBitCount)
                left &= left - 1
            }
        }
        return result
    }
}
