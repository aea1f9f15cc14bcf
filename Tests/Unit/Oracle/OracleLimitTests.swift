import PeerState
import PeerTesting
import Testing

/// Limits of the fold hold the first N; limits of authority refuse what would exceed them.
@Suite struct OracleLimitTests {
    /// Rows of one section, grouped by one of their elements.
    static func counts(_ state: OracleState, section: Int, by place: Int) throws -> [CBORValue: Int]
    {
        var counts: [CBORValue: Int] = [:]
        for row in state.rows[section - 1] {
            guard case .array(let items) = try CBORValue(decoding: row) else { continue }
            counts[items[place], default: 0] += 1
        }
        return counts
    }

    @Test func `pins, reactions and channels beyond the number have no row`() throws {
        var limits = OracleLimits()
        limits.pinsPerChannel = 1
        limits.reactionsPerAuthor = 1
        limits.channels = 1
        var cut = 0
        for seed: UInt64 in [6, 17, 28, 39, 50] {
            let history = try HostileHistories.make(seed: seed, size: 70)
            let whole = try OracleState(history.envelopes, server: history.server)
            let held = try OracleState(
                history.envelopes, server: history.server, limits: limits)
            #expect(held.verdicts == whole.verdicts, "seed \(seed)")
            #expect(held.rows[6].count <= 1, "seed \(seed)")
            for (_, count) in try Self.counts(held, section: 10, by: 1) { #expect(count == 1) }
            for section in [7, 8, 9, 10, 13] {
                let rows = Set(whole.rows[section - 1])
                #expect(rows.isSuperset(of: held.rows[section - 1]), "seed \(seed)")
                cut += rows.count - held.rows[section - 1].count
            }
        }
        #expect(cut > 0)
    }

    @Test func `members beyond the number are refused`() throws {
        var limits = OracleLimits()
        limits.members = 2
        let history = try HostileHistories.make(seed: 1, size: 40)
        let state = try OracleState(history.envelopes, server: history.server, limits: limits)
        #expect(state.verdicts.values.contains(.inadmissible("limit")))
    }

    @Test func `the seventeenth grant of a chain is too deep`() throws {
        func id<Kind>(_ number: Int, _ mark: UInt8) throws -> Identifier<Kind> {
            let bytes = [mark, UInt8(number)] + [UInt8](repeating: 0, count: 30)
            return try #require(Identifier<Kind>(bytes))
        }
        let create = OracleEvent(
            id: try id(0, 1), author: try id(0, 2), seq: 1, prev: nil, deps: [], proof: nil,
            kind: 0, body: [])
        var ops = [create]
        for step in 1...18 {
            let before = try #require(ops.last)
            let target: Peer.ID = try id(step, 2)
            ops.append(
                OracleEvent(
                    id: try id(step, 1), author: try id(step - 1, 2), seq: step == 1 ? 2 : 1,
                    prev: step == 1 ? create.id : nil, deps: step == 1 ? [] : [before.id],
                    proof: step == 1 ? nil : before.id, kind: 10,
                    body: [.bytes(target.bytes), .unsigned(2), .null]))
        }
        let result = OracleOps(ops)
        #expect(result.effective == Set(ops.prefix(17).map(\.id)))
        #expect(result.active.count == 17)
    }
}
