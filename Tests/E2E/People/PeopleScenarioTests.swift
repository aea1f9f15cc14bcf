import PeerNode
import PeerState
import PeerTesting
import Testing

/// Scenarios of membership, encryption and direct conversations on whole nodes (SCENARIOS 4, 5, 9).
@Suite struct PeopleScenarioTests {
    private static func mesh(_ seed: UInt64, _ count: Int) throws -> Mesh {
        print("seed \(seed)")
        return try Mesh(seed: seed, count: count)
    }

    private static func invite(_ mesh: Mesh, _ node: Int, _ server: Server.ID) throws -> Outcome {
        try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
    }

    @Test func `S-080 who is invited reads all and writes at once`() throws {
        let mesh = try Self.mesh(4_080, 3)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        for number in 0..<5 { _ = try mesh.post(0, server, channel, "before \(number)") }
        for node in 1...2 {
            let code = try Self.invite(mesh, node, server).inviteCode ?? ""
            #expect(try mesh.act(node, .acceptInvite(code: code)).kind == .applied)
            #expect(try mesh.post(node, server, channel, "at once, \(node)").kind == .applied)
        }
        mesh.run(for: .seconds(60))
        let all = (0..<5).map { "before \($0)" } + ["at once, 1", "at once, 2"]
        for node in 0..<3 {
            #expect(try mesh.texts(node, server, channel) == all, "node \(node)")
            let members = try mesh.core(node).memberSnapshots(in: server).map(\.id)
            #expect(Set(members) == Set((0..<3).map { mesh.peerID($0) }))
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
        }
    }

