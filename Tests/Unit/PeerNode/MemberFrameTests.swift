import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// What whole nodes make of frames of a member who is not quite as they are.
@Suite struct MemberFrameTests {
    /// Three nodes, of which the third is played by hand and linked with the first.
    private struct Stage {
        let mesh: Mesh
        let server: Server.ID
        let impostor: Impostor

        init(seed: UInt64) throws {
            print("seed \(seed)")
            mesh = try Mesh(seed: seed, count: 3)
            (server, _) = try mesh.gather()
            mesh.run(for: .seconds(60))
            impostor = try mesh.replace(2, dialling: 0)
            mesh.run(for: .seconds(3))
            try #require(impostor.isOpen)
        }

        func send(_ message: SyncMessage) { mesh.send(message.bytes, as: 2) }

        var counters: Counters { mesh.core(0).reachSnapshot().counters }

        /// A Hello that says to hold all that node 0 holds.
        func hello(foldVersion: UInt64) throws -> SyncMessage {
            let slot = try #require(mesh.core(0).servers[server])
            return .hello(
                server,
                SyncMessage.Hello(
                    digest: FrontierDigest.of(slot.state), authors: 3,
                    events: try mesh.core(0).agreement(in: server).events,
                    incarnation: [UInt8](repeating: 9, count: 16), foldVersion: foldVersion,
                    confirmed: 0))
        }

        func count(_ type: UInt64) throws -> Int {
            try impostor.recorded.count { try SyncMessage(decoding: $0).type == type }
        }
    }

    @Test(arguments: [1, 2])
    func `states are asked of those who fold alike`(version: UInt64) throws {
        let stage = try Stage(seed: 5_014)
        // Longer than the pause between two comparisons.
        stage.mesh.run(for: .seconds(15))
        stage.send(try stage.hello(foldVersion: version))
        stage.mesh.run(for: .seconds(5))
        #expect(try stage.count(40) == (version == 1 ? 1 : 0))
        _ = try stage.mesh.askStates(0, stage.server)
        stage.mesh.run(for: .seconds(1))
        #expect(try stage.count(40) == (version == 1 ? 2 : 0))
    }

    @Test func `addresses are taken once a minute`() throws {
        let stage = try Stage(seed: 5_024)
        let peers = SyncMessage.peers(
            stage.server,
            [SyncMessage.PeerAddresses(peer: stage.mesh.peerID(1), addresses: ["10.9.9.9:1"])])
        let before = stage.counters[.peersIgnored]
        // The first after more than a minute in which the node in its place may have told.
        for (pause, ignored): (UInt64, UInt64) in [(80, 0), (45, 1), (10, 2), (20, 2)] {
            stage.mesh.run(for: .seconds(pause))
            try #require(!stage.impostor.isClosed)
            stage.send(peers)
            stage.mesh.run(for: .seconds(1))
            #expect(stage.counters[.peersIgnored] == before + ignored)
        }
    }

    @Test func `a node says that it has files`() throws {
        let stage = try Stage(seed: 5_019)
        let features = try #require(stage.impostor.host).features
        #expect(features & Feature.blobs != 0)
        #expect(features & (Feature.relay | Feature.provider) == 0)
    }

    @Test func `what waited and is refused counts against who brought it`() throws {
        let stage = try Stage(seed: 5_021)
        let (mesh, server) = (stage.mesh, stage.server)
        let first = try #require(
            try mesh.forge(2, server, [ProfileUpdated(displayName: "late")]).first)
        let key = stage.impostor.key
        // Three that follow it, each with a clock that nothing explains.
        let wrong = (1...3).map { number in
            EventDraft(
                server: server, author: key.publicKey, seq: first.event.seq + 1,
                prev: first.event.id, deps: [], proof: first.event.proof,
                lamport: first.event.lamport + 1 + UInt64(number),
                wallMilliseconds: first.event.wallMilliseconds,
                body: ProfileUpdated(displayName: "later \(number)")
            ).signed(with: key)
        }
        let refused = stage.counters[.eventsRefused]
        for envelope in wrong { stage.send(.push(server, round: 0, envelope.bytes)) }
        mesh.run(for: .seconds(1))
        let pending = mesh.core(0).servers[server]?.replica.pending.count
        #expect(pending == 3 && !stage.impostor.isClosed)
        #expect(stage.counters[.eventsRefused] == refused)
        stage.send(.push(server, round: 0, first.envelope.bytes))
        mesh.run(for: .seconds(1))
        #expect(mesh.core(0).servers[server]?.replica.pending.count == 0)
        #expect(stage.counters[.eventsRefused] == refused + 3)
        #expect(stage.impostor.isClosed && stage.counters[.closedForScore] == 1)
    }

    /// What is still to come is the word of peers, and is added up over all links.
    @Test func `a promise beyond all measure is not counted on`() throws {
        let stage = try Stage(seed: 5_026)
        let author = stage.impostor.key.publicKey
        stage.send(
            .headFull(
                stage.server,
                [
                    SyncMessage.FullHead(
                        author: author,
                        head: Head(seq: Limits.maxSeq, id: Event.ID(author)))
                ]))
        stage.mesh.run(for: .seconds(1))
        let wants = try stage.impostor.recorded.compactMap { bytes -> UInt64? in
            guard case .want(_, let id, _, _) = try SyncMessage(decoding: bytes) else { return nil }
            return id
        }
        let want = try #require(wants.last)
        stage.send(.preSync(stage.server, id: want, events: .max, bytes: .max))
        stage.send(.events(stage.server, id: want, [], isLast: false))
        stage.mesh.run(for: .seconds(1))
        let total = try #require(stage.mesh.core(0).reachSnapshot().fetches.first).total
        #expect(total > 0 && !total.multipliedReportingOverflow(by: 1 << 20).overflow)
    }
}
