import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Joining where those an invite names know different things (PROTOCOL 9.1, Beginning).
@Suite struct UnawareTests {
    /// Node 0 founds, node 1 may admit and is named in every invite, the others are guests.
    private struct Room {
        let mesh: Mesh
        let server: Server.ID
        let channel: Channel.ID

        init(seed: UInt64, count: Int) throws {
            print("seed \(seed)")
            mesh = try Mesh(seed: seed, count: count)
            let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
            server = try #require(created.server)
            channel = try #require(created.channel)
            let invite = try invite(1)
            _ = try mesh.act(1, .acceptInvite(code: invite.code))
            let raise = RightsChange.raise(mesh.peerID(1), to: .moderator, reason: "")
            _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
            mesh.run(for: .seconds(30))
        }

        func invite(_ guest: Int) throws -> Invite {
            let made = try mesh.act(
                0,
                .invite(
                    server: server, recipient: mesh.peerID(guest), expiresAtMilliseconds: nil))
            return try Invite(code: try #require(made.inviteCode))
        }

        /// Until then nobody reaches node 0, and the guest never does.
        func part(_ guest: Int, for time: Milliseconds) {
            let end = mesh.network.now + time
            mesh.blocksDial = { [mesh] from, to in
                guard from == 0 || to == 0 else { return false }
                return mesh.network.now < end || from == guest || to == guest
            }
            mesh.cutLinks(of: 0)
        }
    }

    @Test func `who has not heard of a grant yet is asked until it has`() throws {
        let room = try Room(seed: 8_401, count: 3)
        room.part(2, for: .seconds(3))
        let invite = try room.invite(2)
        #expect(invite.providers == [room.mesh.peerID(1)])
        let joined = try room.mesh.act(2, .acceptInvite(code: invite.code))
        #expect(joined.kind == .applied)
        #expect(joined.inviter == room.mesh.peerID(0))
        room.mesh.run(for: .seconds(20))
        #expect(try room.mesh.post(2, room.server, room.channel, "in").kind == .applied)
    }

    @Test func `while the inviter is away the join waits, and goes on when he is back`() throws {
        let room = try Room(seed: 8_402, count: 3)
        room.part(2, for: .seconds(60))
        let invite = try room.invite(2)
        let waiting = try room.mesh.act(2, .acceptInvite(code: invite.code))
        #expect(waiting.kind == .queued && waiting.waitingFor == "peer")
        #expect(room.mesh.core(2).servers[room.server]?.isMember == false)
        room.mesh.run(for: .seconds(240))
        #expect(room.mesh.core(2).servers[room.server]?.isMember == true)
    }

    @Test func `a join fails when everybody named was asked in vain, and says so`() throws {
        let room = try Room(seed: 8_403, count: 4)
        let invite = try room.invite(2)
        let begin = room.mesh.network.now
        let failure = #expect(throws: NodeFailure.self) {
            try room.mesh.act(3, .acceptInvite(code: invite.code))
        }
        #expect(failure?.code == .wrongRecipient)
        #expect(failure?.detail.contains("none of the 2 peers") == true)
        #expect(room.mesh.network.now >= begin + Limits.joinWait)
        #expect(room.mesh.core(3).servers.isEmpty, "nothing is left behind")
        // The right one is not harmed.
        #expect(try room.mesh.act(2, .acceptInvite(code: invite.code)).kind == .applied)
    }
}
