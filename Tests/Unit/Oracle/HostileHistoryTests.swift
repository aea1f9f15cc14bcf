import PeerState
import PeerTesting
import Testing

/// Hostile histories are the same state in any order, and reach every kind and most verdicts.
@Suite struct HostileHistoryTests {
    static func size(_ seed: UInt64) -> Int { 20 + Int(seed * 7 % 61) }

    @Test func `any order of a hostile history gives the same oracle state`() throws {
        print("seeds 1...200")
        for seed: UInt64 in 1...200 {
            let history = try HostileHistories.make(seed: seed, size: Self.size(seed))
            let expected = try OracleState(history.envelopes, server: history.server)
            var random = SeededRandom(seed: seed)
            let shuffled = history.envelopes.shuffled(using: &random)
            let other = try OracleState(shuffled, server: history.server)
            #expect(other.hash == expected.hash, "seed \(seed)")
            #expect(other.frontierDigest == expected.frontierDigest, "seed \(seed)")
            #expect(other.verdicts == expected.verdicts, "seed \(seed)")
        }
    }

    @Test func `three hundred hostile histories reach every kind and many verdicts`() throws {
        print("seeds 1...300")
        var effective: [UInt64: Int] = [:]
        var verdicts: [String: Int] = [:]
        for seed: UInt64 in 1...300 {
            let history = try HostileHistories.make(seed: seed, size: Self.size(seed))
            let state = try OracleState(history.envelopes, server: history.server)
            for envelope in history.envelopes {
                let verdict = state.verdicts[envelope.id]
                verdicts["\(verdict ?? .waiting)", default: 0] += 1
                if verdict == .effective {
                    effective[try OracleEvent(envelope).kind, default: 0] += 1
                }
            }
        }
        for (kind, count) in effective.sorted(by: { $0.key < $1.key }) { print(kind, count) }
        for (verdict, count) in verdicts.sorted(by: { $0.key < $1.key }) { print(verdict, count) }
    }
}
