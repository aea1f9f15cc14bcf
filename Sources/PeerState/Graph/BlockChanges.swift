/// Which blocks of the event table changed since a checkpoint was begun.
///
/// Checkpoints have numbers; a block bears that of the last one begun when it changed.
struct BlockChanges: Sendable {
    private var stamps: [UInt32] = []
    /// Of the checkpoint begun last.
    private(set) var now: UInt32 = 1

    mutating func note(_ slot: Slot) {
        let block = Int(slot.index) / Column<Int32>.blockSize
        while stamps.count <= block { stamps.append(0) }
        stamps[block] = now
    }

    /// Blocks changed since checkpoint `number` was begun; all of them since 0.
    func blocks(since number: UInt32) -> [Int] { stamps.indices.filter { stamps[$0] > number } }

    /// Begins a checkpoint: what changes from here on is for the next.
    mutating func begin() -> UInt32 {
        now += 1
        return now - 1
    }

    /// Everything that is here is in a checkpoint, which counts as number 1.
    mutating func reset(blockCount: Int) {
        stamps = [UInt32](repeating: 1, count: blockCount)
        now = 2
    }
}
