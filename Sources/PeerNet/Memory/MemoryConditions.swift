package import PeerState

/// How bad the simulated links are.
package struct MemoryConditions: Hashable, Sendable {
    /// Half of all chunks take less than this.
    package var medianDelay: Milliseconds
    /// One chunk in this many is held up 32 times as long, at most `delayMax`; 0 for none.
    package var slowOneIn: UInt64
    /// The largest piece that arrives at once; 1 makes every read one byte.
    package var chunkMax: Int

    package static let delayMax = Milliseconds.seconds(60)

    package init(
        medianDelay: Milliseconds = 10, slowOneIn: UInt64 = 0, chunkMax: Int = Int.max
    ) {
        precondition(chunkMax > 0, "a read brings at least one byte")
        self.medianDelay = medianDelay
        self.slowOneIn = slowOneIn
        self.chunkMax = chunkMax
    }

    /// A delay whose logarithm is about normally distributed: the median times 2^−4 … 2^4.
    ///
    /// - Units: nanoseconds, at least 1.
    func delay(_ random: inout SeededRandom) -> UInt64 {
        let word = random.next()
        let doublings = (word & 0xffff).nonzeroBitCount  // binomial around 8
        let spread = 768 + (word >> 16) % 513  // 0.75 … 1.25 in 1/1,024
        var delay = medianDelay.count &* 1_000_000 / 1_024 &* spread
        delay = doublings >= 8 ? delay << ((doublings - 8) / 2) : delay >> ((8 - doublings) / 2)
        if slowOneIn > 0, random.next() % slowOneIn == 0 { delay = delay &* 32 }
        return max(1, min(delay, Self.delayMax.count * 1_000_000))
    }
}
