import PeerState
import PeerTesting
import Testing

/// The same set of events is the same state, whatever the order it came in.
@Suite struct ConvergenceTests {
    static let seeds: UInt64 = 200
    static let wall: UInt64 = 1_900_000_000_000

    @Test func `any arrival order gives the same state hash`() throws {
        print("seeds 1...\(Self.seeds)")
        var effective = 0
        for seed in 1...Self.seeds {
            var history = try RandomHistory(seed: seed, authors: 5)
            history.grow(120)
            history.settle()
            let expected = StateHash.hash(of: history.replicas[0].state)
            for replica in history.replicas {
                #expect(StateHash.hash(of: replica.state) == expected, "seed \(seed)")
                #expect(replica.pending.count == 0, "seed \(seed)")
            }
            effective += history.replicas[0].state.messageCount
            var random = SeededRandom(seed: seed &* 31)
            for _ in 0..<3 {
                var fresh = Replica(id: history.server)
                var order =
                    history.envelopes + history.envelopes.shuffled(using: &random).prefix(20)
                order.shuffle(using: &random)
                for envelope in order {
                    _ = fresh.receive(envelope, wallMilliseconds: Self.wall)
                }
                #expect(StateHash.hash(of: fresh.state) == expected, "seed \(seed)")
                #expect(fresh.state.graph.count == history.envelopes.count, "seed \(seed)")
            }
        }
        // Random histories must not be empty ones.
        #expect(effective > 1_000)
    }

    @Test func `fifteen hundred events in reverse wait within bounds and all take effect`() throws {
        let key = SigningKey(seed: Array(repeating: 9, count: 32))
        let writer = Replica.Writer(key: key, wallMilliseconds: Self.wall)
        let body = ServerCreated(
            name: "Reverse", isDirect: false, participants: [],
            nonce: Array(repeating: 1, count: 16))
        var (replica, created) = try Replica.found(body, by: writer)
        var envelopes = [created.envelope.bytes]
        for _ in 0..<1_499 {
            envelopes += try replica.author(Acknowledged(), by: writer).map(\.envelope.bytes)
        }
        var fresh = Replica(id: replica.id)
        for (index, envelope) in envelopes.reversed().enumerated() {
            let verdict = fresh.receive(envelope, wallMilliseconds: Self.wall)
            #expect(fresh.pending.count <= Limits.pendingPerAuthor)
            if index < 1_499 { #expect(verdict.word == "missingPrev") }
        }
        #expect(fresh.state.graph.count == 1_500)
        #expect(fresh.pending.count == 0)
        #expect(StateHash.hash(of: fresh.state) == StateHash.hash(of: replica.state))
    }

    @Test func `pending evicts the oldest of an author and accepts it again later`() throws {
        let key = SigningKey(seed: Array(repeating: 8, count: 32))
        let writer = Replica.Writer(key: key, wallMilliseconds: Self.wall)
        let body = ServerCreated(
            name: "Bound", isDirect: false, participants: [], nonce: Array(repeating: 2, count: 16))
        var (replica, created) = try Replica.found(body, by: writer)
        var envelopes = [created.envelope.bytes]
        for _ in 0..<(Limits.pendingPerAuthor + 10) {
            envelopes += try replica.author(Acknowledged(), by: writer).map(\.envelope.bytes)
        }
        var fresh = Replica(id: replica.id)
        for envelope in envelopes.dropFirst(2) {
            _ = fresh.receive(envelope, wallMilliseconds: Self.wall)
        }
        #expect(fresh.pending.count == Limits.pendingPerAuthor)
        for envelope in envelopes { _ = fresh.receive(envelope, wallMilliseconds: Self.wall) }
        #expect(fresh.state.graph.count == envelopes.count)
        #expect(fresh.pending.count == 0)
    }

    @Test func `one hundred and twenty-eight heads need acks and deps stay within 64`() throws {
        let owner = SigningKey(seed: Array(repeating: 1, count: 32))
        let writer = Replica.Writer(key: owner, wallMilliseconds: Self.wall)
        let body = ServerCreated(
            name: "Many", isDirect: false, participants: [], nonce: Array(repeating: 3, count: 16))
        var (replica, _) = try Replica.found(body, by: writer)
        var keys: [SigningKey] = []
        for index in 0..<128 {
            let key = SigningKey(seed: Array(repeating: UInt8(index + 20), count: 32))
            keys.append(key)
            _ = try replica.author(
                MemberGranted(target: key.publicKey, level: .member), by: writer)
        }
        let common = replica
        for key in keys {
            var apart = common
            let stored = try apart.author(
                Acknowledged(), by: Replica.Writer(key: key, wallMilliseconds: Self.wall))
            for item in stored {
                _ = replica.receive(item.envelope.bytes, wallMilliseconds: Self.wall)
            }
        }
        #expect(replica.state.graph.tipIDs.count == 128)
        let stored = try replica.author(ProfileUpdated(displayName: "O"), by: writer)
        #expect(stored.count == 2)
        #expect(stored[0].event.kind == Acknowledged.kind)
        #expect(stored[0].event.deps.count == 64)
        #expect(stored[1].event.deps.count == 64)
        #expect(replica.state.graph.tipIDs == [stored[1].event.id])
    }
}
