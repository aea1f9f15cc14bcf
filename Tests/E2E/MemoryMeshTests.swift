import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Whole nodes on the in-memory network: join, chat, part, heal, crash.
@Suite struct MemoryMeshTests {
    static func expectAgreement(
        _ mesh: Mesh, _ count: Int, _ server: Server.ID, _ channel: Channel.ID, texts: Int
    ) throws {
        let hash = try #require(mesh.stateHash(0, server))
        let shown = try mesh.texts(0, server, channel)
        #expect(shown.count == texts)
        #expect(Set(shown).count == texts, "nothing is doubled")
        for node in 1..<count {
            #expect(mesh.stateHash(node, server) == hash, "node \(node)")
            #expect(try mesh.texts(node, server, channel) == shown, "node \(node)")
        }
    }

    @Test(arguments: [2, 3, 10])
    func `nodes that join and chat converge`(count: Int) throws {
        let seed = UInt64(count) * 7_919
        print("seed \(seed)")
        let mesh = try Mesh(seed: seed, count: count)
        let (server, channel) = try mesh.gather()
        for round in 0..<5 {
            for node in 0..<count {
                let outcome = try mesh.post(node, server, channel, "round \(round) of \(node)")
                #expect(outcome.kind == .applied)
            }
        }
        mesh.run(for: .seconds(60))
        try Self.expectAgreement(mesh, count, server, channel, texts: 5 * count)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `fifty messages on each side of a partition meet when it heals`(seed: UInt64) throws {
        print("seed \(seed)")
        let mesh = try Mesh(seed: seed, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.partition([[0], [1, 2]])
        mesh.run(for: .seconds(5))
        for index in 0..<50 {
            _ = try mesh.post(0, server, channel, "left \(index)")
            _ = try mesh.post(1 + index % 2, server, channel, "right \(index)")
        }
        #expect(try mesh.texts(0, server, channel).count == 50)
        #expect(mesh.stateHash(0, server) != mesh.stateHash(1, server))
        mesh.heal()
        mesh.run(for: .seconds(180))
        try Self.expectAgreement(mesh, 3, server, channel, texts: 100)
    }

    @Test func `a node that crashes keeps what it acknowledged and catches up`() throws {
        let mesh = try Mesh(seed: 21, count: 3)
        let (server, channel) = try mesh.gather()
        for index in 0..<10 { _ = try mesh.post(2, server, channel, "before \(index)") }
        try mesh.crash(2, life: 1)
        for index in 0..<10 { _ = try mesh.post(0, server, channel, "meanwhile \(index)") }
        mesh.run(for: .seconds(120))
        let outcome = try mesh.post(2, server, channel, "after")
        #expect(outcome.kind == .applied)
        mesh.run(for: .seconds(60))
        try Self.expectAgreement(mesh, 3, server, channel, texts: 21)
    }

    @Test func `one seed gives one run`() throws {
        var traces: [[String]] = []
        for _ in 0..<2 {
            let mesh = try Mesh(seed: 99, count: 3)
            let (server, channel) = try mesh.gather()
            for node in 0..<3 { _ = try mesh.post(node, server, channel, "hello from \(node)") }
            mesh.run(for: .seconds(60))
            traces.append([
                "\(mesh.network.now.nanoseconds)", server.hex, mesh.stateHash(1, server)?.hex ?? "",
            ])
        }
        #expect(traces[0] == traces[1])
    }

    @Test func `an invite for another peer is refused and leaves nothing behind`() throws {
        let mesh = try Mesh(seed: 31, count: 3)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        let failure = #expect(throws: NodeFailure.self) {
            try mesh.act(2, .acceptInvite(code: invite.inviteCode ?? ""))
        }
        #expect(failure?.code == .wrongRecipient)
        #expect(mesh.core(2).servers.isEmpty)
        #expect(mesh.stateHash(0, server) != nil)
    }

    @Test func `history written before a join is readable after it`() throws {
        let mesh = try Mesh(seed: 41, count: 2)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        for index in 0..<20 { _ = try mesh.post(0, server, channel, "early \(index)") }
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        let joined = try mesh.act(1, .acceptInvite(code: invite.inviteCode ?? ""))
        #expect(joined.kind == .applied)
        mesh.run(for: .seconds(30))
        try Self.expectAgreement(mesh, 2, server, channel, texts: 20)
        _ = try mesh.post(1, server, channel, "thanks")
        mesh.run(for: .seconds(30))
        try Self.expectAgreement(mesh, 2, server, channel, texts: 21)
    }

    /// A newcomer to 12,000 messages once saw 10,000: those beyond the bound were forgotten.
    @Test func `messages beyond the waiting bound show when their key comes`() throws {
        let mesh = try Mesh(seed: 51, count: 2, waitingForKey: 5)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        for index in 0..<40 { _ = try mesh.post(0, server, channel, "early \(index)") }
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        _ = try mesh.act(1, .acceptInvite(code: invite.inviteCode ?? ""))
        mesh.run(for: .seconds(30))
        try Self.expectAgreement(mesh, 2, server, channel, texts: 40)
    }

    /// Each message of it would be written as one without a key, and deleted again.
    @Test func `a history that takes long to come shows nothing before its key`() throws {
        print("seed 52")
        let mesh = try Mesh(seed: 52, count: 2, conditions: MemoryConditions(medianDelay: 800))
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        let long = String(repeating: "long ", count: 1_400)
        var posted: [Event.ID] = []
        for index in 0..<400 {
            let outcome = try mesh.post(0, server, channel, "\(index) " + long)
            posted.append(try #require(outcome.event))
        }
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        mesh.begin(1, .acceptInvite(code: invite.inviteCode ?? ""))
        var came: [UInt64] = []
        for number in 0..<100_000 where mesh.step() {
            guard number.isMultiple(of: 10), let slot = mesh.core(1).servers[server],
                slot.state.channel(channel) != nil
            else { continue }
            if slot.hasHistory { break }
            came.append(mesh.wallMilliseconds(1))
            #expect(try mesh.stored(1, posted[0]) == nil)
        }
        let taken = try #require(came.last) - came[0]
        #expect(taken > 4_000, "longer than a key is waited for")
        mesh.run(for: .seconds(60))
        try Self.expectAgreement(mesh, 2, server, channel, texts: 400)
    }

    @Test func `an offer of membership is taken by the id of its server`() throws {
        let mesh = try Mesh(seed: 61, count: 2)
        _ = try mesh.gather()
        let created = try mesh.act(0, .createServer(name: "Annex", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        _ = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        mesh.run(for: .seconds(5))
        #expect(mesh.core(1).servers[server] == nil, "nothing is stored before it is taken")
        let joined = try mesh.act(1, .acceptInvite(code: server.hex))
        #expect(joined.kind == .applied)
        #expect(joined.name == "Annex")
        mesh.run(for: .seconds(20))
        _ = try mesh.post(1, server, channel, "moved in")
        mesh.run(for: .seconds(60))
        try Self.expectAgreement(mesh, 2, server, channel, texts: 1)
    }
}
