package import PeerState

/// What happens next in virtual time; equal times come in an order the seed decides.
///
/// - Cost: O(log n) per entry.
package struct EventQueue<Element: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Instant
        let tie: UInt64
        let element: Element

        func precedes(_ other: Entry) -> Bool {
            at == other.at ? tie < other.tie : at < other.at
        }
    }

    private var heap: [Entry] = []

    package init() {}

    package var isEmpty: Bool { heap.isEmpty }
    package var count: Int { heap.count }
    package var nextTime: Instant? { heap.first?.at }

    package mutating func add(_ element: Element, at: Instant, tie: UInt64) {
        heap.append(Entry(at: at, tie: tie, element: element))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    package mutating func next() -> (at: Instant, element: Element)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.element)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[smallest]) {
                smallest = child
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
