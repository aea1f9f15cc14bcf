import PeerState
import PeerTesting
import Testing

/// Histories that product and oracle once judged differently.
@Suite struct FoundHistoryTests {
    /// 9266: a newcomer left under an admission that a later one made one too many.
    @Test(arguments: [9_266] as [UInt64])
    func `S-061 what was once judged differently is judged alike`(seed: UInt64) throws {
        let history = try HostileHistories.make(
            seed: seed, size: HostileHistoryTests.size(seed))
        let oracle = try OracleState(history.envelopes, server: history.server)
        let problems = try StateComparison(history, oracle).problems
        #expect(problems.isEmpty, "\(problems.prefix(3))")
    }

    /// Whoever wrote here was a member then; whether the membership fell since must not decide
    /// whether the proof of a fork counts, or the order in which the two came would.
    @Test(arguments: [UInt64(539), 613, 1124])
    func `a proof counts of whom the membership fell`(seed: UInt64) throws {
        let history = try HostileHistories.make(seed: seed, size: 20 + Int(seed * 7 % 61))
        let oracle = try OracleState(history.envelopes, server: history.server)
        let comparison = try StateComparison(history, oracle)
        #expect(comparison.hasProof && comparison.problems.isEmpty, "\(comparison.problems)")
    }
}
