/// Reads typed fields from bytes that `CBORScan` has found canonical.
///
/// - Errors: `mismatch` (by default `badField`) for an item of another type, range or count;
///   `cborTruncated` and `cborLength` when nothing is left to read.
package struct CBORReader {
    private let bytes: [UInt8]
    package private(set) var position: Int
    private let end: Int
    private let mismatch: WireCode

    package init(_ bytes: [UInt8], mismatch: WireCode = .badField) {
        self.bytes = bytes
        self.mismatch = mismatch
        position = 0
        end = bytes.count
    }

    /// What a wrong type at the next item throws, with a name for people.
    package func wrong(_ what: String) -> Failure<WireCode> { Failure(mismatch, what) }

    package var isAtEnd: Bool { position == end }

    /// The major type of the next item (0 … 7).
    package func peekMajor() throws(Failure<WireCode>) -> UInt8 {
        guard position < end else { throw Failure(.cborTruncated) }
        return bytes[position] >> 5
    }

    package mutating func unsigned(
        in range: ClosedRange<UInt64> = 0...UInt64.max, _ what: String = "unsigned integer"
    ) throws(Failure<WireCode>) -> UInt64 {
        let value = try argument(major: 0, what)
        guard range.contains(value) else { throw wrong(what) }
        return value
    }

    package mutating func byteString(
        max: Int = Int.max, _ what: String = "byte string"
    ) throws(Failure<WireCode>) -> [UInt8] {
        let count = try length(major: 2, what)
        guard count <= max else { throw wrong(what) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    package mutating func byteString(
        exactly count: Int, _ what: String = "byte string"
    ) throws(Failure<WireCode>) -> [UInt8] {
        let result = try byteString(max: count, what)
        guard result.count == count else { throw wrong(what) }
        return result
    }

    package mutating func identifier<Kind>(
        _ what: String = "32 bytes"
    ) throws(Failure<WireCode>) -> Identifier<Kind> {
        guard try length(major: 2, what) == Identifier<Kind>.byteCount else { throw wrong(what) }
        defer { position += Identifier<Kind>.byteCount }
        return Identifier(bytes, at: position)
    }

    /// A text of at most `max` UTF-8 bytes.
    package mutating func text(
        max: Int, _ what: String = "text"
    ) throws(Failure<WireCode>) -> String {
        let count = try length(major: 3, what)
        guard count <= max else { throw wrong(what) }
        defer { position += count }
        guard let text = String(validating: bytes[position..<position + count], as: UTF8.self)
        else { throw Failure(.cborUTF8, what) }
        return text
    }

    /// The number of elements of the array that begins here.
    package mutating func array(
        max: Int = Int.max, _ what: String = "array"
    ) throws(Failure<WireCode>) -> Int {
        let count = try argument(major: 4, what)
        guard count <= UInt64(end - position) else { throw Failure(.cborLength, what) }
        guard count <= UInt64(max) else { throw wrong(what) }
        return Int(count)
    }

    package mutating func array(
        exactly expected: Int, _ what: String = "array"
    ) throws(Failure<WireCode>) {
        guard try array(what) == expected else { throw wrong(what) }
    }

    package mutating func map(
        max: Int = Int.max, _ what: String = "map"
    ) throws(Failure<WireCode>) -> Int {
        let count = try argument(major: 5, what)
        guard count <= UInt64(end - position) / 2 else { throw Failure(.cborLength, what) }
        guard count <= UInt64(max) else { throw wrong(what) }
        return Int(count)
    }

    package mutating func bool(_ what: String = "bool") throws(Failure<WireCode>) -> Bool {
        guard position < end else { throw Failure(.cborTruncated, what) }
        switch bytes[position] {
        case 0xf4:
            position += 1
            return false
        case 0xf5:
            position += 1
            return true
        default: throw wrong(what)
        }
    }

    /// Consumes a `null` when one is next, and says so.
    package mutating func isNull() throws(Failure<WireCode>) -> Bool {
        guard position < end else { throw Failure(.cborTruncated) }
        guard bytes[position] == 0xf6 else { return false }
        position += 1
        return true
    }

    package mutating func optionalIdentifier<Kind>(
        _ what: String = "32 bytes or null"
    ) throws(Failure<WireCode>) -> Identifier<Kind>? {
        try isNull() ? nil : try identifier(what)
    }

    /// At most `max` identifiers, strictly ascending when `sorted`.
    package mutating func identifiers<Kind>(
        max: Int, sorted: Bool = true, _ what: String = "identifiers"
    ) throws(Failure<WireCode>) -> [Identifier<Kind>] {
        let count = try array(max: max, what)
        var result: [Identifier<Kind>] = []
        result.reserveCapacity(count)
        for _ in 0..<count {
            let next: Identifier<Kind> = try identifier(what)
            if sorted, let last = result.last, last >= next { throw wrong(what) }
            result.append(next)
        }
        return result
    }

    /// Passes over one item of any type.
    package mutating func skip() throws(Failure<WireCode>) {
        _ = try rawItem()
    }

    /// The encoded bytes of the next item, whatever it is.
    package mutating func rawItem() throws(Failure<WireCode>) -> [UInt8] {
        let start = position
        var open = 1
        while open > 0 {
            open -= 1
            let major = try peekMajor()
            let argument = try argument(major: major, "item")
            switch major {
            case 2, 3:
                guard argument <= UInt64(end - position) else { throw Failure(.cborLength) }
                position += Int(argument)
            case 4:
                guard argument <= UInt64(end - position) else { throw Failure(.cborLength) }
                open += Int(argument)
            case 5:
                guard argument <= UInt64(end - position) / 2 else { throw Failure(.cborLength) }
                open += Int(argument) * 2
            default: break
            }
        }
        return Array(bytes[start..<position])
    }

    private mutating func length(
        major: UInt8, _ what: String
    ) throws(Failure<WireCode>) -> Int {
        let count = try argument(major: major, what)
        guard count <= UInt64(end - position) else { throw Failure(.cborLength, what) }
        return Int(count)
    }

    private mutating func argument(
        major: UInt8, _ what: String
    ) throws(Failure<WireCode>) -> UInt64 {
        guard position < end else { throw Failure(.cborTruncated, what) }
        let initial = bytes[position]
        guard initial >> 5 == major else { throw wrong(what) }
        let info = initial & 31
        guard info >= 24 else {
            position += 1
            return UInt64(info)
        }
        guard info <= 27 else { throw Failure(.cborReserved, what) }
        let size = 1 << Int(info - 24)
        guard end - position > size else { throw Failure(.cborTruncated, what) }
        var argument: UInt64 = 0
        for offset in 1...size { argument = argument << 8 | UInt64(bytes[position + offset]) }
        position += 1 + size
        return argument
    }
}
