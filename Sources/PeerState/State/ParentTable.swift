/// What each reply answers, by slot.
///
/// - Shape: two columns in order of the reply's slot, as events are stored in that order; what
///   comes in another order stands beside them. A hash table of as many would miss the cache with
///   every message of a large server.
struct ParentTable: Sendable {
    private var replies = Column<Int32>()
    private var parents = Column<Int32>()
    private var others: [Slot: Slot] = [:]

    subscript(slot: Slot) -> Slot? {
        get {
            if let place = place(of: slot) { return Slot(index: parents[Int32(place)]) }
            return others.isEmpty ? nil : others[slot]
        }
        set {
            guard let newValue else { return }
            if let place = place(of: slot) {
                parents[Int32(place)] = newValue.index
            } else if replies.count == 0 || replies[Int32(replies.count - 1)] < slot.index {
                replies.append(slot.index)
                parents.append(newValue.index)
            } else {
                others[slot] = newValue
            }
        }
    }

    /// Where a reply stands in the columns; most questions are about the newest event.
    private func place(of slot: Slot) -> Int? {
        var (low, high) = (0, replies.count)
        guard high > 0 else { return nil }
        let last = replies[Int32(high - 1)]
        if last <= slot.index { return last == slot.index ? high - 1 : nil }
        while low < high {
            let middle = (low + high) / 2
            let found = replies[Int32(middle)]
            if found == slot.index { return middle }
            if found < slot.index { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}
