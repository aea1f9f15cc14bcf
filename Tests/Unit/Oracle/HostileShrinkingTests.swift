import PeerState
import PeerTesting
import Testing

/// A failing history shrinks to what the failure needs.
@Suite struct HostileShrinkingTests {
    @Test func `a history with a void event shrinks to the lowering and its victim`() throws {
        for seed: UInt64 in 1...20 {
            let history = try HostileHistories.make(seed: seed, size: 30)
            func hasVictim(_ envelopes: [Envelope]) throws -> Bool {
                let state = try OracleState(envelopes, server: history.server)
                return state.verdicts.values.contains(.void("voidedByRemoval"))
            }
            guard try hasVictim(history.envelopes) else { continue }
            let small = try history.shrunk(while: hasVictim)
            let state = try OracleState(small.envelopes, server: small.server)
            print(try HistoryStory.text(small.envelopes, state))
            #expect(try hasVictim(small.envelopes))
            #expect(small.envelopes.count < history.envelopes.count)
            #expect(!state.verdicts.values.contains(.waiting))
            return
        }
        Issue.record("no seed voids anything")
    }
}
