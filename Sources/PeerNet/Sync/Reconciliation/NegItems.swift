/// Everything one side holds, sorted, with sums that make any fingerprint cheap.
///
/// - Cost: 40 bytes an item; a fingerprint adds at most `2 × sumEvery` names, a bound is found in
///   O(log n).
package struct NegItems: Sendable {
    private static let sumEvery = 32

    private let items: [NegItem]
    /// The sum of all items before number `index × sumEvery`.
    private let sums: [NegSum]

    /// - Parameter items: in any order; one that comes twice counts once.
    package init(_ items: [NegItem]) {
        var sorted = items.sorted()
        var kept = 0
        for index in sorted.indices where index == 0 || sorted[index] != sorted[kept - 1] {
            sorted[kept] = sorted[index]
            kept += 1
        }
        sorted.removeLast(sorted.count - kept)
        var sums: [NegSum] = []
        sums.reserveCapacity(sorted.count / Self.sumEvery + 1)
        var sum = NegSum()
        for (index, item) in sorted.enumerated() {
            if index.isMultiple(of: Self.sumEvery) { sums.append(sum) }
            sum += item.id
        }
        self.items = sorted
        self.sums = sums
    }

    package var count: Int { items.count }

    package subscript(_ index: Int) -> NegItem { items[index] }

    subscript(_ range: Range<Int>) -> ArraySlice<NegItem> { items[range] }

    /// The first item from `start` on that is not below the bound; `count` when all are.
    func firstIndex(notBelow bound: NegBound, from start: Int) -> Int {
        if bound == .infinity { return count }
        let place = bound.place
        var low = start
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if items[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func fingerprint(_ range: Range<Int>) -> [UInt8] {
        (sum(before: range.upperBound) - sum(before: range.lowerBound))
            .fingerprint(count: range.count)
    }

    private func sum(before index: Int) -> NegSum {
        let block = min(index / Self.sumEvery, sums.count - 1)
        guard block >= 0 else { return NegSum() }
        var sum = sums[block]
        for item in items[block * Self.sumEvery..<index] { sum += item.id }
        return sum
    }
}
