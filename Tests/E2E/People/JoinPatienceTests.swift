import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// A joiner whose way in is closed for a while, or held by somebody else (PROTOCOL 4.5).
@Suite struct JoinPatienceTests {
    /// When the joiner asked whoever is in the place of `impostor`.
    private static func asks(_ impostor: Impostor) throws -> Int {
        try impostor.recorded.count { frame in
            if case .joinAsk = try SyncMessage(decoding: frame) { true } else { false }
        }
    }

    /// What the owner would write to let somebody in, if he did.
    private static func admission(
        of node: Int, _ room: LinkRoom, _ link: Outcome
    ) throws -> [UInt8] {
        let invite = try Invite(code: try #require(link.inviteCode))
        let secret = try #require(invite.secret.flatMap { LinkSecret($0) })
        let (event, target) = (try #require(link.event), room.mesh.peerID(node))
        let claim = secret.claim(server: room.server, link: event, target: target)
        let body = MemberAdmitted(link: event, target: target, claim: claim)
        return try #require(try room.mesh.forge(0, room.server, [body]).last).envelope.bytes
    }

    @Test func `S-089 whoever waits believes no answer but the right one of whom it asked`() throws
    {
        let room = try LinkRoom(seed: 151, count: 4, members: [2])
        let (mesh, server) = (room.mesh, room.server)
        let link = try room.link(uses: 5)
        let event = try #require(link.event)
        let right = try Self.admission(of: 1, room, link)
        let foreign = try Self.admission(of: 3, room, link)
        var broken = right
        broken[broken.count - 1] ^= 1
        // The owner's place and that of a member, who is not named by the link, are taken.
        let owner = try mesh.replace(0, dialling: 1)
        let member = try mesh.replace(2, dialling: 1)
        mesh.run(for: .seconds(3))
        try #require(owner.isOpen && member.isOpen)
        #expect(try room.join(1, link).kind == .queued)
        mesh.run(for: .seconds(40))
        #expect(try Self.asks(owner) > 0 && Self.asks(member) == 0)

        func answer(_ link: Event.ID, _ envelope: [UInt8]?) -> SyncMessage.JoinAnswer {
            SyncMessage.JoinAnswer(link: link, status: .admitted, code: nil, envelope: envelope)
        }
        let refusal = SyncMessage.JoinAnswer(
            link: event, status: .refused, code: "linkDisabled", envelope: nil)
        let lies: [(place: Int, answer: SyncMessage.JoinAnswer)] = [
            (2, answer(event, right)), (2, refusal), (0, answer(event, foreign)),
            (0, answer(event, broken)), (0, answer(event, nil)),
            (0, answer(Event.ID(server), right)),
        ]
        for (number, lie) in lies.enumerated() {
            let before = try Self.asks(owner)
            mesh.send(SyncMessage.joinAnswer(server, lie.answer).bytes, as: lie.place)
            mesh.run(for: .seconds(35))
            #expect(try Self.asks(owner) > before, "it goes on asking after answer \(number)")
            #expect(!room.believesToBelong(1))
        }
        let still = try room.join(1, link)
        #expect(still.kind == .queued && still.waitingFor == "provider")
        // The owner himself is believed.
        mesh.outsiders = [:]
        for node in [0, 2] { try mesh.crash(node, life: 1) }
        mesh.run(for: .seconds(90))
        #expect(room.believesToBelong(1) && room.isMember(1, on: 0) && !room.isMember(3, on: 0))
        #expect(room.uses(of: link, on: 0) == 1)
    }

    @Test func `S-087 whoever gives no answer is asked after 2 s, and less often up to 30 s`()
        throws
    {
        let room = try LinkRoom(seed: 152, count: 2)
        let mesh = room.mesh
        let link = try room.link(uses: 1)
        let owner = try mesh.replace(0, dialling: 1)
        mesh.run(for: .seconds(3))
        try #require(owner.isOpen)
        mesh.begin(1, .acceptInvite(code: link.inviteCode ?? ""))
        var times: [Instant] = []
        func listen(for duration: Milliseconds) throws {
            let end = mesh.network.now + duration
            while mesh.network.now < end, mesh.step() {
                if try Self.asks(owner) > times.count { times.append(mesh.network.now) }
            }
        }
        try listen(for: .seconds(150))
        let gaps = zip(times.dropFirst(), times).map { $0.milliseconds(since: $1) }
        let seconds = gaps.map { ($0 + 500) / 1_000 }
        #expect(seconds.starts(with: [2, 4, 8, 16, 30, 30, 30]), "\(gaps)")
        #expect(try Self.asks(owner) == times.count, "once at a time")
        // Given up, it belongs nowhere, nor after a restart.
        #expect(try mesh.act(1, .server(.leave(), in: room.server)).kind == .applied)
        #expect(mesh.core(1).servers.isEmpty)
        try mesh.crash(1, life: 1)
        #expect(mesh.core(1).servers.isEmpty)
    }

    @Test func `S-087 nobody is there: it is queued, and in within one retry of who comes back`()
        throws
    {
        let room = try LinkRoom(seed: 153, count: 2)
        let mesh = room.mesh
        let link = try room.link(uses: 1)
        mesh.partition([[0], [1]])
        let waiting = try room.join(1, link)
        #expect(waiting.kind == .queued && waiting.waitingFor == "provider")
        mesh.run(for: .seconds(300))
        mesh.heal()
        let back = mesh.network.now
        while !room.believesToBelong(1), mesh.network.now < back + .seconds(60), mesh.step() {}
        #expect(mesh.network.now.milliseconds(since: back) < 31_000)
        #expect(room.believesToBelong(1) && room.isMember(1, on: 0))
    }

    @Test func `S-083 an answer that is lost costs no second use and no second membership`() throws
    {
        let room = try LinkRoom(seed: 154, count: 2)
        let (mesh, server) = (room.mesh, room.server)
        let link = try room.link(uses: 2)
        mesh.onStored = { node, batch in
            guard node == 0, batch.events.contains(where: { $0.kind == MemberAdmitted.kind })
            else { return }
            mesh.partition([[0], [1]])
        }
        mesh.begin(1, .acceptInvite(code: link.inviteCode ?? ""))
        mesh.run(for: .seconds(20))
        mesh.onStored = nil
        #expect(room.isMember(1, on: 0) && !room.believesToBelong(1), "the answer was lost")
        #expect(mesh.core(1).servers[server]?.state.isFounded != true)
        mesh.heal()
        mesh.run(for: .seconds(90))
        #expect(room.believesToBelong(1))
        let again = try room.join(1, link)
        #expect(again.kind == .unchanged && again.server == server)
        for node in 0...1 {
            #expect(room.uses(of: link, on: node) == 1, "node \(node)")
            let admissions = try mesh.envelopes(node, server).count { envelope in
                try Event(decoding: Envelope(decoding: envelope)).kind == MemberAdmitted.kind
            }
            #expect(admissions == 1, "node \(node)")
        }
        #expect(try mesh.post(1, server, room.channel, "in").kind == .applied)
    }

    @Test func `S-095 a provider without its grant lets nobody in and is named no more`() throws {
        print("seed 155")
        let mesh = try Mesh(seed: 155, count: 4) { node, configuration in
            guard node == 1 else { return }
            configuration.isProvider = true
            configuration.peers = [Mesh.address(0)]
        }
        mesh.run(for: .seconds(5))
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let worker = mesh.peerID(1)
        _ = try mesh.act(0, .authorizeWorker(worker, in: server))
        mesh.run(for: .seconds(30))
        func link() throws -> Outcome {
            let expiry = mesh.wallMilliseconds(0) + 3_600_000
            return try mesh.act(
                0, .link(.create(usesMax: 5, expiresAtMilliseconds: expiry), in: server))
        }
        func providers(_ link: Outcome) throws -> [Peer.ID] {
            try Invite(code: try #require(link.inviteCode)).providers
        }
        func isMember(_ node: Int) -> Bool {
            mesh.core(1).servers[server]?.state.standing(of: mesh.peerID(node)) != nil
        }
        let old = try link()
        #expect(try providers(old) == [worker])
        mesh.run(for: .seconds(30))
        // With the grant it lets somebody in while the owner is away.
        mesh.partition([[1, 2, 3], [0]])
        #expect(try mesh.act(2, .acceptInvite(code: old.inviteCode ?? "")).kind == .applied)
        #expect(isMember(2))
        mesh.heal()
        mesh.run(for: .seconds(90))
        let serving = try #require(PermissionNumber(0))
        let revoke = RightsChange.revoke(serving, from: worker)
        #expect(
            try mesh.act(0, .rights(revoke, in: server, isRehearsal: false)).kind == .applied)
        #expect(try providers(try link()) == [])
        mesh.run(for: .seconds(60))
        mesh.partition([[1, 3], [0], [2]])
        #expect(try mesh.act(3, .acceptInvite(code: old.inviteCode ?? "")).kind == .queued)
        mesh.run(for: .seconds(90))
        #expect(!isMember(3), "it has heard that it serves no more")
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(mesh.core(3).servers[server]?.isMember == true, "the owner lets in")
        #expect(mesh.stateHash(0, server) == mesh.stateHash(3, server))
    }
}
