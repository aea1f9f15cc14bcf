import PeerState
import PeerTesting
import Testing

/// Hostile histories are the same state in any order, and reach every kind and most verdicts.
@Suite struct HostileHistoryTests {
    static let seeds: UInt64 = 300
    static let shuffled: UInt64 = 200

    static func size(_ seed: UInt64) -> Int { 20 + Int(seed * 7 % 61) }

    /// What the histories of a range of seeds hold.
    struct Coverage: Sendable {
        var effective: [UInt64: Int] = [:]
        var verdicts: [String: Int] = [:]

        mutating func add(_ history: HostileHistory, _ state: OracleState) throws {
            for envelope in history.envelopes {
                let verdict = state.verdicts[envelope.id] ?? .waiting
                verdicts[Self.word(verdict), default: 0] += 1
                if verdict == .effective {
                    effective[try OracleEvent(envelope).kind, default: 0] += 1
                }
            }
        }

        mutating func add(_ other: Coverage) {
            effective.merge(other.effective, uniquingKeysWith: +)
            verdicts.merge(other.verdicts, uniquingKeysWith: +)
        }

        static func word(_ verdict: OracleState.Verdict) -> String {
            switch verdict {
            case .dropped(let code): "dropped \(code)"
            case .waiting: "waiting"
            case .loose: "loose"
            case .inadmissible(let code): "inadmissible \(code)"
            case .void(let code): "void \(code)"
            case .effective: "effective"
            }
        }
    }

    /// Folds one history, and again in another order.
    static func examine(_ seed: UInt64) throws -> Coverage {
        let history = try HostileHistories.make(seed: seed, size: size(seed))
        let expected = try OracleState(history.envelopes, server: history.server)
        if seed <= shuffled {
            var random = SeededRandom(seed: seed)
            let other = try OracleState(
                history.envelopes.shuffled(using: &random), server: history.server)
            #expect(other.hash == expected.hash, "seed \(seed)")
            #expect(other.frontierDigest == expected.frontierDigest, "seed \(seed)")
            #expect(other.verdicts == expected.verdicts, "seed \(seed)")
        }
        var coverage = Coverage()
        try coverage.add(history, expected)
        return coverage
    }

    @Test func `hostile histories fold alike in any order and reach nearly everything`()
        async throws
    {
        print("seeds 1...\(Self.seeds), of which 1...\(Self.shuffled) shuffled too")
        let half = Self.seeds / 2
        async let odd = Self.coverage((0..<half).map { $0 * 2 + 1 })
        async let even = Self.coverage((1...half).map { $0 * 2 })
        var coverage = try await odd
        coverage.add(try await even)
        for (kind, count) in coverage.effective.sorted(by: { $0.key < $1.key }) {
            print("kind \(kind): \(count)")
        }
        for (verdict, count) in coverage.verdicts.sorted(by: { $0.key < $1.key }) {
            print("\(verdict): \(count)")
        }
        for kind in Self.kinds { #expect(coverage.effective[kind] != nil, "kind \(kind)") }
        for verdict in Self.verdicts { #expect(coverage.verdicts[verdict] != nil, "\(verdict)") }
        #expect(coverage.verdicts["waiting"] == nil)
    }

    static let kinds =
        Array(UInt64(0)...4) + Array(10...15) + Array(20...27) + Array(30...33)
        + Array(40...42) + Array(50...55) + Array(60...66) + [70, 80, 81, 82, 83, 100]

    static let verdicts =
        ["effective", "loose", "dropped notMember"]
        + ["voidedByRemoval", "voidedByRevoke", "voidedProof", "voidedFork", "overClaimed"]
        .map { "void \($0)" }
        + [
            "alreadyEnacted", "alreadyMember", "attenuated", "badBody", "badClaim", "badCut",
            "badProof", "badProposal", "belowThreshold", "channelDeleted", "closed", "deleted",
            "expired", "extraReader", "forkedAuthor", "invalidThreshold", "lapsed",
            "linkDisabled", "linkExhausted", "linkExpired", "loopGuard", "needsGrant",
            "noPermission", "notAuthor", "notDelegated", "notElector", "notHigher", "notMember",
            "notOwner", "notReader", "notSenior", "overBudget", "overRate", "ownerCannotLeave",
            "removed", "suspended", "unknownEpoch", "unknownLink", "unknownTarget", "withdrawn",
            "wrongChannel", "wrongRecipient",
        ].map { "inadmissible \($0)" }

    /// Steps 1 to 8 are the generator's own duty: only rules may refuse what it writes.
    @Test func `every envelope is well formed and signed and names what the oracle reads`() throws {
        for seed: UInt64 in 1...60 {
            let history = try HostileHistories.make(seed: seed, size: 50)
            for envelope in history.envelopes {
                let again = try Envelope(decoding: envelope.bytes)
                let event = try Event(decoding: again, for: history.server)
                #expect(again.isSigned(by: event.author), "seed \(seed)")
                let edges = Set(try OracleEvent(envelope).edges)
                #expect(Set(event.edges) == edges, "seed \(seed) kind \(event.kind)")
            }
        }
    }

    @Test func `a seed makes the same history again`() throws {
        for seed: UInt64 in 1...22 {
            let first = try HostileHistories.make(seed: seed, size: 40)
            let again = try HostileHistories.make(seed: seed, size: 40)
            #expect(first.envelopes == again.envelopes, "seed \(seed)")
        }
    }

    @concurrent
    static func coverage(_ seeds: [UInt64]) async throws -> Coverage {
        var coverage = Coverage()
        for seed in seeds { coverage.add(try examine(seed)) }
        return coverage
    }
}
