/// A 32-byte name that can only be compared with names of the same kind.
///
/// `Kind` is never stored; it keeps an `Event.ID` from being passed where a `Peer.ID` is meant.
/// - Order: that of the bytes, unsigned.
/// - Access: public, so that other modules compare and hash it without a call
///   (docs/decisions/0043).
public struct Identifier<Kind>: Hashable, Comparable, Sendable, BitwiseCopyable {
    // Words are read big-endian, so that comparing words compares bytes. Four of them and no
    // `SIMD4`: the compiler writes past async frames that hold one (docs/decisions/0004).
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64
    @usableFromInline let third: UInt64
    @usableFromInline let fourth: UInt64

    package static var byteCount: Int { 32 }

    /// Returns `nil` unless there are exactly 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var rest = bytes.makeIterator()
        first = Self.word(&rest)
        second = Self.word(&rest)
        third = Self.word(&rest)
        fourth = Self.word(&rest)
    }

    /// The same of an array, as other modules have it.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(bytes, at: 0)
    }

    private static func word(_ bytes: inout some IteratorProtocol<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        for _ in 0..<8 { word = word << 8 | UInt64(bytes.next() ?? 0) }
        return word
    }

    /// The same 32 bytes under another meaning, such as the server named by its create event.
    package init<Other>(_ other: Identifier<Other>) {
        first = other.first
        second = other.second
        third = other.third
        fourth = other.fourth
    }

    /// Parses 64 hexadecimal digits of either case; `nil` for anything else.
    package init?(hex: some StringProtocol) {
        guard let bytes = [UInt8](hex: hex) else { return nil }
        self.init(bytes)
    }

    @inlinable public static func == (left: Self, right: Self) -> Bool {
        left.first == right.first && left.second == right.second && left.third == right.third
            && left.fourth == right.fourth
    }

    @inlinable public static func < (left: Self, right: Self) -> Bool {
        (left.first, left.second, left.third, left.fourth)
            < (right.first, right.second, right.third, right.fourth)
    }

    package var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Self.byteCount)
        append(to: &result)
        return result
    }

    package func append(to result: inout [UInt8]) {
        withUnsafeBytes(of: memoryWords) { result.append(contentsOf: $0) }
    }

    /// Words that lie in memory as the 32 bytes do.
    var memoryWords: (UInt64, UInt64, UInt64, UInt64) {
        (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian)
    }

    /// Reads 32 bytes where they lie.
    ///
    /// - Precondition: that many follow `start`.
    init(_ bytes: [UInt8], at start: Int) {
        precondition(start >= 0 && bytes.count - start >= Self.byteCount, "32 bytes")
        (first, second, third, fourth) = bytes.withUnsafeBytes { bytes in
            func word(_ index: Int) -> UInt64 {
                let offset = start + index * MemoryLayout<UInt64>.size
                return UInt64(
                    bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            return (word(0), word(1), word(2), word(3))
        }
    }

    /// Eight bytes are enough: making two ids that agree in them takes 2^64 tries.
    @inlinable public func hash(into hasher: inout Hasher) {
        hasher.combine(second)
    }

    /// What tables of the standard library ask for.
    @inlinable public func _rawHashValue(seed: Int) -> Int {
        FastHash.value(first, second, seed: seed)
    }

    /// The first sixteen bytes, for tables of their own.
    var leading: (UInt64, UInt64) { (first, second) }

    /// The first eight bytes, as `HeadsDelta` frames carry them.
    package var prefix: UInt64 { first }

    package var hex: String { bytes.hex }
    /// The first 16 hexadecimal digits: enough for people and logs.
    package var short: String { String(hex.prefix(16)) }
}

extension Identifier: CustomStringConvertible {
    public var description: String { short }
}

/// One Ed25519 key pair, one writer process.
package enum Peer { package typealias ID = Identifier<Peer> }
/// One community: the events that rest on one `server.create`.
package enum Server { package typealias ID = Identifier<Server> }
/// A stream of messages inside a server.
package enum Channel { package typealias ID = Identifier<Channel> }
/// One channel key and the readers it was sealed to; named by the last part of its rotation.
package enum Epoch { package typealias ID = Identifier<Epoch> }
/// An X25519 public key; never an identity.
package enum Exchange { package typealias PublicKey = Identifier<Exchange> }
/// The result of hashing something that is not an event.
package enum Digest { package typealias Value = Identifier<Digest> }

extension [UInt8] {
    /// Lower-case hexadecimal digits, two per byte.
    package var hex: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(count * 2)
        for byte in self {
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `nil` for an odd number of digits or for anything that is no digit.
    package init?(hex: some StringProtocol) {
        let digits = Array<UInt8>(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init()
        reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1])
            else { return nil }
            append(high << 4 | low)
        }
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 97...102: digit - 87
        case 65...70: digit - 55
        default: nil
        }
    }
}
