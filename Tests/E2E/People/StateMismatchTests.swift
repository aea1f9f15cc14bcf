import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// A node whose memory of a state is wrong, although its events are right (S-019 to S-021).
@Suite struct StateMismatchTests {
    private static func mismatches(_ mesh: Mesh, _ node: Int) -> [NodeEvent] {
        mesh.takeNotices(node).filter { $0.kind == .stateHashMismatch }
    }

    @Test(arguments: [8_101, 8_111] as [UInt64])
    func `S-020 an altered row is found within a round, told by both, and mended`(
        seed: UInt64
    ) throws {
        print("seed \(seed)")
        let mesh = try Mesh(seed: seed, count: 2)
        let (server, channel) = try mesh.gather()
        _ = try mesh.act(0, .server(.rename("Marina"), in: server))
        _ = try mesh.post(1, server, channel, "hello")
        mesh.run(for: .seconds(60))
        let right = try #require(mesh.stateHash(0, server))
        #expect(mesh.stateHash(1, server) == right)
        #expect(Self.mismatches(mesh, 0).isEmpty && Self.mismatches(mesh, 1).isEmpty)
        mesh.writeCheckpoints(1)

        mesh.flipRow(1, server)
        let wrong = try #require(mesh.stateHash(1, server))
        #expect(wrong != right)
        mesh.run(for: .seconds(45))
        var sides = 0
        for (node, ours, theirs) in [(0, right, wrong), (1, wrong, right)] {
            for event in Self.mismatches(mesh, node) {
                sides += 1
                #expect(event["peer_id"] == .word(mesh.peerID(1 - node).hex))
                #expect(event["our_hash"] == .word(ours.hex))
                #expect(event["their_hash"] == .word(theirs.hex))
                #expect(event["section"] == .number(1), "the name of the server")
            }
        }
        #expect(sides == 2, "each side tells once")
        #expect(mesh.stateHash(1, server) == right, "folded again from its events")
        #expect(mesh.stateHash(0, server) == right)
        // It lasts, also over a restart, and what follows is heard by both.
        try mesh.crash(1, life: 1)
        #expect(mesh.stateHash(1, server) == right)
        _ = try mesh.post(0, server, channel, "after")
        mesh.run(for: .seconds(120))
        #expect(try mesh.texts(1, server, channel) == ["hello", "after"])
        #expect(mesh.stateHash(1, server) == mesh.stateHash(0, server))
        #expect(Self.mismatches(mesh, 0).isEmpty && Self.mismatches(mesh, 1).isEmpty)
    }

    @Test func `S-019 S-021 agreement, and how much another lacks, are told exactly`() throws {
        print("seed 8102")
        let mesh = try Mesh(seed: 8_102, count: 5)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        func verified() throws -> StateAgreement {
            try mesh.askStates(0, server)
            mesh.run(for: .seconds(2))
            return try mesh.core(0).agreement(in: server)
        }
        let all = try verified()
        #expect(all.verdict == "agree" && all.agreeing == 4)
        #expect(Set(all.peers.map(\.peer)) == Set((1..<5).map { mesh.peerID($0) }))
        #expect(all.peers.allSatisfy { $0.stateHash == mesh.stateHash(0, server) })

        mesh.partition([[0, 1, 2, 3], [4]])
        for number in 0..<7 { _ = try mesh.post(1, server, channel, "m\(number)") }
        mesh.run(for: .seconds(5))
        mesh.partition([[0], [1], [2], [3], [4]])
        mesh.run(for: .seconds(60))
        #expect(try verified().verdict == "alone")
    }

    /// Node 2 answers by what it held when its place was taken, whatever it is sent.
    @Test func `S-021 who lacks events is behind by their number, and neither agrees nor differs`()
        throws
    {
        print("seed 8104")
        let mesh = try Mesh(seed: 8_104, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        let held = try mesh.core(2).agreement(in: server)
        let state = try #require(mesh.core(2).servers[server]?.state)
        #expect(held.events == (try mesh.core(0).agreement(in: server).events))
        let digest = FrontierDigest.of(state)
        let late = try mesh.replace(2, dialling: 0)
        mesh.run(for: .seconds(5))
        try #require(late.isOpen)
        /// What node 0 makes of an answer in which node 2 counts `events`.
        func verdict(_ events: UInt64) throws -> StateAgreement {
            try mesh.askStates(0, server)
            mesh.run(for: .seconds(1))
            let asked = try late.recorded.compactMap { frame -> UInt64? in
                guard case .stateAsk(server, let nonce, _) = try SyncMessage(decoding: frame)
                else { return nil }
                return nonce
            }
            let tell = SyncMessage.StateTell(
                nonce: try #require(asked.last), digest: digest, events: events,
                stateHash: held.stateHash, sections: nil)
            mesh.send(SyncMessage.stateTell(server, tell).bytes, as: 2)
            mesh.run(for: .seconds(1))
            return try mesh.core(0).agreement(in: server)
        }
        for number in 0..<7 { _ = try mesh.post(0, server, channel, "m\(number)") }
        mesh.run(for: .seconds(5))
        _ = mesh.takeNotices(0)

        let (one, two) = (mesh.peerID(1), mesh.peerID(2))
        let found = try verdict(held.events)
        #expect(found.events == held.events + 7)
        #expect(found.verdict == "agree" && found.agreeing == 1 && found.peers.count == 2)
        #expect(found.peers.first { $0.peer == one }?.verdict == .agree)
        let behind = try #require(found.peers.first { $0.peer == two })
        #expect(behind.verdict == .behind && behind.eventsApart == 7)
        #expect(behind.stateHash == held.stateHash && behind.section == nil)
        let ahead = try verdict(found.events + 3).peers.first { $0.peer == two }
        #expect(ahead?.verdict == .ahead && ahead?.eventsApart == 3)
        // With nobody else to ask there is no agreement, and no difference either.
        mesh.partition([[0, 2], [1]])
        mesh.run(for: .seconds(1))
        let alone = try verdict(held.events)
        #expect(alone.verdict == "alone" && alone.agreeing == 0)
        #expect(alone.peers.first { $0.peer == two }?.verdict == .behind)
        #expect(Self.mismatches(mesh, 0).isEmpty)
    }

    @Test func `busy nodes are not mistaken for wrong ones`() throws {
        print("seed 8103")
        let mesh = try Mesh(seed: 8_103, count: 4)
        let (server, channel) = try mesh.gather()
        for round in 0..<60 {
            for node in 0..<4 { _ = try mesh.post(node, server, channel, "\(round) of \(node)") }
            mesh.run(for: Milliseconds(700))
        }
        mesh.run(for: .seconds(60))
        for node in 0..<4 { #expect(Self.mismatches(mesh, node).isEmpty, "node \(node)") }
        #expect(mesh.stateHash(0, server) == mesh.stateHash(3, server))
    }
}
