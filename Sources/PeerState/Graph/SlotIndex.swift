/// Finds the slot of an event id: open addressing over slots, ids stay in their column.
///
/// - Bounds: 4 bytes per place, at most 70 % full. Hashing is seeded per process, so nobody can
///   prepare ids that collide. Ids are hashes themselves, so that mixing two words is enough.
struct SlotIndex: Sendable {
    /// Slot + 1; 0 is free.
    private var places = [Int32](repeating: 0, count: 1_024)
    private var count = 0

    private static let seeds = (
        UInt64(truncatingIfNeeded: "first".hashValue),
        UInt64(truncatingIfNeeded: "second".hashValue)
    )

    private static func hash(_ id: Event.ID) -> Int {
        let (first, second) = id.leading
        let product = (first ^ seeds.0).multipliedFullWidth(by: second ^ seeds.1)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }

    func find(_ id: Event.ID, in ids: Column<Event.ID>) -> Slot? {
        let mask = places.count - 1
        var place = Self.hash(id) & mask
        while true {
            let stored = places[place]
            if stored == 0 { return nil }
            if ids[stored - 1] == id { return Slot(index: stored - 1) }
            place = (place + 1) & mask
        }
    }

    /// Makes room for so many ids, before the first.
    mutating func reserve(_ expected: Int) {
        precondition(count == 0, "an index that is used grows by itself")
        var size = places.count
        while expected * 10 > size * 7 { size *= 2 }
        places = [Int32](repeating: 0, count: size)
    }

    /// - Precondition: the id is not here, and its column already holds it.
    mutating func insert(_ slot: Slot, in ids: Column<Event.ID>) {
        count += 1
        if count * 10 > places.count * 7 { grow(ids) }
        put(slot, ids[slot.index])
    }

    private mutating func put(_ slot: Slot, _ id: Event.ID) {
        let mask = places.count - 1
        var place = Self.hash(id) & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = slot.index + 1
    }

    private mutating func grow(_ ids: Column<Event.ID>) {
        let old = places
        places = [Int32](repeating: 0, count: old.count * 2)
        for stored in old where stored != 0 {
            put(Slot(index: stored - 1), ids[stored - 1])
        }
    }
}
