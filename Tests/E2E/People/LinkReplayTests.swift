import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Requests to join that are somebody else's, and answers nobody asked for (SCENARIOS 4).
@Suite struct LinkReplayTests {
    /// Node 1 joined by the link of node 0; node 3's place is taken by a stranger.
    private struct Scene {
        let room: LinkRoom
        let link: Outcome
        let admission: MemberAdmitted
        let envelope: [UInt8]
        let stranger: Impostor

        init(seed: UInt64) throws {
            room = try LinkRoom(seed: seed, count: 4)
            link = try room.link(uses: 5)
            #expect(try room.join(1, link).kind == .applied)
            room.mesh.run(for: .seconds(30))
            var found: (MemberAdmitted, [UInt8])?
            for envelope in try room.mesh.envelopes(0, room.server) {
                let event = try Event(decoding: Envelope(decoding: envelope))
                if let body = event.body as? MemberAdmitted { found = (body, envelope) }
            }
            (admission, envelope) = try #require(found)
            stranger = try room.mesh.replace(3, dialling: 0)
            room.mesh.run(for: .seconds(3))
            try #require(stranger.isOpen)
        }

        /// The codes of what came back for one request.
        func answers(
            _ link: Event.ID, _ target: Peer.ID, in server: Server.ID
        ) throws -> [String] {
            let before = stranger.recorded.count
            let ask = SyncMessage.JoinAsk(link: link, target: target, claim: admission.claim)
            room.mesh.send(SyncMessage.joinAsk(server, ask).bytes, as: 3)
            room.mesh.run(for: .seconds(12))
            return try stranger.recorded[before...].compactMap { frame in
                switch try SyncMessage(decoding: frame) {
                case .joinAnswer(_, let answer): answer.code ?? "admitted"
                case .reject(let reject): reject.code
                default: nil
                }
            }
        }
    }

    @Test func `S-088 a claim is good for one key, and costs nothing when it is replayed`() throws {
        let scene = try Scene(seed: 141)
        let (mesh, server) = (scene.room.mesh, scene.room.server)
        let own = scene.stranger.key.publicKey
        // The claim that let node 1 in, for the stranger's own key.
        #expect(try scene.answers(scene.admission.link, own, in: server) == ["badClaim"])
        // And as if node 1 asked again, by a session that is not node 1's.
        let target = scene.admission.target
        #expect(try scene.answers(scene.admission.link, target, in: server) == ["unknownPeer"])
        #expect(!scene.room.isMember(3, on: 0))
        #expect(scene.room.uses(of: scene.link, on: 0) == 1)
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }

    @Test func `S-086 nobody learns which servers and links there are`() throws {
        let scene = try Scene(seed: 142)
        let server = scene.room.server
        let other = Server.ID(scene.admission.link)
        let (own, target) = (scene.stranger.key.publicKey, scene.admission.target)
        // In another's name: the same whether the server is here or not.
        let here = try scene.answers(scene.admission.link, target, in: server)
        let elsewhere = try scene.answers(scene.admission.link, target, in: other)
        #expect(here == elsewhere && here == ["unknownPeer"])
        // In the own name: silence for a link that is not there, as for a server that is not.
        #expect(try scene.answers(Event.ID(server), own, in: server).isEmpty)
        #expect(try scene.answers(scene.admission.link, own, in: other).isEmpty)
        // The sentinel: the same path answers for the link that is there.
        #expect(try scene.answers(scene.admission.link, own, in: server) == ["badClaim"])
    }

    @Test func `S-089 an answer that nobody asked for changes nothing`() throws {
        let scene = try Scene(seed: 143)
        let (mesh, server) = (scene.room.mesh, scene.room.server)
        let before = mesh.stateHash(0, server)
        for status in SyncMessage.JoinAnswer.Status.allCases {
            let answer = SyncMessage.JoinAnswer(
                link: scene.admission.link, status: status,
                code: status == .refused ? "linkDisabled" : nil,
                envelope: status == .admitted ? scene.envelope : nil)
            mesh.send(SyncMessage.joinAnswer(server, answer).bytes, as: 3)
            // Of a server this node does not hold.
            mesh.send(
                SyncMessage.joinAnswer(Server.ID(scene.admission.link), answer).bytes, as: 3)
        }
        mesh.run(for: .seconds(60))
        #expect(mesh.stateHash(0, server) == before && mesh.core(0).servers.count == 1)
        #expect(scene.room.uses(of: scene.link, on: 0) == 1)
        #expect(try scene.room.join(2, scene.link).kind == .applied, "the door still works")
        mesh.run(for: .seconds(30))
        #expect(scene.room.uses(of: scene.link, on: 1) == 2)
    }
}
