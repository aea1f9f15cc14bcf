import PeerState
import PeerTesting
import Testing

/// S-061: the oracle, with which `StateCheck` compares random histories, resolves every history of
/// `removal.json` as written there.
@Suite struct OracleRemovalTests {
    struct File: Decodable {
        struct Op: Decodable {
            let id: String
            let author: String
            let seq: UInt64
            let prev: String?
            let deps: [String]?
            let proof: String?
            let kind: String
            let target: String?
            let level: UInt64?
            let cut: String?
        }
        struct Expected: Decodable {
            let active: [String: Int]
            let accepted_removals: [String]
            let effective: [String]
        }
        struct History: Decodable {
            let name: String
            let ops: [Op]
            let expected: Expected
        }
        let histories: [History]
    }

    /// Ids and keys are shortened: zero bytes fill them on the right.
    static func padded<Kind>(_ hex: String) throws -> Identifier<Kind> {
        let digits = hex + String(repeating: "0", count: 64 - hex.count)
        return try #require(Identifier<Kind>(hex: digits))
    }

    static func event(_ op: File.Op, seqs: [String: UInt64]) throws -> OracleEvent {
        func bytes(_ hex: String) throws -> CBORValue {
            let id: Event.ID = try padded(hex)
            return .bytes(id.bytes)
        }
        let target = try op.target.map(bytes) ?? .null
        let kinds: [String: UInt64] = ["create": 0, "grant": 10, "remove": 11, "msg": 1]
        var body: [CBORValue] = []
        switch op.kind {
        case "grant": body = [target, .unsigned(op.level ?? 0), .null]
        case "remove":
            let cut: CBORValue =
                try op.cut.map {
                    .array([.unsigned(seqs[$0] ?? 0), try bytes($0)])
                } ?? .null
            body = [target, cut, .text("")]
        default: break
        }
        return OracleEvent(
            id: try padded(op.id), author: try padded(op.author), seq: op.seq,
            prev: try op.prev.map { try padded($0) },
            deps: try (op.deps ?? []).map { try padded($0) },
            proof: try op.proof.map { try padded($0) }, kind: try #require(kinds[op.kind]),
            body: body)
    }

    @Test func `every history resolves as written`() throws {
        guard let file: File = try Vectors.load("removal") else { return }
        #expect(file.histories.count == 357)
        for history in file.histories {
            let seqs = Dictionary(uniqueKeysWithValues: history.ops.map { ($0.id, $0.seq) })
            let result = OracleOps(try history.ops.map { try Self.event($0, seqs: seqs) })
            var active: [Peer.ID: Int] = [:]
            for (key, level) in history.expected.active { active[try Self.padded(key)] = level }
            let removals: [Event.ID] = try history.expected.accepted_removals.map(Self.padded)
            let effective: [Event.ID] = try history.expected.effective.map(Self.padded)
            #expect(result.active == active, "\(history.name)")
            #expect(result.acceptedRemovals == Set(removals), "\(history.name)")
            #expect(result.effective == Set(effective), "\(history.name)")
        }
    }
}
