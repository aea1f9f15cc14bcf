import PeerNode
import PeerState
import PeerTesting
import Testing

/// Learning that one is no member any more (PROTOCOL 9.1; S-094).
@Suite struct LoweredTests {
    private func level(_ mesh: Mesh, _ node: Int, _ server: Server.ID) -> String? {
        mesh.core(node).serverSnapshots().first { $0.id == server }?.level
    }

    @Test(arguments: [false, true])
    func `S-094 who is removed or suspended learns by whom and why`(isSuspended: Bool) throws {
        print("seed 130")
        let mesh = try Mesh(seed: 130, count: 3)
        let (server, channel) = try mesh.gather()
        let target = mesh.peerID(2)
        let act: RightsChange =
            isSuspended
            ? .suspend(target, reason: "calm down")
            : .kick(target, reason: "calm down", lastAccepted: nil)
        // He is away, and what happens meanwhile rests on events he will never be served.
        mesh.partition([[0, 1], [2]])
        for index in 0..<3 { _ = try mesh.post(1, server, channel, "unseen \(index)") }
        mesh.run(for: .seconds(30))
        _ = try mesh.act(0, .rights(act, in: server, isRehearsal: false))
        _ = try mesh.post(0, server, channel, "without him")
        mesh.run(for: .seconds(30))
        #expect(level(mesh, 2, server) == "member")
        mesh.heal()
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 2, server) == "none")
        let lowering = try #require(mesh.core(2).servers[server]?.lowering)
        #expect(lowering.author == mesh.peerID(0) && lowering.reason == "calm down")
        #expect(lowering.isSuspension == isSuspended)
        let expected: NodeCode = isSuspended ? .suspended : .notMember
        #expect(refusal { try mesh.post(2, server, channel, "hello?") } == expected)
        // He learned that and nothing else.
        #expect(try !mesh.texts(2, server, channel).contains("without him"))
        #expect(mesh.core(2).servers[server]?.state.graph.count ?? 0 < 40)

        // It is still known after a restart, and forgotten when he is let in again.
        try mesh.crash(2, life: 1)
        #expect(level(mesh, 2, server) == "none")
        if isSuspended {
            let readmit = RightsChange.readmit(target)
            _ = try mesh.act(0, .rights(readmit, in: server, isRehearsal: false))
        } else {
            _ = try mesh.act(
                0, .invite(server: server, recipient: target, expiresAtMilliseconds: nil))
        }
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 2, server) == "member")
        #expect(try mesh.post(2, server, channel, "back").kind == .applied)
        mesh.run(for: .seconds(60))
        #expect(mesh.stateHash(2, server) == mesh.stateHash(0, server))
        #expect(try mesh.texts(0, server, channel).contains("back"))
    }

    @Test
    func `S-094 while linked, who is removed learns it at once, and again when let in between`()
        throws
    {
        print("seed 131")
        let mesh = try Mesh(seed: 131, count: 2)
        let (server, channel) = try mesh.gather()
        for round in 0..<2 {
            let kick = RightsChange.kick(mesh.peerID(1), reason: "", lastAccepted: nil)
            _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
            // Half the time until the next Hello, at the latest.
            mesh.run(for: .seconds(round == 0 ? 2 : 60))
            #expect(level(mesh, 1, server) == "none", "round \(round)")
            #expect(refusal { try mesh.post(1, server, channel, "hello?") } == .notMember)
            _ = try mesh.act(
                0,
                .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
            mesh.run(for: .seconds(60))
            #expect(level(mesh, 1, server) == "member", "round \(round)")
        }
    }

    /// Each removed the other, and the more senior removal held; then the owner accepts what the
    /// removed one wrote, its removal among that. The other knows both removals, and is served
    /// nothing any more that would show why its own is void now.
    @Test func `S-094 who is removed by what a moved pin lets in learns it`() throws {
        print("seed 132")
        let mesh = try Mesh(seed: 132, count: 3)
        let (server, channel) = try mesh.gather()
        let (first, second) = (mesh.peerID(1), mesh.peerID(2))
        func change(_ node: Int, _ change: RightsChange) throws -> Outcome {
            try mesh.act(node, .rights(change, in: server, isRehearsal: false))
        }
        _ = try change(0, .raise(first, to: .moderator, reason: ""))
        mesh.run(for: .seconds(60))
        mesh.partition([[0, 2], [1]])
        _ = try change(0, .raise(second, to: .admin, reason: ""))
        mesh.run(for: .seconds(30))
        let junior = try #require(try change(1, .kick(second, reason: "", lastAccepted: nil)).event)
        let senior = try #require(try change(2, .kick(first, reason: "", lastAccepted: nil)).event)
        mesh.heal()
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 1, server) == "none" && level(mesh, 2, server) == "admin")

        _ = try change(0, .extend(lowering: senior, to: junior))
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 1, server) == "moderator")
        #expect(level(mesh, 2, server) == "none")
        #expect(mesh.core(2).servers[server]?.lowering?.author == first)
        #expect(refusal { try mesh.post(2, server, channel, "hello?") } == .notMember)

        _ = try mesh.act(
            0, .invite(server: server, recipient: second, expiresAtMilliseconds: nil))
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 2, server) == "member")
        #expect(try mesh.post(2, server, channel, "back").kind == .applied)
        mesh.run(for: .seconds(60))
        #expect(mesh.stateHash(2, server) == mesh.stateHash(0, server))
    }

    @Test func `S-094 who returns after its first words fell gets keys and a name again`() throws {
        print("seed 132")
        let mesh = try Mesh(seed: 132, count: 2)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let (server, channel) = (try #require(created.server), try #require(created.channel))
        func invite() throws -> String {
            let outcome = try mesh.act(
                0,
                .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
            return outcome.inviteCode ?? ""
        }
        mesh.begin(1, .acceptInvite(code: try invite()))
        while mesh.core(1).servers[server]?.keys.hasPrekey != true, mesh.step() {}
        // Nobody has heard anything of him when he is removed: all of it falls.
        mesh.partition([[0], [1]])
        let kick = RightsChange.kick(mesh.peerID(1), reason: "", lastAccepted: nil)
        _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
        mesh.heal()
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 1, server) == "none")
        _ = try invite()
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 1, server) == "member")
        #expect(try mesh.post(1, server, channel, "back").kind == .applied)
        mesh.run(for: .seconds(30))
        #expect(try mesh.texts(0, server, channel) == ["back"])
        #expect(mesh.core(0).servers[server]?.state.displayName(of: mesh.peerID(1)) == "node1")
    }

    private static func letIn(
        _ node: Int, by inviter: Int, _ mesh: Mesh, _ server: Server.ID
    ) throws {
        let invite = try mesh.act(
            inviter,
            .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
        _ = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
        mesh.run(for: .seconds(30))
    }

    /// A server of nodes 0 to 2, of whom 1 may let others in.
    private static func withModerator(
        _ mesh: Mesh
    ) throws -> (server: Server.ID, channel: Channel.ID) {
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let (server, channel) = (try #require(created.server), try #require(created.channel))
        for node in 1...2 { try letIn(node, by: 0, mesh, server) }
        let raise = RightsChange.raise(mesh.peerID(1), to: .moderator, reason: "")
        _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        mesh.run(for: .seconds(60))
        return (server, channel)
    }

    /// For everybody else it never was a member: nobody talks to it, and nobody owes it a word.
    @Test func `S-094 who was let in by somebody removed as of before that learns it`() throws {
        print("seed 133")
        let mesh = try Mesh(seed: 133, count: 4)
        let (server, channel) = try Self.withModerator(mesh)
        mesh.partition([[0, 2], [1, 3]])
        try Self.letIn(3, by: 1, mesh, server)
        #expect(level(mesh, 3, server) == "member")
        #expect(try mesh.post(3, server, channel, "hello").kind == .applied)
        // What the removal follows is not served to it, so that its state never holds it.
        _ = try mesh.post(0, server, channel, "elsewhere")
        let kick = RightsChange.kick(mesh.peerID(1), reason: "", lastAccepted: nil)
        _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
        mesh.heal()
        mesh.run(for: .seconds(300))
        #expect(level(mesh, 3, server) == "none")
        let lowering = mesh.core(3).servers[server]?.lowering
        #expect(lowering?.author == mesh.peerID(0) && lowering?.grantor == mesh.peerID(1))
        #expect(refusal { try mesh.post(3, server, channel, "anybody?") } == .notMember)

        try Self.letIn(3, by: 0, mesh, server)
        mesh.run(for: .seconds(180))
        #expect(level(mesh, 3, server) == "member")
        #expect(try mesh.post(3, server, channel, "here").kind == .applied)
        mesh.run(for: .seconds(60))
        for node in [2, 3] {
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server), "\(node)")
            #expect(try mesh.texts(node, server, channel).last == "here", "\(node)")
        }
    }

    /// What a forked author gives falls; the newcomer is a stranger to all who know of the fork.
    @Test func `S-094 who was let in on a branch of a fork learns that it is no member`() throws {
        print("seed 134")
        let mesh = try Mesh(seed: 134, count: 4)
        let (server, channel) = try Self.withModerator(mesh)
        let twin = try mesh.forge(1, server, [ProfileUpdated(displayName: "elsewhere")])
        mesh.partition([[0, 2], [1, 3]])
        mesh.hand(0, server, twin.map(\.envelope.bytes))
        try Self.letIn(3, by: 1, mesh, server)
        #expect(level(mesh, 3, server) == "member")
        for node in [0, 2] { _ = try mesh.post(node, server, channel, "by \(node)") }
        mesh.heal()
        mesh.run(for: .seconds(300))
        #expect(mesh.core(0).servers[server]?.state.standing(of: mesh.peerID(3)) == nil)
        #expect(level(mesh, 3, server) == "none")
        #expect(refusal { try mesh.post(3, server, channel, "anybody?") } == .notMember)
    }
}
