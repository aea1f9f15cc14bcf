import PeerNode
import PeerState
import PeerTesting
import Testing

/// Joining by link on whole nodes in memory (PROTOCOL 4.5; S-083 to S-088).
@Suite struct JoinLinkTests {
    @Test func `S-087 a moderator admits while the issuer is away, and the joiner can talk`() throws
    {
        let room = try LinkRoom(seed: 101, count: 3, moderators: [1])
        _ = try room.mesh.post(0, room.server, room.channel, "before")
        let link = try room.link(uses: 5)
        room.mesh.run(for: .seconds(30))
        room.mesh.partition([[1, 2], [0]])
        let joined = try room.join(2, link)
        #expect(joined.kind == .applied && joined.inviter == room.mesh.peerID(0))
        room.mesh.run(for: .seconds(30))
        let said = try room.mesh.post(2, room.server, room.channel, "hello")
        #expect(said.kind == .applied)
        room.mesh.run(for: .seconds(30))
        for node in [1, 2] {
            let shown = try room.mesh.texts(node, room.server, room.channel)
            #expect(shown == ["before", "hello"], "node \(node)")
        }
        room.mesh.heal()
        room.mesh.run(for: .seconds(180))
        for node in 0..<3 {
            #expect(room.mesh.stateHash(node, room.server) == room.mesh.stateHash(0, room.server))
            #expect(room.uses(of: link, on: node) == 1)
        }
        #expect(try room.mesh.texts(0, room.server, room.channel) == ["before", "hello"])
    }

    @Test func `who may not admit hands the request on`() throws {
        let room = try LinkRoom(seed: 102, count: 4, moderators: [1], members: [2])
        let link = try room.link(uses: 5)
        room.mesh.run(for: .seconds(30))
        // The joiner reaches only the plain member, who reaches the moderator.
        let invite = try Invite(code: try #require(link.inviteCode))
        let narrow = Invite(
            server: invite.server, link: invite.link, secret: invite.secret, name: invite.name,
            inviter: invite.inviter, addresses: [Mesh.address(2)])
        #expect(try room.mesh.act(3, .acceptInvite(code: narrow.code)).kind == .applied)
        room.mesh.run(for: .seconds(60))
        #expect(room.isMember(3, on: 0) && room.isMember(3, on: 2))
        let admission = try #require(
            room.mesh.core(3).servers[room.server]?.state.standing(of: room.mesh.peerID(3)))
        #expect(admission.level == .member)
    }

    @Test func `S-087 without anybody who may admit it waits, and joins when one comes`() throws {
        let room = try LinkRoom(seed: 103, count: 3, moderators: [1])
        let link = try room.link(uses: 1)
        room.mesh.run(for: .seconds(30))
        room.mesh.partition([[2], [0, 1]])
        let waiting = try room.join(2, link)
        #expect(waiting.kind == .queued && waiting.waitingFor == "provider")
        room.mesh.run(for: .seconds(120))
        #expect(!room.isMember(2, on: 0))
        room.mesh.heal()
        room.mesh.run(for: .seconds(90))
        #expect(room.isMember(2, on: 0) && room.believesToBelong(2))
    }

    @Test func `S-087 a join that waits survives a restart, and giving it up leaves nothing`()
        throws
    {
        let room = try LinkRoom(seed: 104, count: 3)
        let link = try room.link(uses: 2)
        room.mesh.partition([[1, 2], [0]])
        #expect(try room.join(1, link).kind == .queued)
        #expect(try room.join(2, link).kind == .queued)
        try room.mesh.crash(1, life: 1)
        #expect(try room.mesh.act(2, .server(.leave(), in: room.server)).kind == .applied)
        #expect(room.mesh.core(2).servers.isEmpty)
        try room.mesh.crash(2, life: 1)
        #expect(room.mesh.core(2).servers.isEmpty)
        room.mesh.heal()
        room.mesh.run(for: .seconds(180))
        #expect(room.isMember(1, on: 0) && !room.isMember(2, on: 0))
    }

