import PeerNode
import PeerState
import PeerTesting
import Testing

/// More claims than uses, at once and at several members that do not know of each other.
@Suite struct JoinRaceTests {
    @Test func `S-085 fifty claims racing for ten uses make exactly ten members everywhere`() throws
    {
        let providers = [0, 1, 2]
        let joiners = Array(3..<53)
        let room = try LinkRoom(seed: 109, count: 53, moderators: [1, 2])
        let link = try room.link(uses: 10)
        room.mesh.run(for: .seconds(30))
        // Three islands: on each a provider, and a third of those who hold the link.
        var islands: [[Int]] = [[], [], []]
        for node in joiners { islands[node % 3].append(node) }
        room.mesh.partition(providers.map { [$0] + islands[$0] })
        for node in joiners {
            do { _ = try room.join(node, link) } catch let failure as NodeFailure {
                #expect(failure.code == .linkExhausted)
            }
        }
        for provider in providers {
            #expect(room.uses(of: link, on: provider) == 10, "an island admits all it may")
        }
        room.mesh.heal()
        room.mesh.run(for: .seconds(300))
        let admitted = joiners.filter { room.isMember($0, on: 0) }
        #expect(admitted.count == 10)
        for provider in providers {
            #expect(joiners.filter { room.isMember($0, on: provider) } == admitted)
            #expect(room.uses(of: link, on: provider) == 10)
        }
        for node in joiners {
            #expect(room.believesToBelong(node) == admitted.contains(node), "node \(node)")
        }
        for node in admitted {
            #expect(joiners.filter { room.isMember($0, on: node) } == admitted)
            #expect(room.mesh.stateHash(node, room.server) == room.mesh.stateHash(0, room.server))
        }
    }

    /// Who was one too many is told by whoever let it in; a suspended member is told nothing.
    @Test func `S-085 one too many learns it though whoever let it in is a member no more`() throws
    {
        let room = try LinkRoom(seed: 110, count: 5, moderators: [1], members: [4])
        let (mesh, server) = (room.mesh, room.server)
        let raise = RightsChange.raise(mesh.peerID(4), to: .admin, reason: "")
        _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        let link = try room.link(uses: 1)
        mesh.run(for: .seconds(30))
        mesh.partition([[0, 2], [1, 3, 4]])
        _ = try room.join(2, link)
        _ = try room.join(3, link)
        mesh.run(for: .seconds(30))
        #expect(room.isMember(2, on: 0) && room.isMember(3, on: 4))
        let suspend = RightsChange.suspend(mesh.peerID(1), reason: "")
        _ = try mesh.act(4, .rights(suspend, in: server, isRehearsal: false))
        mesh.run(for: .seconds(30))
        #expect(room.isMember(3, on: 4) && room.believesToBelong(3))
        mesh.heal()
        mesh.run(for: .seconds(300))
        for node in [0, 2, 4] {
            #expect(room.isMember(2, on: node) && !room.isMember(3, on: node), "at \(node)")
        }
        #expect(room.believesToBelong(2) && !room.believesToBelong(3))
        #expect(refusal { try mesh.post(3, server, room.channel, "hello?") } == .notMember)
    }

    /// It knows of its admission, and all that is left of the history it is refused.
    @Test func `S-085 one too many learns it before it has the history, too`() throws {
        let room = try LinkRoom(seed: 111, count: 4, moderators: [1])
        let (mesh, server) = (room.mesh, room.server)
        let link = try room.link(uses: 1)
        mesh.run(for: .seconds(30))
        mesh.partition([[0, 2], [1, 3]])
        _ = try room.join(2, link)
        mesh.run(for: .seconds(30))
        mesh.holdCommits(of: 3)
        mesh.begin(3, .acceptInvite(code: link.inviteCode ?? ""))
        while !room.isMember(3, on: 3), mesh.step() {}
        mesh.partition([[0, 1, 2], [3]])
        mesh.run(for: .seconds(120))
        mesh.releaseCommits(of: 3)
        try #require(mesh.core(3).servers[server]?.hasHistory == false)
        #expect(!room.isMember(3, on: 1) && room.believesToBelong(3))
        mesh.heal()
        mesh.run(for: .seconds(180))
        #expect(!room.believesToBelong(3))
        // Nobody was removed for it: shown somebody else's going, it would not ask in time (0x6).
        let state = try #require(mesh.core(0).servers[server]?.state)
        #expect(!state.wasLetIn(mesh.peerID(3)) && state.lowerings(of: mesh.peerID(3)).isEmpty)
        // Nothing was written there, so that nothing of it stays.
        #expect(mesh.core(3).servers[server] == nil)
    }
}
