/// Appends numbers, ids and whole columns to one part of a checkpoint.
///
/// - Shape: fixed widths in this machine's byte order, which is the same on all that this runs on;
///   a part never leaves the machine, and the first one says in which order it was written.
struct PartWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 4_096) { bytes.reserveCapacity(capacity) }

    mutating func number(_ value: some FixedWidthInteger & BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    mutating func count(_ value: Int) { number(UInt32(value)) }

    mutating func slot(_ slot: Slot) { number(slot.index) }

    mutating func slots(_ slots: some Collection<Slot>) {
        count(slots.count)
        for slot in slots { self.slot(slot) }
    }

    mutating func identifier<Kind>(_ id: Identifier<Kind>) { id.append(to: &bytes) }

    mutating func text(_ text: String) {
        count(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func past(_ past: Past) {
        number(past.setup)
        number(past.lowerings)
    }

    mutating func sum(_ sum: RowSum) {
        number(sum.count)
        bytes.append(contentsOf: sum.bytes)
    }

    /// The elements of one block of a column, without their number.
    mutating func column(_ values: [some BitwiseCopyable]) {
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
}