    @Test func `S-086 an exhausted, expired or revoked link is refused with its reason`() throws {
        let room = try LinkRoom(seed: 105, count: 6)
        let once = try room.link(uses: 1)
        #expect(try room.join(1, once).kind == .applied)
        #expect(room.refusal(2, once) == .linkExhausted)
        let short = try room.link(uses: 5, life: 5_000)
        room.mesh.run(for: .seconds(6))
        #expect(room.refusal(3, short) == .linkExpired)
        let closed = try room.link(uses: 5)
        _ = try room.mesh.act(0, .link(.revoke(try #require(closed.event)), in: room.server))
        #expect(room.refusal(4, closed) == .linkDisabled)
        // Nothing is left behind, and a good link works for the same peers.
        let good = try room.link(uses: 5)
        for node in 2...4 {
            #expect(room.mesh.core(node).servers[room.server] == nil)
            #expect(try room.join(node, good).kind == .applied)
        }
        room.mesh.run(for: .seconds(60))
        #expect(room.uses(of: once, on: 2) == 1 && room.uses(of: good, on: 1) == 3)
    }

    @Test
    func `S-081 a forged link is refused, one for another peer too, unknown ones not answered`()
        throws
    {
        let room = try LinkRoom(seed: 106, count: 4)
        let link = try room.link(uses: 5)
        let invite = try Invite(code: try #require(link.inviteCode))
        var secret = try #require(invite.secret)
        secret[7] ^= 1
        let forged = Invite(
            server: invite.server, link: invite.link, secret: secret, name: invite.name,
            inviter: invite.inviter, addresses: invite.addresses)
        #expect(room.refusal(1, outcome(forged)) == .badClaim)
        let unknown = Invite(
            server: invite.server, link: Event.ID(invite.server), secret: invite.secret,
            name: invite.name, inviter: invite.inviter, addresses: invite.addresses)
        #expect(try room.join(2, outcome(unknown)).kind == .queued)
        let elsewhere = Invite(
            server: Server.ID(try #require(invite.link)), link: invite.link, secret: invite.secret,
            name: invite.name, inviter: invite.inviter, addresses: invite.addresses)
        #expect(try room.join(3, outcome(elsewhere)).kind == .queued)
        room.mesh.run(for: .seconds(60))
        #expect(room.uses(of: link, on: 0) == 0)
        for code in ["pa1_", "pa1_AAAA", String((link.inviteCode ?? "").dropLast(9)), "hello"] {
            #expect(throws: NodeFailure.self) { try room.mesh.act(1, .acceptInvite(code: code)) }
        }
    }

    private func outcome(_ invite: Invite) -> Outcome {
        var outcome = Outcome(.applied)
        outcome.inviteCode = invite.code
        return outcome
    }

    @Test func `S-082 a plain holder of CreateInvite invites one peer and nobody else`() throws {
        let room = try LinkRoom(seed: 107, count: 4, members: [1])
        func invite() throws -> Outcome {
            let expiry = room.mesh.wallMilliseconds(1) + 3_600_000
            return try room.mesh.act(
                1,
                .invite(
                    server: room.server, recipient: room.mesh.peerID(2),
                    expiresAtMilliseconds: expiry))
        }
        #expect(throws: NodeFailure.self) { try invite() }
        let right = try #require(PermissionNumber(4))
        let grant = RightsChange.grant(right, to: room.mesh.peerID(1))
        _ = try room.mesh.act(0, .rights(grant, in: room.server, isRehearsal: false))
        room.mesh.run(for: .seconds(30))
        let made = try invite()
        room.mesh.run(for: .seconds(30))
        #expect(room.refusal(3, made) == .wrongRecipient)
        #expect(try room.join(2, made).kind == .applied)
        #expect(room.isMember(2, on: 0) && !room.isMember(3, on: 0))
    }

    @Test func `S-083 the same link again costs no use; a removed member needs a grant`() throws {
        let room = try LinkRoom(seed: 108, count: 3)
        let link = try room.link(uses: 9)
        #expect(try room.join(1, link).kind == .applied)
        #expect(try room.join(1, link).kind == .unchanged)
        #expect(try room.join(2, link).kind == .applied)
        room.mesh.run(for: .seconds(30))
        #expect(room.uses(of: link, on: 0) == 2)
        let kick = RightsChange.kick(room.mesh.peerID(1), reason: "", lastAccepted: nil)
        _ = try room.mesh.act(0, .rights(kick, in: room.server, isRehearsal: false))
        room.mesh.run(for: .seconds(120))
        #expect(room.refusal(1, link) == .needsGrant)
        let invite = try room.mesh.act(
            0,
            .invite(
                server: room.server, recipient: room.mesh.peerID(1), expiresAtMilliseconds: nil))
        #expect(try room.mesh.act(1, .acceptInvite(code: invite.inviteCode ?? "")).kind == .applied)
        #expect(room.believesToBelong(1))
        // Who left of his own may use the link again.
        _ = try room.mesh.act(2, .server(.leave(), in: room.server))
        room.mesh.run(for: .seconds(30))
        #expect(try room.join(2, link).kind == .applied)
        room.mesh.run(for: .seconds(60))
        #expect(room.isMember(2, on: 0) && room.isMember(2, on: 1))
    }
}
