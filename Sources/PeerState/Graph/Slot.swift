/// A stored event's place in the table of one replica: parents always stand before children.
///
/// Slots follow arrival, so they differ between nodes and never reach bytes or a decision.
package struct Slot: Hashable, Comparable, Sendable {
    let index: Int32

    package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}

/// The number of an author in the table of one replica, in order of arrival.
package struct AuthorNumber: Hashable, Comparable, Sendable {
    let index: Int32

    package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}

/// One column of a long table: grows by blocks, so that growing never copies what is there.
///
/// - Bounds: at most one block of 8,192 elements is unused.
struct Column<Element: Sendable>: Sendable {
    private static var shift: Int { 13 }
    private var blocks: [[Element]] = []
    private(set) var count = 0

    mutating func append(_ element: Element) {
        if count & (1 << Self.shift - 1) == 0 {
            var block: [Element] = []
            block.reserveCapacity(1 << Self.shift)
            blocks.append(block)
        }
        blocks[blocks.count - 1].append(element)
        count += 1
    }

    subscript(index: Int32) -> Element {
        get { blocks[Int(index) >> Self.shift][Int(index) & (1 << Self.shift - 1)] }
        set { blocks[Int(index) >> Self.shift][Int(index) & (1 << Self.shift - 1)] = newValue }
    }
}
