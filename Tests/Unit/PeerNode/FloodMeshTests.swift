import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Whole nodes in virtual time, one of which writes over its quota.
@Suite struct FloodMeshTests {
    private let texts = 700

    @Test func `events over quota are left, not named, and come when their author is calm`() throws
    {
        let mesh = try Mesh(seed: 37, count: 3)
        let (server, channel) = try mesh.gather()
        let before = try mesh.texts(0, server, channel).count
        for number in 0..<texts { _ = try mesh.post(2, server, channel, "noise \(number)") }
        mesh.run(for: .seconds(1))
        for node in 0...1 {
            let counters = mesh.core(node).reachSnapshot().counters
            let left = counters[.pushesOverAuthorQuota] + counters[.pushesPostponed]
            #expect(left >= 150, "node \(node) left \(left)")
            #expect(counters[.wantsPostponed] == 0 && counters[.pushesOverPeerQuota] == 0)
            #expect(mesh.core(node).reachSnapshot().gauges[.authorsOverQuota] == 1)
        }
        let seen = try mesh.texts(0, server, channel).count
        #expect(seen < before + texts)
        let word = try #require(try mesh.post(0, server, channel, "a word").event)
        let tips = mesh.core(0).servers[server]?.state.graph.tipIDs ?? []
        #expect(tips.count == 2 && tips.contains(word), "his last event is not named")
        mesh.run(for: 400)
        #expect(try mesh.texts(1, server, channel).contains("a word"), "it waits for nothing")

        mesh.run(for: .seconds(20))
        for node in 0...2 {
            #expect(try mesh.texts(node, server, channel).count == before + texts + 1)
            #expect(mesh.core(node).reachSnapshot().gauges[.authorsOverQuota] == 0)
        }
        let wants = mesh.core(0).reachSnapshot().counters[.wantsPostponed]
        #expect((1...2).contains(wants), "\(wants) Wants for 200 events")
        _ = try mesh.post(0, server, channel, "another")
        #expect(mesh.core(0).servers[server]?.state.graph.tipIDs.count == 1, "now it is")
        mesh.run(for: .seconds(5))
        #expect(Set((0...2).map { mesh.stateHash($0, server) }).count == 1)
    }
}
