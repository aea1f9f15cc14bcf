/// A sum of row hashes modulo 2²⁵⁶ and their count: a set's digest that changes row by row.
package struct RowSum: Hashable, Sendable {
    package private(set) var count: UInt64 = 0
    /// Least significant word first.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    package init() {}

    /// A sum as it was kept; `bytes` as `bytes` gives them.
    init(count: UInt64, bytes: [UInt8]) {
        self.count = count
        words = (
            Self.word(bytes, 0), Self.word(bytes, 8), Self.word(bytes, 16), Self.word(bytes, 24)
        )
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.count == right.count && left.words == right.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        hasher.combine(words.0)
    }

    package mutating func add(_ row: [UInt8]) {
        count += 1
        let hash = Self.hash(row)
        var carry = false
        words.0 = Self.sum(words.0, hash.0, &carry)
        words.1 = Self.sum(words.1, hash.1, &carry)
        words.2 = Self.sum(words.2, hash.2, &carry)
        words.3 = Self.sum(words.3, hash.3, &carry)
    }

    package mutating func remove(_ row: [UInt8]) {
        precondition(count > 0, "a row is taken out once")
        count -= 1
        let hash = Self.hash(row)
        var borrow = false
        words.0 = Self.difference(words.0, hash.0, &borrow)
        words.1 = Self.difference(words.1, hash.1, &borrow)
        words.2 = Self.difference(words.2, hash.2, &borrow)
        words.3 = Self.difference(words.3, hash.3, &borrow)
    }

    private static let domain = Array("peer-agent/row/1".utf8)

    /// The hash of a row as words, the least significant first.
    private static func hash(_ row: [UInt8]) -> (UInt64, UInt64, UInt64, UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: domain.count + row.count) {
            input in
            let rest = input[input.update(fromContentsOf: domain)...]
            _ = UnsafeMutableBufferPointer(rebasing: rest).update(fromContentsOf: row)
            return Sodium.blake2bWords(UnsafeBufferPointer(input))
        }
    }

    /// Adds all rows of another set.
    mutating func merge(_ other: RowSum) {
        count += other.count
        var carry = false
        words.0 = Self.sum(words.0, other.words.0, &carry)
        words.1 = Self.sum(words.1, other.words.1, &carry)
        words.2 = Self.sum(words.2, other.words.2, &carry)
        words.3 = Self.sum(words.3, other.words.3, &carry)
    }

    /// The sum as 32 bytes, least significant first.
    package var bytes: [UInt8] {
        var result: [UInt8] = []
        for word in [words.0, words.1, words.2, words.3] {
            withUnsafeBytes(of: word.littleEndian) { result.append(contentsOf: $0) }
        }
        return result
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in stride(from: offset + 7, through: offset, by: -1) {
            value = value << 8 | UInt64(bytes[index])
        }
        return value
    }

    private static func difference(
        _ left: UInt64, _ right: UInt64, _ borrow: inout Bool
    ) -> UInt64 {
        let (first, under) = left.subtractingReportingOverflow(right)
        let (second, underAgain) = first.subtractingReportingOverflow(borrow ? 1 : 0)
        borrow = under || underAgain
        return second
    }

    private static func sum(_ left: UInt64, _ right: UInt64, _ carry: inout Bool) -> UInt64 {
        let (first, over) = left.addingReportingOverflow(right)
        let (second, overAgain) = first.addingReportingOverflow(carry ? 1 : 0)
        carry = over || overAgain
        return second
    }
}

/// The digest two nodes compare to know that they hold the same state.
///
/// - Source: PROTOCOL 6.2. Messages and void events are summed as they arrive; the few rows of
///   the other sections are made when somebody asks.
package enum StateHash {
    package static let sectionCount = 15

    package static func hash(of state: ServerState) -> Digest.Value {
        Sodium.hash("peer-agent/state/1", encoding(of: state))
    }

    /// `[1, server, [section …]]`, each section `[number, row count, sum]`.
    package static func encoding(of state: ServerState) -> [UInt8] {
        let sums = sections(of: state)
        var writer = CBORWriter()
        writer.array(3)
        writer.unsigned(1)
        writer.identifier(state.id)
        writer.array(sums.count)
        for (index, sum) in sums.enumerated() {
            writer.array(3)
            writer.unsigned(UInt64(index + 1))
            writer.unsigned(sum.count)
            writer.byteString(sum.bytes)
        }
        return writer.bytes
    }

    /// `[[number, row count, sum] …]`, as nodes tell each other where they differ.
    package static func encodedSections(of state: ServerState) -> [UInt8] {
        let sums = sections(of: state)
        var writer = CBORWriter()
        writer.array(sums.count)
        for (index, sum) in sums.enumerated() {
            writer.array(3)
            writer.unsigned(UInt64(index + 1))
            writer.unsigned(sum.count)
            writer.byteString(sum.bytes)
        }
        return writer.bytes
    }

    /// The lowest number of a section that two encodings disagree on; `nil` when none does or one
    /// of them is not such an array.
    package static func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int? {
        do {
            guard case .array(let own) = try CBORValue(decoding: left),
                case .array(let other) = try CBORValue(decoding: right)
            else { return nil }
            return zip(own, other).enumerated().first { $0.element.0 != $0.element.1 }
                .map { $0.offset + 1 }
        } catch {
            return nil
        }
    }

    package static func sections(of state: ServerState) -> [RowSum] {
        var sums = [RowSum](repeating: RowSum(), count: sectionCount)
        for (section, row) in StateRows.few(of: state) { sums[section - 1].add(row) }
        for record in state.holdingRecords {
            sums[7].merge(record.messageRows)
            sums[8].merge(record.reactionRows)
        }
        sums[14] = state.voidRows
        return sums
    }
}
