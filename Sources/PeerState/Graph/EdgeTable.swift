/// The parents of every event, as distances: most are near, so that one takes a byte or two.
///
/// - Shape: per event the varints of (slot − parent), in order.
struct EdgeTable: Sendable {
    /// Where the distances of a slot begin.
    private var starts = Column<UInt32>()
    private var bytes = Column<UInt8>()

    subscript(slot: Slot) -> [Slot] {
        var result: [Slot] = []
        // A byte or more for each.
        result.reserveCapacity(Int(end(of: slot) - Int32(bitPattern: starts[slot.index])))
        forEach(of: slot) { result.append($0) }
        return result
    }

    func forEach(of slot: Slot, _ body: (Slot) -> Void) {
        var place = Int32(bitPattern: starts[slot.index])
        let end = self.end(of: slot)
        while place < end {
            var distance: UInt32 = 0
            var shift: UInt32 = 0
            while true {
                let byte = bytes[place]
                place += 1
                distance |= UInt32(byte & 0x7f) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            body(Slot(index: slot.index - Int32(distance)))
        }
    }

    private func end(of slot: Slot) -> Int32 {
        let next = slot.index + 1
        return next < starts.count ? Int32(bitPattern: starts[next]) : Int32(bytes.count)
    }

    /// Adds the parents of the next slot; all of them stand before it.
    mutating func append(_ parents: [Slot]) {
        let slot = Int32(starts.count)
        starts.append(UInt32(bytes.count))
        for parent in parents {
            var distance = UInt32(slot - parent.index)
            while distance >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: distance) | 0x80)
                distance >>= 7
            }
            bytes.append(UInt8(distance))
        }
    }

    /// The distances of some slots as they are kept, and how many bytes belong to each.
    func encoded(_ slots: [Slot]) -> (lengths: [UInt16], bytes: [UInt8]) {
        guard let first = slots.first, let last = slots.last else { return ([], []) }
        let lengths = slots.map { slot in
            UInt16(end(of: slot) - Int32(bitPattern: starts[slot.index]))
        }
        let range = Int32(bitPattern: starts[first.index])..<end(of: last)
        return (lengths, range.map { bytes[$0] })
    }

    /// Adds the parents of the next slot as `encoded` gave them.
    ///
    /// - Returns: `false` when they are not what `append` would have written.
    mutating func append(encoded: ArraySlice<UInt8>) -> Bool {
        let slot = UInt64(starts.count)
        starts.append(UInt32(bytes.count))
        var distance: UInt64 = 0
        var shift: UInt64 = 0
        for byte in encoded {
            bytes.append(byte)
            distance |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte >= 0x80 {
                guard shift < 35 else { return false }
                continue
            }
            guard distance >= 1, distance <= slot else { return false }
            (distance, shift) = (0, 0)
        }
        return shift == 0
    }
}
