import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Whole nodes that part, stop, crash and meet again (SCENARIOS 11 and 12).
@Suite struct SyncMeshScenarioTests {
    private func links(_ mesh: Mesh, _ node: Int) -> Int {
        mesh.core(node).connectionSnapshot().links.count
    }

    /// What the eight do in five minutes apart: posts, replies, edits, reactions, names, channels.
    private func act(
        _ mesh: Mesh, _ node: Int, _ number: Int, _ server: Server.ID, _ channel: Channel.ID,
        _ own: inout [Event.ID]
    ) throws {
        let outcome: Outcome
        switch number % 10 {
        case 6 where !own.isEmpty:
            outcome = try mesh.act(
                node,
                .content(
                    .edit(text: "edited \(number)"), on: own[own.count - 1], in: server,
                    principal: "test"))
        case 7 where !own.isEmpty:
            outcome = try mesh.act(
                node, .content(.react(emoji: "👍"), on: own[0], in: server, principal: "test"))
        case 8:
            outcome = try mesh.act(
                node, .setDisplayName(server: server, name: "name \(node) \(number)"))
        default:
            outcome = try mesh.post(node, server, channel, "\(number) of \(node)")
            if let id = outcome.event { own.append(id) }
        }
        #expect(outcome.kind != .proposed)
    }

    @Test func `S-214 four and four write apart for five minutes, and all of it is everywhere`()
        throws
    {
        let seed: UInt64 = 214
        print("seed \(seed)")
        let mesh = try Mesh(
            seed: seed, count: 8,
            conditions: MemoryConditions(medianDelay: 40, slowOneIn: 5, chunkMax: 700))
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        let sides = [[0, 1, 2, 3], [4, 5, 6, 7]]
        mesh.partition(sides)
        var own = Array(repeating: [Event.ID](), count: 8)
        for number in 0..<500 {
            for side in sides {
                let node = side[number % 4]
                try act(mesh, node, number, server, channel, &own[node])
            }
            mesh.run(for: Milliseconds(600))
        }
        #expect(mesh.stateHash(0, server) != mesh.stateHash(4, server))
        mesh.heal()
        mesh.run(for: .seconds(300))
        let hash = try #require(mesh.stateHash(0, server))
        let shown = try mesh.texts(0, server, channel)
        #expect(shown.count == own.reduce(0) { $0 + $1.count })
        let stored = try Set(mesh.envelopes(0, server))
        for node in 0..<8 {
            #expect(mesh.stateHash(node, server) == hash, "node \(node)")
            #expect(try mesh.texts(node, server, channel) == shown, "node \(node)")
            #expect(try Set(mesh.envelopes(node, server)) == stored, "node \(node)")
        }
    }

    @Test func `S-218 who was away, which both sides saw, gets what passed and no more`() throws {
        print("seed 218")
        let mesh = try Mesh(seed: 218, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(60))
        #expect(links(mesh, 2) == 0)
        for node in 0..<2 {
            let peers = mesh.core(node).connectionSnapshot().links.map(\.peer)
            #expect(peers == [mesh.peerID(1 - node)], "node \(node)")
        }
        for number in 0..<30 { _ = try mesh.post(number % 2, server, channel, "\(number)") }
        mesh.run(for: .seconds(30))
        let before = try mesh.envelopes(2, server).count
        #expect(try mesh.texts(2, server, channel).isEmpty)
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(try mesh.envelopes(2, server).count == before + 30)
        #expect(try mesh.texts(2, server, channel).sorted() == (0..<30).map { "\($0)" }.sorted())
        try MemoryMeshTests.expectAgreement(mesh, 3, server, channel, texts: 30)
    }

    @Test func `S-219 twelve who write fifty each at once show six hundred in one order`() throws {
        print("seed 219")
        let mesh = try Mesh(seed: 219, count: 12)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(120))
        for number in 0..<50 {
            for node in 0..<12 { _ = try mesh.post(node, server, channel, "\(number) of \(node)") }
            mesh.run(for: Milliseconds(200))
        }
        mesh.run(for: .seconds(180))
        try MemoryMeshTests.expectAgreement(mesh, 12, server, channel, texts: 600)
        for node in 0..<12 { #expect(mesh.core(node).connectionSnapshot().queuedEvents == 0) }
    }

    @Test func `S-221 of two dials that cross one link stays, and nothing is lost`() throws {
        print("seed 221")
        let mesh = try Mesh(seed: 221, count: 2)
        let (server, channel) = try mesh.gather()
        for round in 0..<10 {
            mesh.partition([[0], [1]])
            mesh.run(for: .seconds(5))
            #expect(links(mesh, 0) == 0 && links(mesh, 1) == 0)
            mesh.heal()
            // Each dials before it has heard of the other.
            for node in 0..<2 {
                _ = try mesh.act(
                    node, .addPeer(address: Mesh.address(1 - node), identity: nil))
                _ = try mesh.post(node, server, channel, "\(round) of \(node)")
            }
            mesh.run(for: .seconds(60))
            #expect(links(mesh, 0) == 1 && links(mesh, 1) == 1, "round \(round)")
        }
        try MemoryMeshTests.expectAgreement(mesh, 2, server, channel, texts: 20)
    }

    @Test(arguments: [false, true])
    func `S-234 what is stored and was not sent goes out once after the restart`(
        hasOthers: Bool
    ) throws {
        print("seed 234")
        let mesh = try Mesh(seed: 234, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        for round in 0..<5 {
            try mesh.crashInCommit(
                1, life: UInt64(round) + 1, posting: "kept \(round)", server, channel)
            #expect(try !mesh.texts(0, server, channel).contains("kept \(round)"))
            if hasOthers { _ = try mesh.post(2, server, channel, "meanwhile \(round)") }
            mesh.run(for: .seconds(60))
            let shown = try mesh.texts(0, server, channel)
            #expect(shown.count { $0 == "kept \(round)" } == 1, "round \(round): \(shown)")
        }
        try MemoryMeshTests.expectAgreement(
            mesh, 3, server, channel, texts: hasOthers ? 10 : 5)
    }
}
