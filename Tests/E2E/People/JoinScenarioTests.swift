import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Coming in: from several peers, by providers, through relays, into large servers (SCENARIOS 4).
@Suite struct JoinScenarioTests {
    private static func found(_ mesh: Mesh) throws -> (server: Server.ID, channel: Channel.ID) {
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        return (try #require(created.server), try #require(created.channel))
    }

    private static func invite(
        _ mesh: Mesh, _ node: Int, _ server: Server.ID
    ) throws -> Outcome {
        try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
    }

    @Test(arguments: [0, 1])
    func `S-096 one of two who give history dies, and the other gives the rest`(dies: Int) throws {
        print("seed 4096")
        let mesh = try Mesh(seed: 4_096, count: 3)
        let (server, channel) = try Self.found(mesh)
        let first = try Self.invite(mesh, 1, server)
        _ = try mesh.act(1, .acceptInvite(code: first.inviteCode ?? ""))
        let raise = RightsChange.raise(mesh.peerID(1), to: .moderator, reason: "")
        _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        let long = String(repeating: "x", count: 4_000)
        for number in 0..<300 {
            _ = try mesh.post(number % 2, server, channel, "\(number) \(long)")
        }
        let invite = try Self.invite(mesh, 2, server)
        mesh.run(for: .seconds(60))
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
        let whole = try #require(mesh.core(0).servers[server]?.committedCount)

        mesh.begin(2, .acceptInvite(code: invite.inviteCode ?? ""))
        while mesh.core(2).servers[server]?.committedCount ?? 0 < 40 {
            guard mesh.step() else { break }
        }
        let early = try #require(mesh.core(2).servers[server])
        #expect(!early.hasHistory && early.committedCount < whole, "it is in the middle")
        mesh.partition([[dies], [1 - dies, 2]])
        mesh.run(for: .seconds(90))
        #expect(mesh.core(2).servers[server]?.isMember == true)
        let shown = try mesh.texts(2, server, channel)
        let others = try mesh.texts(1 - dies, server, channel)
        #expect(shown == others && shown.count == 300)
        let notices = mesh.takeNotices(2)
        let ended = notices.filter { $0.kind == .historySynced }
        #expect(ended.count == 1)
        #expect(ended.first?["added"] == .number(whole))
        #expect(ended.first?["from_peer"] == .word(mesh.peerID(1 - dies).hex))
        let applied = notices.filter { $0.kind == .syncCompleted }.compactMap { $0["ops_applied"] }
        #expect(applied.filter { $0 == .number(whole) }.count == 1, "\(applied)")
        mesh.heal()
        mesh.run(for: .seconds(120))
        for node in 0..<2 { #expect(mesh.stateHash(node, server) == mesh.stateHash(2, server)) }
    }

    @Test func `who came by a provider that reads nothing is given the rest by a moderator`() throws
    {
        print("seed 4095")
        let mesh = try Mesh(seed: 4_095, count: 3) { node, configuration in
            guard node == 1 else { return }
            configuration.isProvider = true
            configuration.peers = [Mesh.address(0)]
        }
        mesh.run(for: .seconds(5))
        let (server, channel) = try Self.found(mesh)
        _ = try mesh.act(0, .authorizeWorker(mesh.peerID(1), in: server))
        let expiry = mesh.wallMilliseconds(0) + 3_600_000
        let link = try mesh.act(
            0, .link(.create(usesMax: 3, expiresAtMilliseconds: expiry), in: server))
        mesh.run(for: .seconds(30))
        mesh.partition([[0], [1, 2]])
        let joined = try mesh.act(2, .acceptInvite(code: link.inviteCode ?? ""))
        #expect(joined.kind == .applied)
        func readers() -> Bool? {
            let state = mesh.core(0).servers[server]?.state
            return state.map { $0.isReader(mesh.peerID(2), of: channel, at: $0.now) }
        }
        mesh.heal()
        mesh.run(for: .seconds(90))
        // A provider gives no more than it has.
        #expect(readers() == false)
        #expect(throws: NodeFailure.self) { try mesh.post(2, server, channel, "may I?") }
        #expect(try Self.invite(mesh, 2, server).kind == .applied)
        #expect(readers() == true)
        #expect(try Self.invite(mesh, 2, server).kind == .unchanged)
        mesh.run(for: .seconds(30))
        #expect(try mesh.post(2, server, channel, "thanks").kind == .applied)
        mesh.run(for: .seconds(60))
        for node in 1..<3 { #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server)) }
        #expect(try mesh.texts(0, server, channel) == ["thanks"])
    }

    @Test func `an invite names the relay of an inviter who cannot be dialled`() throws {
        print("seed 4083")
        // Node 3 relays; node 0 was told of it, the guests were not.
        let mesh = try Mesh(seed: 4_083, count: 4) { node, configuration in
            if node == 3 { configuration.isRelay = true }
            if node < 2 { configuration.relays = [Mesh.address(3)] }
        }
        mesh.blocksDial = { _, to in to != 3 }
        mesh.run(for: .seconds(10))
        let (server, channel) = try Self.found(mesh)
        let other = try mesh.act(1, .createServer(name: "Elsewhere", description: ""))
        #expect(other.kind == .applied)
        let invite = try Self.invite(mesh, 2, server)
        #expect(try Invite(code: invite.inviteCode ?? "").addresses.contains(Mesh.address(3)))
        #expect(try mesh.act(2, .acceptInvite(code: invite.inviteCode ?? "")).kind != .unchanged)
        mesh.run(for: .seconds(60))
        _ = try mesh.post(2, server, channel, "through")
        mesh.run(for: .seconds(30))
        #expect(try mesh.texts(0, server, channel) == ["through"])
        // It is used again after a restart, and for the members of that server alone.
        try mesh.crash(2, life: 1)
        mesh.run(for: .seconds(60))
        _ = try mesh.post(2, server, channel, "again")
        mesh.run(for: .seconds(30))
        #expect(try mesh.texts(0, server, channel) == ["through", "again"])
        let relay = mesh.peerID(3)
        #expect(mesh.core(2).narrowRelays()[relay] == [mesh.peerID(0), mesh.peerID(2)])
        #expect(mesh.core(0).narrowRelays().isEmpty)
        _ = try mesh.act(2, .server(.leave(), in: server))
        mesh.run(for: .seconds(60))
        #expect(mesh.core(2).narrowRelays()[relay] == [])
    }

    /// `./dev test-long` takes the 1,000 channels and 300 members of the scenario.
    @Test func `S-091 an invite into a large server stays small and works`() throws {
        let isLong = ProcessInfo.processInfo.environment["PEER_LONG"] != nil
        let (channels, members) = isLong ? (1_000, 300) : (100, 60)
        print("seed 4091")
        let mesh = try Mesh(seed: 4_091, count: 2)
        let name = String(repeating: "n", count: 100)
        let created = try mesh.act(0, .createServer(name: name, description: ""))
        let server = try #require(created.server)
        for number in 1..<channels {
            _ = try mesh.act(
                0, .channel(.create(ChannelPlan(name: "c\(number)")), in: server))
        }
        var random = SeededRandom(seed: 4_091)
        for number in 0..<members {
            var entropy = Entropy.seeded(SeededRandom(seed: random.next()))
            let peer = SigningKey(seed: entropy.bytes(32)).publicKey
            _ = try mesh.act(
                0, .invite(server: server, recipient: peer, expiresAtMilliseconds: nil))
            guard number < 20 else { continue }
            let raise = RightsChange.raise(peer, to: .moderator, reason: "")
            _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        }
        let invite = try Self.invite(mesh, 1, server)
        let code = try #require(invite.inviteCode)
        #expect(code.utf8.count <= 1_024, "\(code.utf8.count)")
        #expect(try Invite(code: code).providers.count == Invite.addressesMax)
        _ = try mesh.act(1, .acceptInvite(code: code))
        mesh.run(for: .seconds(120))
        let slot = try #require(mesh.core(1).servers[server])
        #expect(slot.isMember && slot.state.holdingChannels.count == channels)
        #expect(try mesh.core(1).memberSnapshots(in: server).count == members + 2)
        #expect(mesh.stateHash(1, server) == mesh.stateHash(0, server))
        let channel = try #require(slot.state.holdingChannels.last?.id)
        #expect(try mesh.post(1, server, channel, "here").kind == .applied)
    }
}
