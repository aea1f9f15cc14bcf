import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-055: an agent is stopped by any senior with one event, and let go on again.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct SuspensionTests {
    @Test func `S-055 a suspension is one event that holds everywhere until it is lifted`() throws {
        let mesh = try Mesh(seed: 55, count: 4)
        let (server, channel) = try mesh.gather()
        _ = try mesh.act(
            0,
            .rights(
                .raise(mesh.peerID(1), to: .moderator, reason: ""), in: server,
                isRehearsal: false))
        let agent = mesh.peerID(3)
        let before = try mesh.post(3, server, channel, "at work")
        mesh.run(for: .seconds(30))
        let old = try #require(mesh.core(1).servers[server]?.state.sendingEpoch(of: channel))
        let seq = try #require(
            mesh.core(1).servers[server]?.state.graph.head(of: mesh.peerID(1))?.seq)

        // A moderator, not the owner; no vote; the agent is away and goes on.
        mesh.partition([[0, 1, 2], [3]])
        let paused = try mesh.act(
            1, .rights(.suspend(agent, reason: "runs wild"), in: server, isRehearsal: false))
        #expect(paused.kind == .applied && paused.vote == nil && paused.rotated == [channel])
        #expect(paused.seq == seq + 1)
        let between = try mesh.post(3, server, channel, "nobody told me")
        mesh.run(for: .seconds(30))
        for node in 0..<3 {
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.isSuspended(agent) && state.standing(of: agent) == nil)
            let epoch = try #require(state.sendingEpoch(of: channel))
            #expect(epoch.id != old.id && !state.recipients(of: epoch).contains(agent))
        }
        mesh.heal()
        mesh.run(for: .seconds(180))
        #expect(refusal { try mesh.post(3, server, channel, "let me in") } == .suspended)
        _ = try mesh.post(2, server, channel, "without it")
        mesh.run(for: .seconds(30))
        for node in 0..<3 {
            #expect(try mesh.texts(node, server, channel) == ["at work", "without it"])
        }

        let lifted = try mesh.act(
            1, .rights(.readmit(agent), in: server, isRehearsal: false))
        #expect(lifted.kind == .applied)
        mesh.run(for: .seconds(60))
        let after = try mesh.post(3, server, channel, "back at work")
        #expect(after.kind == .applied)
        mesh.run(for: .seconds(60))
        let hash = mesh.stateHash(0, server)
        for node in 0..<4 {
            #expect(mesh.stateHash(node, server) == hash, "node \(node)")
            let state = try #require(mesh.core(node).servers[server]?.state)
            let (kept, lost) = (try #require(before.event), try #require(between.event))
            #expect(state.verdict(on: kept) == nil)
            #expect(state.seq(of: lost) == nil || state.verdict(on: lost) != nil)
            if node < 3 {
                #expect(
                    try mesh.texts(node, server, channel)
                        == ["at work", "without it", "back at work"])
            }
        }
    }
}