    @Test func `S-098 two servers of the same people never mix`() throws {
        let mesh = try Self.mesh(4_098, 2)
        let (first, channel) = try mesh.gather()
        let made = try mesh.act(0, .createServer(name: "Yard", description: ""))
        let second = try #require(made.server)
        let yard = try #require(made.channel)
        let code = try Self.invite(mesh, 1, second).inviteCode ?? ""
        _ = try mesh.act(1, .acceptInvite(code: code))
        mesh.run(for: .seconds(30))
        for number in 0..<3 {
            _ = try mesh.post(number % 2, first, channel, "harbour \(number)")
            _ = try mesh.post(1 - number % 2, second, yard, "yard \(number)")
        }
        mesh.run(for: .seconds(30))
        for node in 0..<2 {
            let harbours = Set(try mesh.texts(node, first, channel))
            let yards = Set(try mesh.texts(node, second, yard))
            #expect(harbours == Set((0..<3).map { "harbour \($0)" }))
            #expect(yards == Set((0..<3).map { "yard \($0)" }))
            let slots = mesh.core(node).servers
            let keys = try #require(slots[first]?.keys)
            for epoch in try #require(slots[second]?.state.epochs.keys) {
                #expect(!keys.holds(epoch))
            }
        }
        #expect(refusal { try mesh.post(0, first, yard, "wrong door") } == .unknownChannel)
        #expect(
            refusal { try mesh.post(0, Server.ID(Event.ID(yard)), yard, "no such server") }
                == .unknownServer)
    }

    @Test func `S-100 a new name and description are read on another peer, and told`() throws {
        let mesh = try Self.mesh(4_100, 2)
        let (server, _) = try mesh.gather()
        _ = try mesh.act(0, .server(.rename("Marina"), in: server))
        _ = try mesh.act(0, .server(.describe("boats"), in: server))
        mesh.run(for: .seconds(30))
        let shown = try #require(mesh.core(1).serverSnapshots().first { $0.id == server })
        #expect(shown.name == "Marina" && shown.description == "boats")
        let told = try mesh.feed(1)
        #expect(told.contains { $0.kind == .serverRenamed })
        #expect(told.contains { $0.kind == .serverDescriptionChanged })
        #expect(refusal { try mesh.act(1, .server(.rename("Mine"), in: server)) } != nil)
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }

    @Test func `S-117 newcomers read what the channel's policy gives, and what is handed over`()
        throws
    {
        let mesh = try Self.mesh(4_117, 2)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let open = try #require(created.channel)
        var plan = ChannelPlan(name: "from-now")
        plan.sharesHistory = false
        let closed = try #require(try mesh.act(0, .channel(.create(plan), in: server)).channel)
        for channel in [open, closed] {
            _ = try mesh.post(0, server, channel, "first key")
            for text in ["second key", "third key"] {
                mesh.run(for: .seconds(5))
                _ = try mesh.act(0, .channel(.rotateKey(channel), in: server))
                _ = try mesh.post(0, server, channel, text)
            }
        }
        let code = try Self.invite(mesh, 1, server).inviteCode ?? ""
        _ = try mesh.act(1, .acceptInvite(code: code))
        mesh.run(for: .seconds(60))
        let all = ["first key", "second key", "third key"]
        #expect(try mesh.texts(1, server, open) == all)
        // The key in use when he came is given; what it opens he reads.
        #expect(try mesh.texts(1, server, closed) == ["third key"])
        func shown() throws -> [MessageSnapshot] { try mesh.shown(1, server, closed) }
        let written = try mesh.shown(0, server, closed)
        #expect(try shown().map(\.text) == ["", "", "third key"])
        #expect(try shown().map(\.isSealed) == [true, true, false])
        #expect(try shown().map(\.author) == written.map(\.author))
        #expect(try shown().map(\.atMilliseconds) == written.map(\.atMilliseconds))
        // What cannot be read is neither unread nor found, and told to nobody.
        func isNews(_ count: Int) throws {
            let told = try mesh.feed(1).filter { $0.channel == closed }
            #expect(told.count { $0.kind == .messageReceived } == count)
            #expect(try mesh.found(1, server, closed, word: "key").count == count)
            #expect(try mesh.unread(1, by: "a") == 3 + count)
        }
        try isNews(1)

        // From the second on: the first is older, and stays as it is.
        let second = try #require(written.dropFirst().first)
        let since = try mesh.act(
            0,
            .channel(
                .shareHistory(closed, with: mesh.peerID(1), since: second.atMilliseconds),
                in: server))
        #expect(since.epochs == 1)
        mesh.run(for: .seconds(30))
        #expect(try shown().map(\.text) == ["", "second key", "third key"])
        #expect(try shown().map(\.isSealed) == [true, false, false])
        try isNews(2)
        try mesh.crash(1, life: 1)
        mesh.run(for: .seconds(60))
        #expect(try shown().map(\.isSealed) == [true, false, false])
        let outcome = try mesh.act(
            0, .channel(.shareHistory(closed, with: mesh.peerID(1), since: nil), in: server))
        #expect(outcome.epochs == 1)
        mesh.run(for: .seconds(30))
        #expect(try mesh.texts(1, server, closed) == all)
        #expect(try shown().allSatisfy { !$0.isSealed })
        try isNews(3)
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }

    @Test func `S-191 a third peer who knows both sees nothing of their conversation`() throws {
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        print("seed 4191")
        let mesh = try Mesh(seed: 4_191, count: 3, folder: folder)
        let (server, channel) = try mesh.gather()
        let outcome = try mesh.act(1, .openDirect(with: [mesh.peerID(2)]))
        let direct = try #require(outcome.server)
        let talk = Channel.ID(direct)
        mesh.run(for: .seconds(60))
        _ = try mesh.post(1, direct, talk, "between us")
        _ = try mesh.post(2, direct, talk, "and nobody else")
        _ = try mesh.post(1, server, channel, "sentinel")
        mesh.run(for: .seconds(60))
        #expect(try mesh.texts(2, direct, talk) == ["between us", "and nobody else"])
        #expect(try mesh.texts(0, server, channel) == ["sentinel"])
        let bytes = try mesh.storedBytes(0)
        #expect(bytes.firstRange(of: server.bytes) != nil)
        #expect(bytes.firstRange(of: direct.bytes) == nil, "not even its id")
        #expect(mesh.core(0).servers[direct] == nil)
        #expect(mesh.core(0).offerSnapshots().isEmpty)
    }

    /// The third takes down each frame he gets, inside the encryption of his links with both.
    @Test func `S-191 two edit, react and send a file; the third is sent nothing of it`() throws {
        let mesh = try Self.mesh(4_192, 3)
        let (server, channel) = try mesh.gather()
        _ = try mesh.act(
            2, .addPeer(address: Mesh.address(1), identity: mesh.peerID(1)))
        mesh.run(for: .seconds(30))
        let third = try mesh.replace(0, dialling: 1)
        mesh.run(for: .seconds(5))
        try #require(third.isOpen)
        let outcome = try mesh.act(1, .openDirect(with: [mesh.peerID(2)]))
        let direct = try #require(outcome.server)
        let talk = Channel.ID(direct)
        mesh.run(for: .seconds(30))
        let first = try #require(try mesh.post(1, direct, talk, "between us").event)
        mesh.run(for: .seconds(20))
        let edit = ContentAct.edit(text: "only between us")
        _ = try mesh.act(1, .content(edit, on: first, in: direct, principal: "test"))
        let react = ContentAct.react(emoji: "wave")
        let reaction = try mesh.act(
            2, .content(react, on: first, in: direct, principal: "test"))
        let plain = [UInt8](repeating: 77, count: 5_000)
        let shared = try mesh.share(2, direct, talk, plain, chunkSize: 262_144)
        _ = try mesh.post(1, server, channel, "sentinel")
        mesh.run(for: .seconds(30))
        mesh.fetch(1, shared.file, in: direct)
        mesh.run(for: .seconds(30))
        for node in 1...2 {
            #expect(try mesh.texts(node, direct, talk).contains("only between us"))
            let state = try #require(mesh.core(node).servers[direct]?.state)
            #expect(state.verdict(on: try #require(reaction.event)) == nil)
        }
        #expect((mesh.opened(1, shared.file) == plain) as Bool)
        let got = third.recorded.flatMap(\.self)
        #expect(got.firstRange(of: server.bytes) != nil)
        let secrets =
            [direct.bytes, first.bytes, shared.message.bytes]
            + shared.file.chunks.map(\.bytes)
        for secret in secrets { #expect(got.firstRange(of: secret) == nil) }
    }
}
