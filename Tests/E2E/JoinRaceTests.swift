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
}
