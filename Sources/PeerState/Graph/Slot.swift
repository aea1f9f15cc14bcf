/// A stored event's place in the table of one replica: parents always stand before children.
///
/// Slots follow arrival, so they differ between nodes and never reach bytes or a decision.
package struct Slot: Hashable, Comparable, Sendable {
    let index: Int32

    package static func < (left: Self, right: Self) -> Bool { left.index < right.index }

    package func _rawHashValue(seed: Int) -> Int {
        FastHash.value(UInt64(UInt32(bitPattern: index)), 0, seed: seed)
    }
}

/// The number of an author in the table of one replica, in order of arrival.
package struct AuthorNumber: Hashable, Comparable, Sendable {
    let index: Int32

    package static func < (left: Self, right: Self) -> Bool { left.index < right.index }

    package func _rawHashValue(seed: Int) -> Int {
        FastHash.value(UInt64(UInt32(bitPattern: index)), 1, seed: seed)
    }
}
