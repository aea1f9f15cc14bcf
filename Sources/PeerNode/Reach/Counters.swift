/// Named numbers of what was dropped, refused or tried again, since the start.
package struct Counters: Hashable, Sendable {
    private var values: [Counter: UInt64] = [:]

    package init() {}

    package subscript(_ counter: Counter) -> UInt64 {
        get { values[counter] ?? 0 }
        set { values[counter] = newValue }
    }

    mutating func count(_ counter: Counter, _ amount: UInt64 = 1) {
        values[counter, default: 0] &+= amount
    }

    /// All of them, also those at zero, in the order of their listing.
    package var all: [(counter: Counter, value: UInt64)] {
        Counter.allCases.map { ($0, self[$0]) }
    }
}
