import PeerState

/// The order of the entries of an `EventQueue`: numbers only, so that moving one costs nothing.
struct EventOrder: Sendable {
    private struct Entry: Sendable {
        let at: Instant
        let tie: UInt64
        let number: Int

        func precedes(_ other: Entry) -> Bool {
            at == other.at ? tie < other.tie : at < other.at
        }
    }

    private var heap: [Entry] = []

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    var nextTime: Instant? { heap.first?.at }

    mutating func add(_ number: Int, at: Instant, tie: UInt64) {
        heap.append(Entry(at: at, tie: tie, number: number))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (at: Instant, number: Int)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.number)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in (2 * parent + 1)...(2 * parent + 2)
            where child < heap.count && heap[child].precedes(heap[smallest]) {
                smallest = child
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
