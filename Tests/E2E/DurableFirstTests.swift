import PeerNode
import PeerState
import PeerTesting
import Testing

/// Nobody is shown an event that its author could still lose (ARCHITECTURE; HOSTILE 6, I-3, I-11).
@Suite struct DurableFirstTests {
    private func isListed(_ mesh: Mesh, _ node: Int, _ server: Server.ID) -> Bool {
        mesh.core(node).serverSnapshots().contains { $0.id == server && $0.level == "member" }
    }

    private func offers(_ mesh: Mesh, _ node: Int) -> [Server.ID] {
        mesh.core(node).offerSnapshots().map(\.server)
    }

    @Test(arguments: [false, true])
    func `I-11 who is removed learns it once the removal is durable`(isLost: Bool) throws {
        print("seed 190")
        let mesh = try Mesh(seed: 190, count: 2)
        let (server, channel) = try mesh.gather()
        mesh.holdCommits(of: 0)
        mesh.begin(
            0,
            .rights(
                .kick(mesh.peerID(1), reason: "", lastAccepted: nil), in: server,
                isRehearsal: false))
        // More than one Hello of him.
        mesh.run(for: .seconds(120))
        #expect(mesh.core(0).servers[server]?.state.standing(of: mesh.peerID(1)) == nil)
        #expect(isListed(mesh, 1, server))
        #expect(mesh.core(1).servers[server]?.waitingCount == 0)
        guard isLost else {
            mesh.releaseCommits(of: 0)
            mesh.run(for: .seconds(2))
            return #expect(!isListed(mesh, 1, server))
        }
        // What others had of it would now be one of two events under one number.
        try mesh.crash(0, life: 1)
        _ = try mesh.post(0, server, channel, "as if nothing had been")
        mesh.run(for: .seconds(120))
        #expect(isListed(mesh, 1, server))
        #expect(mesh.core(1).servers[server]?.state.forks.isEmpty == true)
        #expect(try mesh.texts(1, server, channel) == ["as if nothing had been"])
        #expect(mesh.stateHash(1, server) == mesh.stateHash(0, server))
    }

    @Test func `I-11 who is granted membership is offered it once the grant is durable`() throws {
        print("seed 191")
        let mesh = try Mesh(seed: 191, count: 2)
        _ = try mesh.gather()
        let created = try mesh.act(0, .createServer(name: "Pier", description: ""))
        let server = try #require(created.server)
        mesh.holdCommits(of: 0)
        mesh.begin(
            0, .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        mesh.run(for: .seconds(120))
        #expect(mesh.core(0).servers[server]?.state.standing(of: mesh.peerID(1)) != nil)
        #expect(offers(mesh, 1).isEmpty)
        mesh.releaseCommits(of: 0)
        mesh.run(for: .seconds(2))
        #expect(offers(mesh, 1) == [server])
    }

    @Test func `I-11 a conversation reaches the other side once it is durable`() throws {
        print("seed 192")
        let mesh = try Mesh(seed: 192, count: 2)
        _ = try mesh.gather()
        mesh.holdCommits(of: 0)
        mesh.begin(0, .openDirect(with: [mesh.peerID(1)]))
        mesh.run(for: .seconds(120))
        let server = try #require(mesh.core(0).servers.values.first { $0.state.isDirect }?.id)
        #expect(mesh.core(1).servers[server] == nil)
        mesh.releaseCommits(of: 0)
        mesh.run(for: .seconds(2))
        #expect(isListed(mesh, 1, server))
    }
}
