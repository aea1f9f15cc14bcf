import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// When the two events that prove a fork are read for others (PROTOCOL 5.8, F1).
@Suite struct ForkProofTests {
    @Test func `a proof is read again when the store held one of its events alone`() throws {
        let fixture = try TextsFixture()
        let twins = try ["one", "two"].map { name in
            try fixture.write(ProfileUpdated(displayName: name), by: fixture.bob, hands: false)
        }
        #expect(twins[0].event.seq == twins[1].event.seq && twins[0].event.id != twins[1].event.id)
        fixture.hand([twins[0]])
        // State knows both when the first of two batches is stored; the second holds the other.
        fixture.holdBatches()
        _ = try fixture.write(ProfileUpdated(displayName: "alice again"))
        fixture.hand([twins[1]])
        fixture.releaseBatches()
        #expect(fixture.pagesRead.map(\.envelopes.count) == [1, 2])
        #expect(fixture.notices.filter { $0.kind == .forkDetected }.count <= 1)
        fixture.hand([try fixture.write(ProfileUpdated(displayName: "more"), hands: false)])
        #expect(fixture.pagesRead.count == 2, "once it was read nobody reads it again")
    }

    private static func forks(_ mesh: Mesh, _ node: Int, _ server: Server.ID) -> [Peer.ID: UInt64] {
        mesh.core(node).servers[server]?.state.forks.mapValues(\.from) ?? [:]
    }

    /// Node 2 comes to two events, one of them written a year ahead, which nobody else takes.
    private static func forkAhead(
        _ mesh: Mesh, _ server: Server.ID
    ) throws -> (now: Replica.Stored, ahead: Replica.Stored) {
        let now = try #require(try mesh.forge(2, server, [ProfileUpdated(displayName: "now")]).last)
        mesh.clock.skew[2] = 365 * 86_400_000
        let ahead = try #require(
            try mesh.forge(2, server, [ProfileUpdated(displayName: "ahead")]).last)
        mesh.hand(2, server, [ahead.envelope.bytes])
        mesh.hand(0, server, [now.envelope.bytes])
        return (now, ahead)
    }

    @Test func `a fork counts of which only the proof can be taken, and does after a restart`()
        throws
    {
        let mesh = try Mesh(seed: 14, count: 3)
        let (server, _) = try mesh.gather()
        let (now, ahead) = try Self.forkAhead(mesh, server)
        mesh.run(for: .seconds(60))
        for node in 0..<3 {
            #expect(Self.forks(mesh, node, server) == [mesh.peerID(2): now.event.seq], "\(node)")
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server), "\(node)")
        }
        let replica = try #require(mesh.core(0).servers[server]?.replica)
        #expect(!replica.isKnown(ahead.event.id))
        try mesh.crash(0, life: 2)
        #expect(Self.forks(mesh, 0, server) == [mesh.peerID(2): now.event.seq])
        mesh.writeCheckpoints(0)
        #expect(try mesh.starts(0) == [.checkpoint(tail: 0)])
        try mesh.crash(0, life: 3)
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }

    @Test func `who comes later is told of a fork of which the proof is all there is`() throws {
        let mesh = try Mesh(seed: 15, count: 3)
        let (server, _) = try mesh.gather()
        mesh.partition([[1], [0, 2]])
        let (now, _) = try Self.forkAhead(mesh, server)
        mesh.run(for: .seconds(60))
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(120))
        #expect(Self.forks(mesh, 1, server) == [mesh.peerID(2): now.event.seq])
        #expect(mesh.stateHash(1, server) == mesh.stateHash(0, server))
    }

    @Test func `a fork beyond a confirmed branch reaches who knows one of its events`() throws {
        let mesh = try Mesh(seed: 16, count: 3)
        let (server, _) = try mesh.gather()
        let twins = try ["left", "right"].map { name in
            try #require(try mesh.forge(2, server, [ProfileUpdated(displayName: name)]).last)
        }
        mesh.hand(0, server, twins.map(\.envelope.bytes))
        mesh.run(for: .seconds(10))
        let pin = twins[0].event
        let confirm = BranchConfirmed(author: pin.author, seq: pin.seq, pin: pin.id)
        mesh.hand(0, server, try mesh.forge(0, server, [confirm]).map(\.envelope.bytes))
        mesh.run(for: .seconds(10))
        mesh.partition([[0], [1], [2]])
        let state = try #require(mesh.core(0).servers[server]?.replica.state)
        let writer = Replica.Writer(
            key: mesh.key(2), wallMilliseconds: mesh.wallMilliseconds(2))
        let further = try ["more", "else"].map { name in
            var branch = Replica(state: state)
            return try #require(
                try branch.author(ProfileUpdated(displayName: name), by: writer).last)
        }
        try #require(further[0].event.prev == further[1].event.prev)
        mesh.hand(0, server, further.map(\.envelope.bytes))
        mesh.hand(1, server, [further[0].envelope.bytes])
        mesh.run(for: .seconds(5))
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(120))
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
        let known = mesh.core(1).servers[server]?.state.graph.contains(further[1].event.id)
        #expect(known == true)
    }

    /// Each is lower than the one before, and says something; none of their events can be taken.
    @Test func `of one author so many proofs are kept as may be, and not one more on the disk`()
        throws
    {
        let mesh = try Mesh(seed: 17, count: 2)
        let (server, channel) = try mesh.gather()
        for number in 0..<12 { _ = try mesh.post(1, server, channel, "\(number)") }
        mesh.run(for: .seconds(20))
        let peer = mesh.peerID(1)
        let state = try #require(mesh.core(0).servers[server]?.replica.state)
        let seqs = (2...(state.lastPlace(of: peer)?.seq ?? 0)).reversed()
        try #require(seqs.count > Limits.forkProofsPerAuthor)
        let impostor = try mesh.replace(1, dialling: 0)
        while impostor.host == nil, mesh.step() {}
        let envelopes = try mesh.envelopes(0, server).map { try Envelope(decoding: $0) }
        let events = try envelopes.map { try Event(decoding: $0, for: server) }
        for seq in seqs {
            let index = try #require(
                events.firstIndex { $0.author == peer && $0.seq == seq })
            let twin = EventDraft(
                server: server, author: peer, seq: seq, prev: events[index].prev, deps: [],
                proof: nil, lamport: events[index].lamport, wallMilliseconds: 1 << 50,
                body: ProfileUpdated(displayName: "\(seq)"))
            let second = Envelope(payload: twin.payload, key: mesh.key(1))
            mesh.send(
                SyncMessage.forkProof(server, envelopes[index].bytes, second.bytes).bytes, as: 1)
            mesh.run(for: .seconds(1))
        }
        let forks = mesh.core(0).servers[server]?.state.forks
        #expect(forks?[peer]?.from == seqs.last)
        #expect(try mesh.settings(0, prefix: "fork/").count == Limits.forkProofsPerAuthor)
    }
}
