package import PeerState

/// A 32-byte name in range reconciliation: ordered like its bytes, summed like a little-endian
/// integer.
///
/// - Source: PROTOCOL 9.3.
package struct NegID: Hashable, Comparable, Sendable {
    /// Four words, each read big-endian, so that comparing words compares bytes.
    let words: SIMD4<UInt64>

    static let byteCount = 32
    static let zero = NegID(words: SIMD4())

    init(words: SIMD4<UInt64>) {
        self.words = words
    }

    /// The bytes given and zeros for those that are missing.
    ///
    /// - Precondition: at most 32 bytes.
    init(padding bytes: some Collection<UInt8>) {
        precondition(bytes.count <= Self.byteCount, "an id has 32 bytes")
        var words = SIMD4<UInt64>()
        var position = 0
        for byte in bytes {
            words[position >> 3] |= UInt64(byte) << UInt64(56 - 8 * (position & 7))
            position += 1
        }
        self.words = words
    }

    package init<Kind>(_ identifier: Identifier<Kind>) {
        self.init(padding: identifier.bytes)
    }

    package static func < (left: Self, right: Self) -> Bool {
        for index in 0..<4 where left.words[index] != right.words[index] {
            return left.words[index] < right.words[index]
        }
        return false
    }

    package var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Self.byteCount)
        append(to: &result)
        return result
    }

    func append(to result: inout [UInt8]) {
        for index in 0..<4 {
            withUnsafeBytes(of: words[index].bigEndian) { result.append(contentsOf: $0) }
        }
    }

    /// How many leading bytes two names share.
    func sharedPrefix(with other: NegID) -> Int {
        for index in 0..<4 {
            let difference = words[index] ^ other.words[index]
            if difference != 0 { return index * 8 + difference.leadingZeroBitCount / 8 }
        }
        return Self.byteCount
    }

    /// The name that hides `identifier` for one exchange, so that nobody can prepare its sums.
    package static func salted<Kind>(_ identifier: Identifier<Kind>, _ salt: [UInt8]) -> NegID {
        NegID(Sodium.blake2b(identifier.bytes, key: salt))
    }
}
