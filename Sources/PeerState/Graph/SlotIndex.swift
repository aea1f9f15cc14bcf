/// Finds the slot of an event id: open addressing over slots, ids stay in their column.
///
/// - Shape: a place holds slot + 1 in its low bits and, above them, bits of the id's hash, as many
///   as the slots leave free: an id that is not here is hardly ever compared with another.
/// - Bounds: 4 bytes per place, at most 70 % full. Hashing is seeded per process (`FastHash`).
struct SlotIndex: Sendable {
    /// 0 is free.
    private var places = [UInt32](repeating: 0, count: 1_024)
    private var count = 0

    private var mask: Int { places.count - 1 }
    /// Bits of a place that say which slot: fewer slots than places.
    private var slotBits: UInt32 { UInt32(truncatingIfNeeded: mask) }

    private static func hash(_ id: Event.ID) -> Int {
        let (first, second) = id.leading
        return FastHash.value(first, second, seed: 0)
    }

    /// The bits that stand above the slot, in their place.
    private func tag(_ hash: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: hash >> 32) & ~slotBits
    }

    func find(_ id: Event.ID, in ids: Column<Event.ID>) -> Slot? {
        let hash = Self.hash(id)
        let tag = tag(hash)
        let slotBits = slotBits
        var place = hash & mask
        return places.withUnsafeBufferPointer { places in
            while true {
                let stored = places[place]
                if stored == 0 { return nil }
                if stored & ~slotBits == tag {
                    let slot = Int32(bitPattern: stored & slotBits) - 1
                    if ids[slot] == id { return Slot(index: slot) }
                }
                place = (place + 1) & (places.count - 1)
            }
        }
    }

    /// Makes room for so many ids, before the first.
    mutating func reserve(_ expected: Int) {
        precondition(count == 0, "an index that is used grows by itself")
        var size = places.count
        while expected * 10 > size * 7 { size *= 2 }
        places = [UInt32](repeating: 0, count: size)
    }

    /// - Precondition: the id is not here, and its column already holds it.
    mutating func insert(_ slot: Slot, in ids: Column<Event.ID>) {
        count += 1
        if count * 10 > places.count * 7 { grow(ids, before: slot) }
        put(slot, ids[slot.index])
    }

    private mutating func put(_ slot: Slot, _ id: Event.ID) {
        let hash = Self.hash(id)
        var place = hash & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = tag(hash) | UInt32(slot.index + 1)
    }

    /// Slots are numbered without gaps, so that those that are here are the ones before `slot`.
    private mutating func grow(_ ids: Column<Event.ID>, before slot: Slot) {
        places = [UInt32](repeating: 0, count: places.count * 2)
        for index in 0..<slot.index { put(Slot(index: index), ids[index]) }
    }
}
