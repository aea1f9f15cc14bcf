import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// An author who writes two events under one number, among whole nodes (PROTOCOL 5.8).
@Suite struct ForkTests {
    private static let seed: UInt64 = 11

    /// The key `Mesh` draws for a node.
    private static func key(_ node: UInt64) -> SigningKey {
        var entropy = Entropy.seeded(Seed(seed).stream("identity", node, 0))
        return SigningKey(seed: entropy.bytes(32))
    }

    /// Two next events of node 2, which it wrote without remembering either.
    private static func fork(
        _ mesh: Mesh, _ server: Server.ID
    ) throws -> (left: Replica.Stored, right: Replica.Stored) {
        let writer = Replica.Writer(key: key(2), wallMilliseconds: 1)
        var written: [Replica.Stored] = []
        for name in ["left", "right"] {
            var replica = try #require(mesh.core(2).servers[server]?.replica)
            written += try replica.author(ProfileUpdated(displayName: name), by: writer)
        }
        let (left, right) = (try #require(written.first), try #require(written.last))
        try #require(left.event.seq == right.event.seq && left.event.id != right.event.id)
        return (left, right)
    }

    private static func holds(
        _ mesh: Mesh, _ node: Int, _ server: Server.ID, _ id: Event.ID
    ) -> Bool {
        mesh.core(node).servers[server]?.state.graph.contains(id) ?? false
    }

    @Test func `two events of one number reach everybody, whichever came first`() throws {
        let mesh = try Mesh(seed: Self.seed, count: 3)
        let (server, _) = try mesh.gather()
        let (left, right) = try Self.fork(mesh, server)
        mesh.hand(0, server, [left.envelope.bytes])
        mesh.run(for: .seconds(5))
        mesh.hand(1, server, [right.envelope.bytes])
        mesh.run(for: .seconds(60))
        for node in 0..<3 {
            #expect(Self.holds(mesh, node, server, left.event.id), "node \(node)")
            #expect(Self.holds(mesh, node, server, right.event.id), "node \(node)")
            let forks = mesh.core(node).servers[server]?.forks ?? [:]
            #expect(forks[mesh.peerID(2)]?.from == left.event.seq)
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
        }
    }

    @Test func `a branch that others rest on is fetched after a partition`() throws {
        let mesh = try Mesh(seed: Self.seed, count: 3)
        let (server, channel) = try mesh.gather()
        let (left, right) = try Self.fork(mesh, server)
        mesh.partition([[0], [1]])
        mesh.hand(0, server, [left.envelope.bytes])
        mesh.hand(1, server, [right.envelope.bytes])
        for number in 1...5 {
            _ = try mesh.post(0, server, channel, "zero \(number)")
            _ = try mesh.post(1, server, channel, "one \(number)")
        }
        mesh.run(for: .seconds(30))
        mesh.heal()
        mesh.run(for: .seconds(180))
        for node in 0..<3 {
            #expect(Self.holds(mesh, node, server, left.event.id), "node \(node)")
            #expect(Self.holds(mesh, node, server, right.event.id), "node \(node)")
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
            #expect(try mesh.texts(node, server, channel).count == 10)
        }
    }

    /// Proofs show where branches part, and heads beyond one's own are fetched; the end of a
    /// shorter branch is neither.
    @Test func `the shorter of two branches is fetched to its end`() throws {
        let mesh = try Mesh(seed: Self.seed, count: 3)
        let (server, channel) = try mesh.gather()
        let branches = try [3, 6].map { length in
            try mesh.forge(
                2, server,
                (0..<length).map { ProfileUpdated(displayName: "\(length) and \($0)") })
        }
        mesh.partition([[0], [1], [2]])
        for (node, branch) in branches.enumerated() {
            mesh.hand(node, server, branch.map(\.envelope.bytes))
            mesh.run(for: .seconds(1))
            _ = try mesh.post(node, server, channel, "after what \(node) has")
        }
        mesh.run(for: .seconds(30))
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(120))
        for node in 0...1 {
            for event in branches.joined().map(\.event) {
                #expect(Self.holds(mesh, node, server, event.id), "node \(node), \(event.seq)")
            }
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
            #expect(try mesh.texts(node, server, channel).count == 2, "node \(node)")
        }
    }
}
