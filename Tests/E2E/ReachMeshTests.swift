import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Whole nodes on the in-memory network that reach one another by more than a dial.
@Suite struct ReachMeshTests {
    /// Nodes 0 and 1 use node 2 as their relay.
    private static func relayed(_ seed: UInt64) throws -> Mesh {
        print("seed \(seed)")
        let mesh = try Mesh(seed: seed, count: 3) { node, configuration in
            configuration.isRelay = node == 2
            if node != 2 { configuration.relays = [Mesh.address(2)] }
        }
        mesh.blocksDial = { _, to in to != 2 }
        return mesh
    }

    private static func join(
        _ mesh: Mesh, _ node: Int
    ) throws -> (server: Server.ID, channel: Channel.ID) {
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let invite = try mesh.act(
            0,
            .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
        let joined = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
        #expect(joined.kind == .applied)
        mesh.run(for: .seconds(20))
        return (server, try #require(created.channel))
    }

    private static func addresses(_ mesh: Mesh, _ node: Int, of peer: Int) -> [String] {
        mesh.core(node).connectionSnapshot().links.filter { $0.peer == mesh.peerID(peer) }
            .map(\.address)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `S-217 peers behind a relay chat, and a direct link takes its place without loss`(
        seed: UInt64
    ) throws {
        let mesh = try Self.relayed(seed)
        let (server, channel) = try Self.join(mesh, 1)
        #expect(Self.addresses(mesh, 0, of: 1) == ["relay:\(mesh.peerID(2).short)"])
        for number in 0..<10 { _ = try mesh.post(number % 2, server, channel, "m\(number)") }
        mesh.run(for: .seconds(5))
        try MemoryMeshTests.expectAgreement(mesh, 2, server, channel, texts: 10)
        #expect(mesh.core(2).reachSnapshot().counters[.relayedBytes] > 5_000)
        #expect(mesh.stateHash(2, server) == nil, "the relay holds nothing of it")

        // The way is free now; one of them tries again now and then.
        mesh.blocksDial = { _, _ in false }
        for number in 10..<30 {
            _ = try mesh.post(number % 2, server, channel, "m\(number)")
            mesh.run(for: .seconds(30))
        }
        let counted = (0..<2).map { mesh.core($0).reachSnapshot() }
        #expect(
            Self.addresses(mesh, 0, of: 1).allSatisfy { !$0.hasPrefix("relay:") },
            "\(counted.map(\.counters)), \(counted.map(\.gauges))")
        #expect(Self.addresses(mesh, 0, of: 1).count == 1)
        try MemoryMeshTests.expectAgreement(mesh, 2, server, channel, texts: 30)
        #expect(mesh.core(2).reachSnapshot().gauges[.relayStreams] == 0)
    }

    @Test func `a relay that comes back is used again`() throws {
        let mesh = try Self.relayed(9)
        let (server, channel) = try Self.join(mesh, 1)
        try mesh.crash(2, life: 1)
        _ = try mesh.post(0, server, channel, "while it was away")
        mesh.run(for: .seconds(120))
        try MemoryMeshTests.expectAgreement(mesh, 2, server, channel, texts: 1)
        #expect(mesh.core(0).reachSnapshot().relay == .bound)
    }

    @Test func `members tell each other where members are`() throws {
        let mesh = try Mesh(seed: 21, count: 4)
        let (server, _) = try mesh.gather()
        mesh.run(for: .seconds(120))
        for node in 0..<4 {
            let linked = mesh.core(node).connectionSnapshot().links.map(\.peer)
            #expect(Set(linked).count == 3, "node \(node)")
        }
        // Without the one who invited them all they still meet, after a restart from the book.
        mesh.partition([[0], [1, 2, 3]])
        for node in 1..<4 { try mesh.crash(node, life: 1) }
        mesh.run(for: .seconds(120))
        for node in 1..<4 {
            let linked = Set(mesh.core(node).connectionSnapshot().links.map(\.peer))
            let others = Set([1, 2, 3].filter { $0 != node }.map { mesh.peerID($0) })
            #expect(linked.isSuperset(of: others), "node \(node)")
        }
        #expect(mesh.stateHash(1, server) == mesh.stateHash(3, server))
    }

    @Test func `nobody is left alone while a server outgrows its full mesh`() throws {
        let mesh = try Mesh(seed: 10 * 7_919, count: 10)
        _ = try mesh.gather()
        var alone = Array(repeating: 0, count: 10)
        for _ in 0..<120 {
            mesh.run(for: Milliseconds(500))
            for node in 0..<10 {
                let links = mesh.core(node).connectionSnapshot().links.count
                alone[node] = links == 0 ? alone[node] + 1 : 0
                if links == 0 { print("node \(node) alone for \(alone[node])") }
                #expect(alone[node] <= 4, "node \(node)")
            }
        }
    }

    @Test func `in a larger server everybody keeps few links and misses nothing`() throws {
        let count = 16
        let mesh = try Mesh(seed: 22, count: count)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(180))
        for node in 0..<count { _ = try mesh.post(node, server, channel, "from \(node)") }
        mesh.run(for: .seconds(120))
        try MemoryMeshTests.expectAgreement(mesh, count, server, channel, texts: count)
        let active = (0..<count).map { mesh.core($0).reachSnapshot().gauges[.activeNeighbours] }
        #expect(active.allSatisfy { (1...8).contains($0 ?? 0) }, "\(active)")
        let links = (0..<count).map { mesh.core($0).connectionSnapshot().links.count }
        #expect(links.reduce(0, +) <= count * 12, "\(links)")
    }

    @Test func `links that no server needs end although both sides never hold the same`() throws {
        let count = 12
        let mesh = try Mesh(seed: 25, count: count)
        let (server, channel) = try mesh.gather()
        for number in 0..<120 {
            _ = try mesh.post(number % count, server, channel, "on and on \(number)")
            mesh.run(for: Milliseconds(500))
        }
        let (links, active) = (0..<count).reduce(into: (0, 0)) { sums, node in
            sums.0 += mesh.core(node).connectionSnapshot().links.count
            sums.1 += Int(mesh.core(node).reachSnapshot().gauges[.activeNeighbours] ?? 0)
        }
        let released = (0..<count).map { mesh.core($0).reachSnapshot().counters[.linksReleased] }
        print("\(links) links, \(active) of them needed, released \(released)")
        #expect(links <= active + count && released.contains { $0 > 0 })
    }

    @Test func `S-216 a provider keeps and serves what it cannot read`() throws {
        let mesh = try Mesh(seed: 23, count: 4) { node, configuration in
            guard node == 1 else { return }
            configuration.isProvider = true
            configuration.peers = [Mesh.address(0)]
        }
        mesh.run(for: .seconds(5))
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        let first = try mesh.act(0, .authorizeWorker(mesh.peerID(1), in: server))
        #expect(first.kind == .applied)
        #expect(try mesh.act(0, .authorizeWorker(mesh.peerID(1), in: server)).kind == .unchanged)
        _ = try mesh.post(0, server, channel, "sealed")
        mesh.run(for: .seconds(30))
        #expect(mesh.stateHash(1, server) == mesh.stateHash(0, server))
        #expect(try mesh.texts(1, server, channel).isEmpty, "it opens nothing")

        // Its operator gone, somebody new gets everything from the provider.
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(2), expiresAtMilliseconds: nil))
        _ = try mesh.act(2, .acceptInvite(code: invite.inviteCode ?? ""))
        mesh.run(for: .seconds(60))
        mesh.partition([[0], [1, 2, 3]])
        mesh.run(for: .seconds(60))
        #expect(mesh.stateHash(2, server) == mesh.stateHash(1, server))
        #expect(try mesh.texts(2, server, channel) == ["sealed"])
    }

    @Test func `who was removed while away learns it from a member and writes no more`() throws {
        let mesh = try Mesh(seed: 24, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.partition([[0, 1], [2]])
        _ = try mesh.act(
            0,
            .rights(
                .kick(mesh.peerID(2), reason: "", lastAccepted: nil), in: server,
                isRehearsal: false))
        _ = try mesh.post(0, server, channel, "not for him")
        mesh.run(for: .seconds(10))
        _ = try mesh.post(2, server, channel, "still here?")
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(throws: NodeFailure.self) { try mesh.post(2, server, channel, "and now") }
        #expect(mesh.core(2).servers[server]?.isMember == false)
        #expect(try !mesh.texts(2, server, channel).contains("not for him"))
        // What he wrote meanwhile came over, for the record.
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }
}
