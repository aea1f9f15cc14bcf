/// One thing that both sides may hold: where it stands, and what it is called.
///
/// - Order: key, then id. Source: PROTOCOL 9.3.
package struct NegItem: Hashable, Comparable, Sendable {
    package var key: UInt64
    package var id: NegID

    package init(key: UInt64, id: NegID) {
        self.key = key
        self.id = id
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.key == right.key ? left.id < right.id : left.key < right.key
    }
}
