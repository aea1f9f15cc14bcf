import PeerNode
import PeerState
import PeerTesting
import Testing

/// An author who signed two histories, from the first sight of it to his return (SCENARIOS 3).
@Suite struct ForkRecoveryTests {
    /// Two next messages of one node under one number, which it wrote without remembering either.
    private static func fork(
        _ mesh: Mesh, _ node: Int, _ server: Server.ID
    ) throws -> (left: Replica.Stored, right: Replica.Stored) {
        let left = try mesh.forge(node, server, [ProfileUpdated(displayName: "left")])
        let right = try mesh.forge(node, server, [ProfileUpdated(displayName: "right")])
        return (try #require(left.last), try #require(right.last))
    }

    private static func forks(_ mesh: Mesh, _ node: Int) throws -> [NodeEvent] {
        try mesh.feed(node).filter { $0.kind == .forkDetected }
    }

    @Test func `S-070 both sides of a fork are told of it by author and number`() throws {
        print("seed 8201")
        let mesh = try Mesh(seed: 8_201, count: 3)
        let (server, _) = try mesh.gather()
        let (left, right) = try Self.fork(mesh, 2, server)
        mesh.partition([[0], [1], [2]])
        mesh.hand(0, server, [left.envelope.bytes])
        mesh.hand(1, server, [right.envelope.bytes])
        mesh.run(for: .seconds(10))
        #expect(try Self.forks(mesh, 0).isEmpty && Self.forks(mesh, 1).isEmpty)
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(90))
        for node in 0...1 {
            let told = try Self.forks(mesh, node)
            #expect(told.count == 1, "node \(node)")
            let event = try #require(told.first)
            #expect(event["author"] == .word(mesh.peerID(2).hex))
            #expect(event["seq"] == .number(left.event.seq))
            guard case .words(let ids)? = event["event_ids"] else {
                Issue.record("no events are named")
                return
            }
            #expect(Set(ids) == [left.event.id.hex, right.event.id.hex])
        }
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
        // Told once, and not again after a restart.
        try mesh.crash(1, life: 1)
        mesh.run(for: .seconds(60))
        #expect(try Self.forks(mesh, 1).count == 1)
    }

    @Test(arguments: [5, 12])
    func `S-075 a proof that one knows is with all connected within two rounds`(count: Int) throws {
        print("seed \(8_202 + count)")
        let mesh = try Mesh(seed: UInt64(8_202 + count), count: count)
        let (server, _) = try mesh.gather()
        mesh.run(for: .seconds(60))
        let last = count - 1
        let (left, right) = try Self.fork(mesh, last, server)
        let others = Array(0..<last)
        mesh.partition([others, [last]])
        mesh.run(for: .seconds(10))
        mesh.hand(1, server, [left.envelope.bytes, right.envelope.bytes])
        mesh.run(for: .seconds(90))
        for node in others {
            let told = try Self.forks(mesh, node)
            #expect(told.count == 1, "node \(node)")
            let forks = mesh.core(node).servers[server]?.forks ?? [:]
            #expect(forks.count == 1 && forks[mesh.peerID(last)]?.from == left.event.seq)
        }
    }

    @Test func `S-074 one branch is confirmed, and its author works again everywhere`() throws {
        print("seed 8203")
        let mesh = try Mesh(seed: 8_203, count: 3)
        let (server, channel) = try mesh.gather()
        let raise = RightsChange.raise(mesh.peerID(2), to: .admin, reason: "")
        _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        mesh.run(for: .seconds(30))
        let (left, right) = try Self.fork(mesh, 2, server)
        mesh.hand(0, server, [left.envelope.bytes])
        mesh.hand(1, server, [right.envelope.bytes])
        mesh.run(for: .seconds(60))
        // Others rest on both, so that both count until somebody decides.
        for node in 0...1 { _ = try mesh.post(node, server, channel, "seen by \(node)") }
        mesh.run(for: .seconds(60))
        let refused = #expect(throws: NodeFailure.self) {
            try mesh.act(2, .server(.rename("Mine"), in: server))
        }
        #expect(refused?.code == .forkedAuthor)
        let confirm = RightsChange.confirm(branch: left.event.id, level: .admin)
        let junior = #expect(throws: NodeFailure.self) {
            try mesh.act(1, .rights(confirm, in: server, isRehearsal: false))
        }
        #expect(junior?.code == .noPermission || junior?.code == .notSenior)
        let outcome = try mesh.act(0, .rights(confirm, in: server, isRehearsal: false))
        #expect(outcome.kind == .applied && outcome.peer == mesh.peerID(2))
        #expect(outcome.level == .admin)
        mesh.run(for: .seconds(90))
        for node in 0..<3 {
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.verdict(on: left.event.id) == nil, "node \(node)")
            #expect(state.verdict(on: right.event.id)?.code == .voidedFork)
            #expect(state.displayName(of: mesh.peerID(2)) == "left")
        }
        #expect(try mesh.feed(1).contains { $0.kind == .branchConfirmed })
        let renamed = try mesh.act(2, .server(.rename("Marina"), in: server))
        #expect(renamed.kind == .applied)
        _ = try mesh.post(2, server, channel, "back again")
        mesh.run(for: .seconds(90))
        for node in 0..<3 {
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.name == "Marina", "node \(node)")
            #expect(try mesh.texts(node, server, channel).last == "back again")
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
        }
    }
}
