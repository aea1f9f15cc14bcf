import PeerNode
import PeerState
import PeerTesting
import Testing

/// Conversations of a few people on whole nodes in memory (PROTOCOL 7.7; S-190 to S-195).
@Suite struct DirectTests {
    private func open(_ mesh: Mesh, _ node: Int, with others: [Int]) throws -> Outcome {
        try mesh.act(node, .openDirect(with: others.map { mesh.peerID($0) }))
    }

    private func conversations(_ mesh: Mesh, _ node: Int) -> [ServerSnapshot] {
        mesh.core(node).serverSnapshots().filter(\.isDirect)
    }

    private func say(_ mesh: Mesh, _ node: Int, _ server: Server.ID, _ text: String) throws {
        let said = try mesh.post(node, server, Channel.ID(server), text)
        #expect(said.event != nil)
    }

    private func heard(_ mesh: Mesh, _ node: Int, _ server: Server.ID) throws -> [String] {
        try mesh.texts(node, server, Channel.ID(server))
    }

    @Test func `S-190 the other side learns of it without an invite, and both may open it`() throws
    {
        print("seed 120")
        let mesh = try Mesh(seed: 120, count: 3)
        _ = try mesh.gather()
        let opened = try open(mesh, 1, with: [0])
        #expect(opened.kind == .applied)
        #expect(opened.name == "@node0")
        let server = try #require(opened.server)
        try say(mesh, 1, server, "hello")
        mesh.run(for: .seconds(60))
        #expect(conversations(mesh, 0).map(\.id) == [server])
        #expect(conversations(mesh, 0).map(\.name) == ["@node1"])
        try say(mesh, 0, server, "yes?")
        mesh.run(for: .seconds(30))
        for node in 0...1 {
            #expect(try heard(mesh, node, server) == ["hello", "yes?"], "node \(node)")
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.owner == nil && state.participants.count == 2)
        }
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
        // The same people, the same conversation; and nobody else has heard of it.
        for (node, other) in [(0, 1), (1, 0)] {
            let again = try open(mesh, node, with: [other])
            #expect(again.kind == .unchanged && again.server == server)
        }
        #expect(mesh.core(2).servers[server] == nil && conversations(mesh, 2).isEmpty)
    }

    /// Its founder admits the others, and so hands them the key without waiting for anybody.
    @Test(arguments: [126, 127, 128, 129] as [UInt64])
    func `S-190 the first words are read at once, and answered`(seed: UInt64) throws {
        print("seed \(seed)")
        let mesh = try Mesh(seed: seed, count: 3)
        _ = try mesh.gather()
        let server = try #require(try open(mesh, 1, with: [0]).server)
        try say(mesh, 1, server, "hello")
        mesh.run(for: .seconds(1))
        #expect(try heard(mesh, 0, server) == ["hello"])
        try say(mesh, 0, server, "yes?")
        mesh.run(for: .seconds(1))
        #expect(try heard(mesh, 1, server) == ["hello", "yes?"])
    }

    @Test func `S-190 opened by both at once, it is one in the end`() throws {
        print("seed 121")
        let mesh = try Mesh(seed: 121, count: 2)
        _ = try mesh.gather()
        mesh.partition([[0], [1]])
        let first = try #require(try open(mesh, 0, with: [1]).server)
        let second = try #require(try open(mesh, 1, with: [0]).server)
        #expect(first != second)
        mesh.heal()
        mesh.run(for: .seconds(180))
        let one = min(first, second)
        for (node, other) in [(0, 1), (1, 0)] {
            #expect(conversations(mesh, node).map(\.id) == [one], "node \(node)")
            let again = try open(mesh, node, with: [other])
            #expect(again.kind == .unchanged && again.server == one)
        }
        try say(mesh, 0, one, "here")
        mesh.run(for: .seconds(30))
        #expect(try heard(mesh, 1, one) == ["here"])
    }

    @Test func `S-192 more people are another conversation, without the words of the first`() throws
    {
        print("seed 122")
        let mesh = try Mesh(seed: 122, count: 3)
        _ = try mesh.gather()
        let pair = try #require(try open(mesh, 0, with: [1]).server)
        try say(mesh, 0, pair, "between us")
        let trio = try #require(try open(mesh, 0, with: [1, 2]).server)
        #expect(pair != trio)
        try say(mesh, 0, trio, "all three")
        mesh.run(for: .seconds(90))
        for node in 1...2 {
            #expect(try heard(mesh, node, trio) == ["all three"], "node \(node)")
        }
        #expect(mesh.core(2).servers[pair] == nil)
        #expect(try heard(mesh, 1, pair) == ["between us"])
        #expect(Set(conversations(mesh, 0).map(\.name)) == ["@node1", titles(mesh, trio)])
    }

    private func titles(_ mesh: Mesh, _ server: Server.ID) -> String {
        let people = mesh.core(0).servers[server]?.state.participants ?? []
        let names = [1, 2].sorted { left, right in
            (people.firstIndex(of: mesh.peerID(left)) ?? 0)
                < (people.firstIndex(of: mesh.peerID(right)) ?? 0)
        }
        return names.map { "@node\($0)" }.joined(separator: ", ")
    }

    @Test func `S-193 nobody rules there, and leaving ends it for who leaves`() throws {
        print("seed 123")
        let mesh = try Mesh(seed: 123, count: 3)
        _ = try mesh.gather()
        let server = try #require(try open(mesh, 0, with: [1]).server)
        mesh.run(for: .seconds(60))
        let (one, two) = (mesh.peerID(1), mesh.peerID(2))
        let rights: [RightsChange] = [
            .kick(one, reason: "", lastAccepted: nil), .suspend(one, reason: ""),
            .raise(one, to: .admin, reason: ""), .transferOwnership(to: one),
            .createRole(name: "lead", permissions: .all),
        ]
        let acts: [Action] =
            rights.map { .rights($0, in: server, isRehearsal: false) } + [
                .vote(.setThreshold(.unanimous, reason: ""), in: server),
                .invite(server: server, recipient: two, expiresAtMilliseconds: nil),
                .link(.create(usesMax: 1, expiresAtMilliseconds: .max >> 2), in: server),
            ]
        for act in acts {
            let failure = #expect(throws: NodeFailure.self) { try mesh.act(0, act) }
            #expect(failure?.code == .noPermission, "\(act)")
        }
        #expect(try mesh.act(1, .server(.leave(), in: server)).kind == .applied)
        mesh.run(for: .seconds(60))
        #expect(conversations(mesh, 1).isEmpty)
        // Who stays has a conversation of one; talking again takes a new one.
        let next = try open(mesh, 1, with: [0])
        #expect(next.kind == .applied && next.server != server)
    }

    @Test func `S-194 who is blocked is not heard, and opens nothing`() throws {
        print("seed 124")
        let mesh = try Mesh(seed: 124, count: 3)
        let (group, general) = try mesh.gather()
        let block = ContactChange(isBlocked: true)
        #expect(try mesh.act(0, .setContact(mesh.peerID(1), block)).kind == .applied)
        #expect(try mesh.act(0, .setContact(mesh.peerID(1), block)).kind == .unchanged)
        let server = try #require(try open(mesh, 1, with: [0]).server)
        try say(mesh, 1, server, "psst")
        _ = try mesh.post(1, group, general, "in public")
        mesh.run(for: .seconds(90))
        #expect(mesh.core(0).servers[server] == nil && mesh.core(0).offerSnapshots().isEmpty)
        #expect(throws: NodeFailure.self) { try open(mesh, 0, with: [1]) }
        // A restart does not forget whom to leave out.
        try mesh.crash(0, life: 1)
        #expect(mesh.core(0).contact(mesh.peerID(1))?.contact.isBlocked == true)
        mesh.run(for: .seconds(60))
        #expect(mesh.core(0).servers[server] == nil)
        // Nor does what he tries again and again, in other company.
        let crowd = try #require(try open(mesh, 1, with: [0, 2]).server)
        for text in ["hey", "you", "there"] { try say(mesh, 1, crowd, text) }
        mesh.run(for: .seconds(90))
        for other in [server, crowd] {
            let bytes = try mesh.envelopes(0, other)
            #expect(mesh.core(0).servers[other] == nil && bytes.isEmpty)
        }
        #expect(mesh.core(0).offerSnapshots().isEmpty)
        #expect(try mesh.unread(0, by: "test") == 0, "nothing in public, nothing in private")
        let unblock = ContactChange(isBlocked: false)
        #expect(try mesh.act(0, .setContact(mesh.peerID(1), unblock)).kind == .applied)
        mesh.run(for: .seconds(300))
        let unread = try mesh.unread(0, by: "test")
        #expect(unread <= 1, "what was said to deaf ears is no news: \(unread)")
        #expect(mesh.core(0).servers[crowd] == nil && mesh.core(0).offerSnapshots().isEmpty)
        let found = try open(mesh, 0, with: [1])
        mesh.run(for: .seconds(120))
        #expect(found.server != nil)
        #expect(try mesh.texts(0, group, general) == ["in public"])
    }

    @Test func `S-195 what was said while somebody was away arrives once and in order`() throws {
        print("seed 125")
        let mesh = try Mesh(seed: 125, count: 2)
        _ = try mesh.gather()
        mesh.partition([[0], [1]])
        let server = try #require(try open(mesh, 0, with: [1]).server)
        for text in ["one", "two", "three"] { try say(mesh, 0, server, text) }
        mesh.run(for: .seconds(3 * 86_400))
        #expect(try mesh.unread(1, by: "test") == 0)
        mesh.heal()
        mesh.run(for: .seconds(180))
        #expect(try heard(mesh, 1, server) == ["one", "two", "three"])
        #expect(try mesh.unread(1, by: "test") == 3)
        let told = try mesh.feed(1).filter { $0.kind == .messageReceived }
        #expect(told.count == 3, "each is told once")
        #expect(try mesh.unread(0, by: "test") == 0, "one's own are read")
    }

    @Test func `a stranger's conversation waits for the user`() throws {
        print("seed 126")
        let mesh = try Mesh(seed: 126, count: 2)
        _ = try mesh.act(0, .createServer(name: "Own", description: ""))
        _ = try mesh.act(0, .addPeer(address: Mesh.address(1), identity: nil))
        mesh.run(for: .seconds(10))
        let server = try #require(try open(mesh, 0, with: [1]).server)
        try say(mesh, 0, server, "we have not met")
        mesh.run(for: .seconds(60))
        #expect(mesh.core(1).servers[server] == nil)
        let offers = mesh.core(1).offerSnapshots()
        #expect(offers.map(\.server) == [server] && offers.map(\.from) == [mesh.peerID(0)])
        let taken = try mesh.act(1, .acceptInvite(code: server.hex))
        #expect(taken.kind == .applied && taken.server == server)
        mesh.run(for: .seconds(60))
        #expect(try heard(mesh, 1, server) == ["we have not met"])
        #expect(mesh.core(1).offerSnapshots().isEmpty)
    }

    @Test func `an offer that waits for an answer outlives a restart, and a taken one is taken`()
        throws
    {
        print("seed 127")
        let mesh = try Mesh(seed: 127, count: 2)
        _ = try mesh.act(0, .createServer(name: "Own", description: ""))
        _ = try mesh.act(0, .addPeer(address: Mesh.address(1), identity: nil))
        mesh.run(for: .seconds(10))
        let server = try #require(try open(mesh, 0, with: [1]).server)
        mesh.run(for: .seconds(60))
        #expect(mesh.core(1).offerSnapshots().map(\.server) == [server])
        // Whoever offered it is gone: nobody brings it again.
        mesh.partition([[0], [1]])
        try mesh.crash(1, life: 1)
        mesh.run(for: .seconds(60))
        let kept = mesh.core(1).offerSnapshots()
        #expect(kept.map(\.server) == [server] && kept.map(\.from) == [mesh.peerID(0)])
        #expect(mesh.core(1).servers[server] == nil)
        // Brought again it is still one, and it can be taken.
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(mesh.core(1).offerSnapshots() == kept)
        #expect(try mesh.act(1, .acceptInvite(code: server.hex)).kind == .applied)
        mesh.run(for: .seconds(60))
        try mesh.crash(1, life: 2)
        #expect(mesh.core(1).offerSnapshots().isEmpty)
        #expect(mesh.core(1).servers[server]?.isMember == true)
    }
}
