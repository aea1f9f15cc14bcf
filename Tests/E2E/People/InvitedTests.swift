import PeerNode
import PeerState
import PeerTesting
import Testing

/// What goes with making a server and with letting somebody in or out in one act (MCP 3.4, 3.5).
@Suite struct InvitedTests {
    @Test func `a server begins with the threshold it is to have`() throws {
        print("seed 150")
        let mesh = try Mesh(seed: 150, count: 1)
        let made = try mesh.act(
            0, .createServer(name: "Harbour", description: "", threshold: .unanimous))
        let server = try #require(made.server)
        let state = try #require(mesh.core(0).servers[server]?.state)
        #expect(state.currentThreshold == .unanimous)
        #expect(state.proposalInfos.allSatisfy { $0.status == .enacted })
        // Nobody else could vote yet, and a refusal leaves no server behind.
        let before = mesh.core(0).servers.count
        let failed = refusal {
            try mesh.act(0, .createServer(name: "Two", description: "", threshold: .count(2)))
        }
        #expect(failed == .invalidThreshold)
        #expect(mesh.core(0).servers.count == before)
        let one = try mesh.act(
            0, .createServer(name: "One", description: "", threshold: .count(1)))
        #expect(try mesh.core(0).servers[#require(one.server)]?.state.currentThreshold == .count(1))
    }

    @Test func `an invite gives a role at once, or nothing happens`() throws {
        print("seed 151")
        let mesh = try Mesh(seed: 151, count: 2)
        let made = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(made.server)
        func state(_ node: Int) throws -> ServerState {
            try #require(mesh.core(node).servers[server]?.state)
        }
        let guest = mesh.peerID(1)
        let unknown = Event.ID(server)
        let failed = refusal {
            try mesh.act(
                0,
                .invite(
                    server: server, recipient: guest, expiresAtMilliseconds: nil, role: unknown))
        }
        #expect(failed == .unknownRole)
        #expect(try state(0).standing(of: guest) == nil)
        let role = try mesh.act(
            0,
            .rights(
                .createRole(name: "pins", permissions: .managePins), in: server,
                isRehearsal: false))
        let roleID = try #require(role.event)
        let invite = try mesh.act(
            0,
            .invite(server: server, recipient: guest, expiresAtMilliseconds: nil, role: roleID))
        #expect(invite.kind == .queued)
        _ = try mesh.act(1, .acceptInvite(code: invite.inviteCode ?? ""))
        mesh.run(for: .seconds(10))
        for node in [0, 1] { #expect(try state(node).role(roleID)?.holders == [guest]) }
        // The same again changes nothing.
        let again = try mesh.act(
            0,
            .invite(server: server, recipient: guest, expiresAtMilliseconds: nil, role: roleID))
        #expect(again.kind == .unchanged)
    }

    @Test func `S-081 an invite with an end lets nobody in after it`() throws {
        let room = try LinkRoom(seed: 153, count: 4, members: [1])
        let (mesh, server) = (room.mesh, room.server)
        func invite(_ node: Int, _ life: UInt64?, role: Event.ID? = nil) throws -> Outcome {
            let end = life.map { mesh.wallMilliseconds(0) + $0 }
            return try mesh.act(
                0,
                .invite(
                    server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: end,
                    role: role))
        }
        let first = try invite(2, 60_000)
        #expect(first.expiresAtMilliseconds == mesh.wallMilliseconds(0) + 60_000)
        #expect(!room.isMember(2, on: 0), "nobody is a member before having accepted")
        mesh.run(for: .seconds(90))
        #expect(room.refusal(2, first) == .linkExpired)
        let second = try invite(2, 60_000)
        #expect(room.refusal(3, second) == .wrongRecipient)
        #expect(try room.join(2, second).kind == .applied)
        #expect(room.isMember(2, on: 0) && !room.isMember(3, on: 0))
        // Without an end it is a grant at once; a role makes it one, and who was removed needs one.
        #expect(try invite(3, nil).expiresAtMilliseconds == nil)
        #expect(room.isMember(3, on: 0))
        #expect(refusal { try invite(3, 60_000, role: Event.ID(server)) } == .invalidArgument)
        let kick = RightsChange.kick(mesh.peerID(3), reason: "", lastAccepted: nil)
        _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
        #expect(refusal { try invite(3, 60_000) } == .needsGrant)
        _ = try invite(3, nil)
        #expect(room.isMember(3, on: 0))
    }

    @Test func `a member whose membership sleeps can be kicked`() throws {
        print("seed 152")
        let mesh = try Mesh(seed: 152, count: 3)
        let (server, _) = try mesh.gather()
        let target = mesh.peerID(2)
        let suspend = RightsChange.suspend(target, reason: "")
        _ = try mesh.act(0, .rights(suspend, in: server, isRehearsal: false))
        mesh.run(for: .seconds(20))
        let kick = RightsChange.kick(target, reason: "", lastAccepted: nil)
        let rehearsed = try mesh.act(0, .rights(kick, in: server, isRehearsal: true))
        #expect(rehearsed.kind == .unchanged)
        #expect(mesh.core(0).servers[server]?.state.isSuspended(target) == true)
        #expect(try mesh.act(0, .rights(kick, in: server, isRehearsal: false)).kind == .applied)
        mesh.run(for: .seconds(20))
        for node in [0, 1] {
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(!state.isSuspended(target) && state.standing(of: target) == nil)
        }
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
        // Lowering says what stands in its way.
        let lower = RightsChange.lower(mesh.peerID(1), to: .member, reason: "")
        _ = try mesh.act(
            0, .rights(.suspend(mesh.peerID(1), reason: ""), in: server, isRehearsal: false))
        #expect(
            refusal { try mesh.act(0, .rights(lower, in: server, isRehearsal: false)) }
                == .unknownPeer
        )
    }
}
