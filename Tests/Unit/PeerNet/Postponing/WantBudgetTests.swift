import PeerNet
import PeerState
import Testing

@Suite struct WantBudgetTests {
    /// Takes whenever it may, and returns the moments.
    static func greedy(
        _ budget: inout WantBudget, from start: UInt64, until end: UInt64
    ) -> [UInt64] {
        var times: [UInt64] = []
        for millisecond in start..<end {
            let now = Instant.zero + Milliseconds(millisecond)
            while budget.opens(now) == nil {
                budget.take(now)
                times.append(millisecond)
            }
        }
        return times
    }

    @Test func `the first leave at once and the next one is never far`() {
        var budget = WantBudget()
        let times = Self.greedy(&budget, from: 0, until: 60_000)
        #expect(times.prefix { $0 == 0 }.count == Limits.wantsAtOnce)
        for (before, after) in zip(times, times.dropFirst()) {
            #expect(after - before <= Limits.wantSpacing.count, "a pause at \(before)")
        }
    }

    @Test(arguments: [0, 700, 5_000, 10_499, 10_500, 10_501])
    func `no period of a peer sees more than it bears, whatever the pauses`(pause: UInt64) {
        var budget = WantBudget()
        var times = Self.greedy(&budget, from: 0, until: 3_000)
        times += Self.greedy(&budget, from: 3_000 + pause, until: 40_000)
        for first in times {
            let end = first + Limits.wantPeriod.count
            #expect(times.count { $0 >= first && $0 < end } <= Limits.wantsPerPeriod)
        }
    }

    @Test func `those for authors over quota leave most for others`() {
        var budget = WantBudget()
        for _ in 0..<Limits.wantsForPostponed {
            #expect(budget.hasSpare(.zero))
            budget.take(.zero)
        }
        #expect(!budget.hasSpare(.zero))
        #expect(budget.opens(.zero) == nil)
        #expect(budget.hasSpare(.zero + Limits.ownWantPeriod))
    }
}
