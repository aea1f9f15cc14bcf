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
}
