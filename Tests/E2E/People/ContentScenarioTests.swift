import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Keys that come late, and channels that go quiet (SCENARIOS 5 and 7).
@Suite struct ContentScenarioTests {
    @Test func `S-119 messages wait for their key, and are shown, counted and found once`() throws {
        print("seed 5119")
        let mesh = try Mesh(seed: 5_119, count: 3, waitingForKey: 3) { node, configuration in
            guard node == 1 else { return }
            configuration.isProvider = true
            configuration.peers = [Mesh.address(0)]
        }
        mesh.run(for: .seconds(5))
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        _ = try mesh.act(0, .authorizeWorker(mesh.peerID(1), in: server))
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(2), expiresAtMilliseconds: nil))
        mesh.run(for: .seconds(20))
        // The provider gives history and no key; the founder knows no prekey of the guest.
        mesh.partition([[0], [1, 2]])
        #expect(try mesh.act(2, .acceptInvite(code: invite.inviteCode ?? "")).kind == .applied)
        for number in 0..<8 { _ = try mesh.post(0, server, channel, "harbour \(number)") }
        mesh.hand(2, server, try mesh.envelopes(0, server))
        mesh.run(for: .seconds(30))
        let slot = try #require(mesh.core(2).servers[server])
        #expect(slot.state.newestEpoch(of: channel).map { slot.keys.holds($0.id) } == false)
        #expect(try mesh.texts(2, server, channel).isEmpty)
        #expect(try mesh.unread(2, by: "a") == 0)
        #expect(try mesh.found(2, server, channel, word: "harbour").isEmpty)
        func told() throws -> Int { try mesh.feed(2).count { $0.kind == .messageReceived } }
        #expect(try told() == 0)

        mesh.heal()
        mesh.run(for: .seconds(60))
        let all = (0..<8).map { "harbour \($0)" }
        for _ in 0..<2 {
            #expect(try mesh.texts(2, server, channel) == all)
            #expect(try mesh.unread(2, by: "a") == 8)
            #expect(try mesh.found(2, server, channel, word: "harbour").count == 8)
            #expect(try told() == 8)
            // A start adds nothing to it.
            try mesh.crash(2, life: 1)
            mesh.run(for: .seconds(60))
        }
        #expect(mesh.stateHash(2, server) == mesh.stateHash(0, server))
    }

    @Test func `S-171 a quiet channel goes dormant, is archived, and comes back for all`() throws {
        print("seed 5171")
        let mesh = try Mesh(seed: 5_171, count: 2)
        let (server, _) = try mesh.gather()
        var plan = ChannelPlan(name: "summer")
        plan.idleMilliseconds = 3_600_000
        let channel = try #require(
            try mesh.act(0, .channel(.create(plan), in: server)).channel)
        mesh.run(for: .seconds(30))
        let last = try #require(try mesh.post(0, server, channel, "last words").event)
        let begin = mesh.network.now
        func states() throws -> [String?] {
            try (0..<2).map { node in
                try mesh.core(node).channelSnapshots(in: server, [])
                    .first { $0.id == channel }?.idleState
            }
        }
        // A node's clock is as late as the last thing that happened to it: less than a minute.
        func wait(until seconds: UInt64) throws {
            let passed = (mesh.network.now.nanoseconds - begin.nanoseconds) / 1_000_000_000
            mesh.run(for: .seconds(seconds - passed))
        }
        try wait(until: 840)
        #expect(try states() == ["active", "active"])
        try wait(until: 980)
        #expect(try states() == ["dormant", "dormant"])
        try wait(until: 3_540)
        #expect(try states() == ["dormant", "dormant"])
        try wait(until: 3_700)
        #expect(try states() == ["archived", "archived"])
        #expect(try mesh.texts(1, server, channel) == ["last words"], "nothing is deleted")
        #expect(mesh.core(1).servers[server]?.state.message(last) != nil)
        #expect(try mesh.act(1, .channel(.revive(channel), in: server)).kind == .applied)
        mesh.run(for: .seconds(60))
        #expect(try states() == ["active", "active"])
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }
}
