/// Reads what `PartWriter` wrote; whatever does not fit is refused.
///
/// The bytes were checked against their hash, so a refusal means a mistake of a program, not of a
/// disk: the caller folds from the events instead.
struct PartReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func wrong(_ what: String) -> StoreFailure {
        StoreFailure(.corrupt, "a checkpoint has \(what) that cannot be; the events decide")
    }

    private mutating func take(_ count: Int) throws(StoreFailure) -> Range<Int> {
        guard count >= 0, count <= bytes.count - place else { throw Self.wrong("a length") }
        defer { place += count }
        return place..<(place + count)
    }

    mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self
    ) throws(StoreFailure) -> Number {
        let range = try take(MemoryLayout<Number>.size)
        return bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: range.lowerBound, as: Number.self)
        }
    }

    /// How many elements follow, each of at least this many bytes.
    mutating func count(eachAtLeast size: Int) throws(StoreFailure) -> Int {
        let count = Int(try number(UInt32.self))
        guard count * size <= bytes.count - place else { throw Self.wrong("a count") }
        return count
    }

    /// - Errors: `corrupt` for a slot that is not below `limit`.
    mutating func slot(below limit: Int) throws(StoreFailure) -> Slot {
        let index = try number(Int32.self)
        guard index >= 0, index < limit else { throw Self.wrong("a slot") }
        return Slot(index: index)
    }

    mutating func slots(below limit: Int) throws(StoreFailure) -> [Slot] {
        var result: [Slot] = []
        for _ in 0..<(try count(eachAtLeast: 4)) { result.append(try slot(below: limit)) }
        return result
    }

    mutating func identifier<Kind>() throws(StoreFailure) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(bytes[try take(32)]) else { throw Self.wrong("an id") }
        return id
    }

    mutating func text() throws(StoreFailure) -> String {
        let range = try take(try count(eachAtLeast: 1))
        return String(decoding: bytes[range], as: UTF8.self)
    }

    mutating func sum() throws(StoreFailure) -> RowSum {
        let count = try number(UInt64.self)
        return RowSum(count: count, bytes: Array(bytes[try take(32)]))
    }

    mutating func column<Element: BitwiseCopyable>(
        _ type: Element.Type, count: Int
    ) throws(StoreFailure) -> [Element] {
        let range = try take(count * MemoryLayout<Element>.stride)
        return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[range]))
            }
            filled = count
        }
    }

    /// - Errors: `corrupt` when something is left.
    func end() throws(StoreFailure) {
        guard place == bytes.count else { throw Self.wrong("bytes too many") }
    }
}
