import PeerNode
import PeerState
import PeerTesting
import Testing

/// What a node shows to peers outside, and how it names people, survives a start from a checkpoint.
@Suite struct CheckpointJoiningTests {
    private func restart(_ mesh: Mesh, _ node: Int) throws {
        mesh.writeCheckpoints(node)
        let starts = try mesh.starts(node)
        #expect(!starts.isEmpty && starts.allSatisfy { $0 == .checkpoint(tail: 0) })
        try mesh.crash(node, life: 1)
    }

    @Test func `an offer is made by who started from a checkpoint`() throws {
        let room = try LinkRoom(seed: 150, count: 3, members: [1])
        let (mesh, server) = (room.mesh, room.server)
        _ = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(2), expiresAtMilliseconds: nil))
        let before = mesh.core(0).servers[server]?.offer(for: mesh.peerID(2))
        #expect(before?.count == 2)
        try restart(mesh, 0)
        #expect(mesh.core(0).servers[server]?.offer(for: mesh.peerID(2)) == before)
        mesh.run(for: .seconds(60))
        _ = try mesh.act(2, .addPeer(address: Mesh.address(0), identity: mesh.peerID(0)))
        mesh.run(for: .seconds(60))
        _ = try mesh.act(2, .acceptInvite(code: server.hex))
        mesh.run(for: .seconds(60))
        #expect(mesh.stateHash(2, server) == mesh.stateHash(0, server))
    }

    @Test(arguments: [false, true])
    func `who was removed learns it from who started from a checkpoint`(byVote: Bool) throws {
        print("seed 151")
        let mesh = try Mesh(seed: 151, count: 3)
        let (server, channel) = try mesh.gather()
        if byVote {
            let raise = RightsChange.raise(mesh.peerID(1), to: .admin, reason: "")
            _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
            mesh.run(for: .seconds(30))
        }
        mesh.partition([[0, 1], [2]])
        _ = try mesh.post(1, server, channel, "unseen")
        mesh.run(for: .seconds(30))
        let kick = RightsChange.kick(mesh.peerID(2), reason: "late", lastAccepted: nil)
        _ = try mesh.act(byVote ? 1 : 0, .rights(kick, in: server, isRehearsal: false))
        mesh.run(for: .seconds(30))
        try restart(mesh, 0)
        try restart(mesh, 1)
        mesh.heal()
        mesh.run(for: .seconds(180))
        #expect(mesh.core(2).serverSnapshots().first { $0.id == server }?.level == "none")
        #expect(mesh.core(2).servers[server]?.lowering?.reason == "late")
    }

    @Test func `names are still marked after a start from a checkpoint`() throws {
        print("seed 152")
        let mesh = try Mesh(seed: 152, count: 3)
        let (server, _) = try mesh.gather()
        for (node, name) in [(1, "Alice"), (2, "Аlicе")] {
            _ = try mesh.act(node, .setDisplayName(server: server, name: name))
            mesh.run(for: .seconds(30))
        }
        try restart(mesh, 0)
        let members = try mesh.core(0).memberSnapshots(in: server)
        let names = Dictionary(uniqueKeysWithValues: members.map { ($0.id, $0.displayName) })
        let imitator = mesh.peerID(2)
        #expect(names[mesh.peerID(1)] == "Alice")
        #expect(names[imitator] == "Аlicе·\(imitator.hex.prefix(6))")
    }
}
