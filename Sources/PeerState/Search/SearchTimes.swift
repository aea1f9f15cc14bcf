/// Between which times the messages of each stretch of row numbers lie, so that a search for a
/// time looks at no other stretches.
///
/// - Shape: one element per 128 rows, 16 bytes each; filled by the first search that needs it.
/// - What a message loses, or a transaction takes back, is not narrowed again: bounds stay true.
struct SearchTimes {
    private struct Stretch {
        var first = Int64.max
        var last = Int64.min
    }

    private static let shift: Int64 = 7
    private var stretches: [Stretch] = []
    /// Whether everything stored was noted.
    var isComplete = false

    /// The time a search goes by: the author's, no later than this node can believe.
    ///
    /// Signed, as the database compares them.
    static func shown(wall: UInt64, stored: UInt64) -> Int64 {
        let latest = Int64(bitPattern: stored) &+ Int64(Limits.clockAheadMilliseconds)
        return min(Int64(bitPattern: wall), latest)
    }

    mutating func note(_ row: Int64, _ time: Int64) {
        guard row >= 0 else { return }
        let number = Int(row >> Self.shift)
        while stretches.count <= number { stretches.append(Stretch()) }
        stretches[number].first = min(stretches[number].first, time)
        stretches[number].last = max(stretches[number].last, time)
    }

    /// Rows among which everything from `since` on and earlier than `before` stands, newest first.
    ///
    /// - Bound: `Limits.searchRanges`; the smallest gaps between them are not left out.
    func rows(since: UInt64?, before: UInt64?) -> [ClosedRange<Int64>] {
        let since = since.map { Int64(bitPattern: $0) } ?? .min
        let before = before.map { Int64(bitPattern: $0) } ?? .max
        var found: [ClosedRange<Int64>] = []
        for (number, stretch) in stretches.enumerated()
        where stretch.first < before && stretch.last >= since {
            let first = Int64(number) << Self.shift
            let end = first + (1 << Self.shift) - 1
            if let last = found.last, last.upperBound + 1 == first {
                found[found.count - 1] = last.lowerBound...end
            } else {
                found.append(first...end)
            }
        }
        return Self.joined(found).reversed()
    }

    /// Joins neighbours over the smallest gaps until there are few enough.
    private static func joined(_ ranges: [ClosedRange<Int64>]) -> [ClosedRange<Int64>] {
        guard ranges.count > Limits.searchRanges else { return ranges }
        let gaps = (1..<ranges.count).sorted { left, right in
            let (one, other) = (gap(ranges, left), gap(ranges, right))
            return one == other ? left < right : one > other
        }
        let kept = Set(gaps.prefix(Limits.searchRanges - 1))
        var result = [ranges[0]]
        for (number, range) in ranges.enumerated().dropFirst() {
            if kept.contains(number) {
                result.append(range)
            } else {
                result[result.count - 1] =
                    result[result.count - 1].lowerBound...range.upperBound
            }
        }
        return result
    }

    private static func gap(_ ranges: [ClosedRange<Int64>], _ number: Int) -> Int64 {
        ranges[number].lowerBound - ranges[number - 1].upperBound
    }
}

extension Limits {
    /// Stretches of row numbers that one search looks at.
    static let searchRanges = 8
}
