import PeerState

/// The sum of names modulo 2²⁵⁶, from which a fingerprint is made.
///
/// - Source: PROTOCOL 9.3.
struct NegSum: Hashable, Sendable {
    /// Little-endian: word 0 is the lowest.
    private var words = SIMD4<UInt64>()

    static func += (left: inout NegSum, id: NegID) {
        left.add { id.words[$0].byteSwapped }
    }

    static func - (left: NegSum, right: NegSum) -> NegSum {
        var result = left
        var borrow: UInt64 = 0
        for index in 0..<4 {
            let (first, under) = left.words[index].subtractingReportingOverflow(right.words[index])
            let (second, underAgain) = first.subtractingReportingOverflow(borrow)
            result.words[index] = second
            borrow = under || underAgain ? 1 : 0
        }
        return result
    }

    private mutating func add(_ word: (Int) -> UInt64) {
        var carry: UInt64 = 0
        for index in 0..<4 {
            let (first, over) = words[index].addingReportingOverflow(word(index))
            let (second, overAgain) = first.addingReportingOverflow(carry)
            words[index] = second
            carry = over || overAgain ? 1 : 0
        }
    }

    /// - Shape: 16 bytes.
    func fingerprint(count: Int) -> [UInt8] {
        var input: [UInt8] = []
        input.reserveCapacity(42)
        for index in 0..<4 {
            withUnsafeBytes(of: words[index].littleEndian) { input.append(contentsOf: $0) }
        }
        NegWriter.append(varint: UInt64(count), to: &input)
        return Array(Cipher.sha256(input).prefix(Limits.negFingerprint))
    }
}
