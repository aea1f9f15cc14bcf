package import PeerState

/// What happens next in virtual time; equal times come in an order the seed decides.
///
/// - Cost: O(log n) per entry; what an entry holds stays where it is while its place changes.
package struct EventQueue<Element: Sendable>: Sendable {
    private var order = EventOrder()
    /// By the number that `order` knows an entry by; `nil` for those that are free.
    private var elements: [Element?] = []
    private var free: [Int] = []

    package init() {}

    package var isEmpty: Bool { order.isEmpty }
    package var count: Int { order.count }
    package var nextTime: Instant? { order.nextTime }

    package mutating func add(_ element: Element, at: Instant, tie: UInt64) {
        let number = free.popLast() ?? elements.count
        if number == elements.count {
            elements.append(element)
        } else {
            elements[number] = element
        }
        order.add(number, at: at, tie: tie)
    }

    package mutating func next() -> (at: Instant, element: Element)? {
        guard let (at, number) = order.next(), let element = elements[number] else { return nil }
        elements[number] = nil
        free.append(number)
        return (at, element)
    }
}
