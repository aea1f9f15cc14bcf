package import PeerState

/// Faults of single nodes and ways in a simulated network, beside its partitions.
///
/// - Source: HOSTILE 1.5: half-open links, one-way and overlapping partitions, slow reads, caps.
struct MemoryFaults: Sendable {
    private struct Way: Hashable {
        let from: Int
        let to: Int
    }

    /// How many faults block each way; ways may be blocked by several that overlap.
    private var blocked: [Way: Int] = [:]
    /// Nodes that read nothing from any link.
    var stalled: Set<Int> = []
    /// Bytes a second that leave a node on one link.
    var rates: [Int: UInt64] = [:]
    /// The most a node reads at once.
    var reads: [Int: Int] = [:]

    func isBlocked(_ from: Int, _ to: Int) -> Bool {
        !blocked.isEmpty && blocked[Way(from: from, to: to)] != nil
    }

    mutating func block(_ from: Int, _ to: Int) {
        blocked[Way(from: from, to: to), default: 0] += 1
    }

    mutating func unblock(_ from: Int, _ to: Int) {
        let way = Way(from: from, to: to)
        guard let count = blocked[way] else { return }
        blocked[way] = count > 1 ? count - 1 : nil
    }

    /// - Units: nanoseconds that `bytes` take at the node's rate; 0 without one.
    func transmission(of bytes: Int, by node: Int) -> UInt64 {
        guard let rate = rates[node], rate > 0 else { return 0 }
        return UInt64(bytes) &* 1_000_000_000 / rate
    }
}

extension MemoryNetwork {
    /// Lets time pass without an event.
    package mutating func advance(to instant: Instant) {
        now = max(now, instant)
    }

    /// Holds back what `from` sends to `to`; the other way works, dials either way fail.
    package mutating func block(from: Int, to: Int) {
        faults.block(from, to)
    }

    /// Ends one `block`; what was held goes on its way when no other holds it.
    package mutating func unblock(from: Int, to: Int) {
        faults.unblock(from, to)
        releaseHeld()
    }

    /// A stalled node keeps its links and reads nothing.
    package mutating func stall(_ node: Int, _ isStalled: Bool) {
        if isStalled { faults.stalled.insert(node) } else { faults.stalled.remove(node) }
        if !isStalled { releaseHeld() }
    }

    /// - Parameter bytesPerSecond: per link; nil for no cap.
    package mutating func limitRate(of node: Int, to bytesPerSecond: UInt64?) {
        faults.rates[node] = bytesPerSecond
    }

    /// - Parameter count: the most `node` reads at once; nil for what the conditions say.
    package mutating func limitReads(of node: Int, to count: Int?) {
        faults.reads[node] = count
    }

    /// Bytes sent from `link` that a fault holds back: what a socket would queue.
    package func heldBytes(on link: LinkID) -> Int { ends[link]?.heldBytes ?? 0 }

    func chunkMax(to end: End) -> Int {
        guard !faults.reads.isEmpty, let node = ends[end.other]?.node,
            let own = faults.reads[node]
        else { return conditions.chunkMax }
        return max(1, min(own, conditions.chunkMax))
    }
}
