/// Texts of stored messages that are not in their tables yet.
///
/// A commit stores the event and one row that says how its message arrived; text, indexes and
/// search entries follow before anything reads them, many at once. After a crash the rows say what
/// is to be filled in again.
struct DeferredTexts {
    struct Item {
        let entry: TextEntry
        let place: StoreCore.TextPlace
        let channel: Int64
    }

    private(set) var items: [Item] = []
    private var byteCount = 0
    /// Whose own messages wait; `nil` in it when some are nobody's here.
    private var principals: Set<String?> = []
    private var hasForeign = false

    var isEmpty: Bool { items.isEmpty }
    var isFull: Bool {
        items.count >= Limits.deferredTexts || byteCount >= Limits.deferredTextBytes
    }
    /// More than could be written after the commits they came in.
    var isOverfull: Bool {
        items.count >= 2 * Limits.deferredTexts || byteCount >= 2 * Limits.deferredTextBytes
    }

    mutating func add(_ added: [Item]) {
        items += added
        byteCount += added.reduce(0) { $0 + $1.entry.text.utf8.count }
        for item in added where !item.entry.flags.contains(.uncounted) {
            if item.entry.flags.contains(.local), principals.count < Limits.talliesPerChannel {
                principals.insert(item.entry.principal)
            } else {
                hasForeign = true
            }
        }
    }

    /// Whether something here may be unread by a principal: what others wrote.
    func canCount(for principal: String) -> Bool {
        hasForeign || principals.contains { $0 != nil && $0 != principal }
    }

    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        byteCount = 0
        principals.removeAll(keepingCapacity: true)
        hasForeign = false
    }
}

extension Limits {
    /// Texts, and their bytes, that wait to be written after their events.
    static let deferredTexts = 1_024
    static let deferredTextBytes = 1 << 20
}
