import PeerNode
import PeerState
import PeerTesting
import Testing

/// A kick by a strict senior, as everybody sees it (SCENARIOS 2).
@Suite struct KickScenarioTests {
    private func act(_ mesh: Mesh, _ node: Int, _ server: Server.ID, _ change: RightsChange) throws
        -> Outcome
    {
        try mesh.act(node, .rights(change, in: server, isRehearsal: false))
    }

    @Test func `S-039 one event removes, pins, renews what he could read, and all are told`()
        throws
    {
        print("seed 390")
        let mesh = try Mesh(seed: 390, count: 4)
        let (server, general) = try mesh.gather()
        let (admin, target) = (mesh.peerID(1), mesh.peerID(3))
        _ = try act(mesh, 0, server, .raise(admin, to: .admin, reason: ""))
        let role = try act(mesh, 0, server, .createRole(name: "crew", permissions: []))
        let crew = try #require(role.event)
        for node in 1...2 { _ = try act(mesh, 0, server, .assign(crew, to: mesh.peerID(node))) }
        let dock = try mesh.act(0, .channel(.create(ChannelPlan(name: "dock")), in: server))
        var plan = ChannelPlan(name: "closed")
        plan.readers = [crew]
        mesh.run(for: .seconds(30))
        let closed = try mesh.act(1, .channel(.create(plan), in: server))
        mesh.run(for: .seconds(60))
        let last = try mesh.post(3, server, general, "the last of him")
        mesh.run(for: .seconds(30))
        let channels = try [general, #require(dock.channel), #require(closed.channel)]
        func epochs(_ node: Int) -> [Epoch.ID?] {
            let state = mesh.core(node).servers[server]?.state
            return channels.map { state?.sendingEpoch(of: $0)?.id }
        }
        let before = epochs(1)
        #expect(!before.contains(nil))

        let kicked = try act(mesh, 1, server, .kick(target, reason: "noise", lastAccepted: nil))
        #expect(kicked.kind == .applied)
        #expect(Set(kicked.rotated) == Set(channels.prefix(2)))
        #expect(kicked.lastAccepted?.id == last.event && kicked.lastAccepted?.seq == last.seq)
        mesh.run(for: .seconds(60))
        let cut = try #require(kicked.lastAccepted)
        for node in 0..<3 {
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.standing(of: target) == nil)
            let after = epochs(node)
            #expect(after[0] != before[0] && after[1] != before[1] && after[2] == before[2])
            for channel in channels.prefix(2) {
                let epoch = try #require(state.sendingEpoch(of: channel))
                #expect(!state.recipients(of: epoch).contains(target), "node \(node)")
            }
            let told = try mesh.feed(node).filter { $0.kind == .memberKicked }
            #expect(told.count == 1, "node \(node)")
            #expect(told.first?["peer_id"] == .word(target.hex))
            #expect(told.first?["by"] == .word(admin.hex))
            #expect(told.first?["last_accepted"] == .place(cut))
            #expect(mesh.stateHash(node, server) == mesh.stateHash(1, server))
        }
        let his = mesh.core(3).serverSnapshots().first { $0.id == server }
        #expect(his?.level == "none")
    }
}
