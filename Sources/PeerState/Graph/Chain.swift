/// The events of one author: one line, or a tree of branches when he forked.
package struct Chain: Sendable {
    /// A line of events; the first branch begins at seq 1, others right after their fork.
    struct Branch: Sendable {
        /// Where it leaves another branch; `nil` for one that begins at seq 1.
        let stem: BranchReach?
        var slots: [Slot]

        var firstSeq: UInt32 { (stem?.seq ?? 0) + 1 }
        var lastSeq: UInt32 { (stem?.seq ?? 0) + UInt32(slots.count) }
    }

    var branches: [Branch] = []

    /// Adds an event after `prev`; a new branch when something else already follows it.
    ///
    /// - Returns: the number of the branch it stands on.
    mutating func append(_ slot: Slot, after prev: (branch: Int32, seq: UInt32)?) -> Int32 {
        if let prev, branches[Int(prev.branch)].lastSeq == prev.seq {
            branches[Int(prev.branch)].slots.append(slot)
            return prev.branch
        }
        let stem = prev.map { BranchReach(branch: $0.branch, seq: $0.seq) }
        branches.append(Branch(stem: stem, slots: [slot]))
        return Int32(branches.count - 1)
    }

    /// The event number `seq` on the way to the end of `branch`.
    func slot(_ seq: UInt32, on branch: Int32) -> Slot? {
        guard seq >= 1 else { return nil }
        var next = Int(branch)
        while true {
            let line = branches[next]
            if seq >= line.firstSeq {
                let place = Int(seq - line.firstSeq)
                return place < line.slots.count ? line.slots[place] : nil
            }
            guard let stem = line.stem else { return nil }
            next = Int(stem.branch)
        }
    }

    /// Whether event `seq` of `branch` is `reach` itself or lies before it through `prev`.
    func contains(_ branch: Int32, _ seq: UInt32, within reach: BranchReach) -> Bool {
        var (line, limit) = (reach.branch, reach.seq)
        while line != branch {
            guard let stem = branches[Int(line)].stem else { return false }
            (line, limit) = (stem.branch, min(limit, stem.seq))
        }
        return seq <= limit
    }

    /// All events with this number; two or more make a fork.
    func slots(at seq: UInt32) -> [Slot] {
        branches.compactMap { line in
            guard seq >= line.firstSeq, seq <= line.lastSeq else { return nil }
            return line.slots[Int(seq - line.firstSeq)]
        }
    }

    /// The last event of every branch.
    var heads: [Slot] { branches.compactMap(\.slots.last) }

    var all: [Slot] { branches.flatMap(\.slots) }

    /// The lowest seq with two events, of all or of those beyond one of them; `nil` without a fork.
    ///
    /// A branch begins where the line it leaves has another event.
    func lowestFork(beyond pin: BranchReach?) -> UInt32? {
        branches.dropFirst().filter { branch in
            guard let pin else { return true }
            return branch.stem.map { contains(pin.branch, pin.seq, within: $0) } ?? false
        }.map(\.firstSeq).min()
    }

    /// The lowest seq with two events among those these branches reach; `nil` without a fork.
    func fork(among reaches: [BranchReach]) -> UInt32? {
        var lowest: UInt32?
        for (index, left) in reaches.enumerated() {
            for right in reaches[(index + 1)...] {
                guard let seq = parting(left, right) else { continue }
                lowest = min(lowest ?? seq, seq)
            }
        }
        return lowest
    }

    /// The first seq at which two reaches stand on different events, if both go that far.
    private func parting(_ left: BranchReach, _ right: BranchReach) -> UInt32? {
        if contains(left.branch, left.seq, within: right) { return nil }
        if contains(right.branch, right.seq, within: left) { return nil }
        var shared: UInt32 = 0
        for (branch, limit) in line(of: left) {
            for (other, otherLimit) in line(of: right) where branch == other {
                shared = max(shared, min(limit, otherLimit))
            }
        }
        return shared + 1
    }

    /// The branches a reach stands on, each with the last seq that belongs to it.
    private func line(of reach: BranchReach) -> [(branch: Int32, limit: UInt32)] {
        var result = [(branch: reach.branch, limit: reach.seq)]
        var (branch, limit) = (reach.branch, reach.seq)
        while let stem = branches[Int(branch)].stem {
            (branch, limit) = (stem.branch, min(limit, stem.seq))
            result.append((branch, limit))
        }
        return result
    }
}
