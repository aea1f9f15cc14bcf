import PeerState
import PeerTesting
import Testing

/// `removal.json`: membership over abstract operations with given ids (PROTOCOL 5.2 to 5.6).
@Suite struct RemovalVectorTests {
    struct File: Decodable {
        struct Operation: Decodable {
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
            let active: [String: UInt64]
            let accepted_removals: [String]
            let effective: [String]
        }
        struct History: Decodable {
            let name: String
            let ops: [Operation]
            let expected: Expected
        }
        let histories: [History]
    }

    private static func padded<Kind>(_ text: String) throws -> Identifier<Kind> {
        try #require(Identifier(hex: text + String(repeating: "0", count: 64 - text.count)))
    }

    private static func event(
        _ operation: File.Operation, lamport: UInt64, _ seqs: [String: UInt64], server: Server.ID
    ) throws -> Event {
        let body: any EventBody
        switch operation.kind {
        case "create":
            body = ServerCreated(
                name: "x", isDirect: false, participants: [],
                nonce: [UInt8](repeating: 0, count: 16))
        case "grant":
            body = MemberGranted(
                target: try padded(try #require(operation.target)),
                level: try #require(Level(rawValue: operation.level ?? 0)))
        case "remove":
            let cut = try operation.cut.map { cut in
                Cut(seq: try #require(seqs[cut]), id: try padded(cut))
            }
            body = MemberRemoved(
                target: try padded(try #require(operation.target)), cut: cut, reason: "")
        default: body = Acknowledged()
        }
        let draft = EventDraft(
            server: operation.kind == "create" ? nil : server, author: try padded(operation.author),
            seq: operation.seq, prev: try operation.prev.map { try padded($0) },
            deps: try (operation.deps ?? []).map { try padded($0) },
            proof: try operation.proof.map { try padded($0) }, lamport: lamport,
            wallMilliseconds: 1_700_000_000_000, body: body)
        return Event(draft: draft, id: try padded(operation.id))
    }

    /// Parents before children, as a set of operations has no order.
    private static func sorted(_ operations: [File.Operation]) -> [File.Operation] {
        var rest = operations
        var placed: Set<String> = []
        var result: [File.Operation] = []
        while !rest.isEmpty {
            let ready = rest.filter { operation in
                ((operation.deps ?? []) + [operation.prev].compactMap { $0 })
                    .allSatisfy { placed.contains($0) }
            }
            guard !ready.isEmpty else { break }
            result += ready
            placed.formUnion(ready.map(\.id))
            rest.removeAll { placed.contains($0.id) }
        }
        return result
    }

    private static func state(_ operations: [File.Operation]) throws -> ServerState {
        let server: Server.ID = try padded(try #require(operations.first?.id))
        var state = ServerState(id: server)
        let seqs = Dictionary(uniqueKeysWithValues: operations.map { ($0.id, $0.seq) })
        var lamports: [String: UInt64] = [:]
        for operation in operations {
            let parents = (operation.deps ?? []) + [operation.prev].compactMap { $0 }
            let lamport = 1 + (parents.compactMap { lamports[$0] }.max() ?? 0)
            lamports[operation.id] = lamport
            let event = try event(operation, lamport: lamport, seqs, server: server)
            state.insertUnsigned(event, edges: try parents.map { try padded($0) })
        }
        return state
    }

    @Test func `every history gives the members, removals and effective events`() throws {
        guard let file: File = try Vectors.load("removal") else { return }
        #expect(file.histories.count == 357)
        for history in file.histories {
            let state = try Self.state(Self.sorted(history.ops))
            let active = Dictionary(
                uniqueKeysWithValues: state.members(at: state.now).map {
                    ($0, state.standing(of: $0)?.level.rawValue)
                })
            var expected: [Peer.ID: UInt64?] = [:]
            for (key, level) in history.expected.active { expected[try Self.padded(key)] = level }
            #expect(active == expected, "\(history.name)")
            let effective = try Set(
                history.ops.map { try Self.padded($0.id) as Event.ID }
            ).filter { state.isEffective($0) }
            let wanted = try Set(
                history.expected.effective.map { try Self.padded($0) as Event.ID })
            #expect(effective == wanted, "\(history.name)")
            let accepted = try Set(
                history.expected.accepted_removals.map { try Self.padded($0) as Event.ID })
            #expect(state.acceptedRemovals == accepted, "\(history.name)")
        }
    }

    @Test func `any order of the operations gives the same members`() throws {
        guard let file: File = try Vectors.load("removal") else { return }
        for (number, history) in file.histories.enumerated() {
            var random = SeededRandom(seed: UInt64(number))
            let first = try Self.state(Self.sorted(history.ops))
            var shuffled = history.ops.shuffled(using: &random)
            shuffled = Self.sorted(shuffled)
            let second = try Self.state(shuffled)
            #expect(first.acceptedRemovals == second.acceptedRemovals, "\(history.name)")
            #expect(first.members(at: first.now) == second.members(at: second.now))
        }
    }
}
