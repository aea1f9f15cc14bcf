import PeerNode
import PeerState
import PeerTesting
import Testing

/// Keys that are renewed, forgotten and reported without anybody's call (PROTOCOL 7.2, 7.5).
@Suite struct KeyCareTests {
    private static func mesh(
        _ seed: UInt64, _ count: Int, _ change: @escaping (inout KeyPeriods) -> Void
    ) throws -> Mesh {
        print("seed \(seed)")
        return try Mesh(seed: seed, count: count) { _, configuration in
            configuration.keyPeriods.rotatePause = .seconds(10)
            change(&configuration.keyPeriods)
        }
    }

    private static func epochs(_ mesh: Mesh, _ node: Int, _ server: Server.ID) -> [EpochInfo] {
        Array(mesh.core(node).servers[server]?.state.epochs.values ?? [:].values)
    }

    private static func prekeys(_ mesh: Mesh, _ server: Server.ID) throws -> [Peer.ID: Int] {
        var counts: [Peer.ID: Int] = [:]
        for envelope in try mesh.envelopes(0, server) {
            let event = try Event(decoding: Envelope(decoding: envelope))
            if event.body is PrekeyPublished { counts[event.author, default: 0] += 1 }
        }
        return counts
    }

    /// Every member sends under the same epoch, whose recipients are all of them.
    private static func expectUsable(
        _ mesh: Mesh, _ server: Server.ID, _ channel: Channel.ID, _ nodes: [Int]
    ) throws {
        let first = mesh.core(nodes[0]).servers[server]?.state.sendingEpoch(of: channel)
        let epoch = try #require(first)
        let people = Set(nodes.map { mesh.peerID($0) })
        for node in nodes {
            let slot = try #require(mesh.core(node).servers[server])
            #expect(slot.state.sendingEpoch(of: channel)?.id == epoch.id, "node \(node)")
            #expect(slot.keys.holds(epoch.id), "node \(node)")
            #expect(slot.state.recipients(of: epoch) == people)
        }
    }

    @Test func `S-121 prekeys are renewed, and an old secret is gone after one more period`()
        throws
    {
        let mesh = try Self.mesh(7_101, 3) { $0.prekeyLife = .seconds(600) }
        let (server, channel) = try mesh.gather()
        let first = try (0..<3).map { try #require(try mesh.storedPrekeys($0).first) }
        #expect(try Self.prekeys(mesh, server).values.allSatisfy { $0 == 1 })
        let epochs = Self.epochs(mesh, 0, server).count
        mesh.run(for: .seconds(660))
        #expect(try Self.prekeys(mesh, server).values.allSatisfy { $0 == 2 })
        #expect(Self.epochs(mesh, 0, server).count == epochs + 1, "one new key for all of them")
        for node in 0..<3 {
            #expect(try mesh.storedPrekeys(node).count == 2)
            let ring = try #require(mesh.core(node).servers[server]?.keys)
            #expect(ring.opens(first[node].publicKey.seal([1], entropy)), "still kept")
        }
        // It lives through a restart, and is wiped when its time is over.
        try mesh.crash(1, life: 1)
        mesh.run(for: .seconds(660))
        for node in 0..<3 {
            #expect(try !mesh.storedPrekeys(node).contains { $0.secret == first[node].secret })
            let ring = try #require(mesh.core(node).servers[server]?.keys)
            #expect(!ring.opens(first[node].publicKey.seal([1], entropy)))
        }
        _ = try mesh.post(1, server, channel, "still here")
        mesh.run(for: .seconds(30))
        for node in 0..<3 { #expect(try mesh.texts(node, server, channel) == ["still here"]) }
        try Self.expectUsable(mesh, server, channel, [0, 1, 2])
    }

    private var entropy: Entropy { Entropy.seeded(SeededRandom(seed: 3)) }

    @Test func `S-122 age renews a key once although eight notice at once`() throws {
        let mesh = try Self.mesh(7_102, 8) { $0.rotateAfter = .seconds(600) }
        let (server, channel) = try mesh.gather()
        let before = Self.epochs(mesh, 0, server).count
        mesh.run(for: .seconds(650))
        #expect(Self.epochs(mesh, 0, server).count == before + 1)
        try Self.expectUsable(mesh, server, channel, Array(0..<8))
        mesh.run(for: .seconds(650))
        #expect(Self.epochs(mesh, 0, server).count == before + 2)
        try Self.expectUsable(mesh, server, channel, Array(0..<8))
    }

    @Test func `S-122 enough messages renew a key once although eight notice at once`() throws {
        let mesh = try Self.mesh(7_103, 8) { $0.rotateAfterMessages = 20 }
        let (server, channel) = try mesh.gather()
        let before = Self.epochs(mesh, 0, server).count
        for number in 0..<19 { _ = try mesh.post(number % 8, server, channel, "m\(number)") }
        mesh.run(for: .seconds(60))
        #expect(Self.epochs(mesh, 0, server).count == before, "not yet")
        _ = try mesh.post(3, server, channel, "the last one")
        mesh.run(for: .seconds(60))
        #expect(Self.epochs(mesh, 0, server).count == before + 1)
        try Self.expectUsable(mesh, server, channel, Array(0..<8))
    }

    @Test func `S-113 S-122 a leave and a crossing of removals are closed without anybody's post`()
        throws
    {
        let mesh = try Self.mesh(7_104, 8) { _ in }
        let (server, channel) = try mesh.gather()
        let before = Self.epochs(mesh, 0, server).count
        _ = try mesh.act(7, .server(.leave(), in: server))
        mesh.run(for: .seconds(45))
        #expect(Self.epochs(mesh, 0, server).count == before + 1)
        try Self.expectUsable(mesh, server, channel, Array(0..<7))

        // S-113: each of two admins removes somebody, not knowing of the other.
        let raise = RightsChange.raise(mesh.peerID(1), to: .admin, reason: "")
        _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        mesh.run(for: .seconds(20))
        mesh.partition([[0, 2, 3], [1, 4, 5, 6]])
        for (actor, target) in [(0, 5), (1, 6)] {
            let kick = RightsChange.kick(mesh.peerID(target), reason: "", lastAccepted: nil)
            _ = try mesh.act(actor, .rights(kick, in: server, isRehearsal: false))
        }
        mesh.run(for: .seconds(20))
        let crossed = (0...1).compactMap {
            mesh.core($0).servers[server]?.state.sendingEpoch(of: channel)?.id
        }
        mesh.heal()
        mesh.run(for: .seconds(90))
        try Self.expectUsable(mesh, server, channel, Array(0..<5))
        let joined = try #require(
            mesh.core(2).servers[server]?.state.sendingEpoch(of: channel))
        #expect(Set(joined.parents) == Set(crossed) && crossed.count == 2)
        for node in 5...6 {
            #expect(mesh.core(node).servers[server]?.keys.holds(joined.id) == false)
        }
    }

    @Test func `S-122 a lost device renews the key at once, and costs one epoch`() throws {
        let mesh = try Self.mesh(7_105, 8) { _ in }
        let (server, channel) = try mesh.gather()
        let before = Self.epochs(mesh, 0, server).count
        let outcome = try mesh.act(4, .channel(.rotateKey(channel), in: server))
        #expect(outcome.rotated == [channel])
        mesh.run(for: .seconds(120))
        #expect(Self.epochs(mesh, 0, server).count == before + 1)
        try Self.expectUsable(mesh, server, channel, Array(0..<8))
    }

    // Keys that do not come out of their box

    /// A rotation by node 1 whose box for node 2 is not what it should be.
    private static func badRotation(
        _ mesh: Mesh, _ server: Server.ID, _ channel: Channel.ID,
        _ box: (Exchange.PublicKey, inout Entropy) -> [UInt8]
    ) throws -> Replica.Stored {
        let slot = try #require(mesh.core(1).servers[server])
        var entropy = Entropy.seeded(SeededRandom(seed: 91))
        let draft = Rotation.draft(
            channel: channel, author: mesh.peerID(1), state: slot.state, keys: slot.keys, &entropy)
        var body = try #require(draft.parts.first)
        let readers = slot.state.sealableReaders(of: channel, at: slot.state.now)
        let index = try #require(readers.firstIndex { $0.peer == mesh.peerID(2) })
        body.boxes[index] = box(readers[index].prekey, &entropy)
        return try #require(try mesh.forge(1, server, [body]).last)
    }

    @Test func `S-115 a key that is not the one promised is reported and never used`() throws {
        let mesh = try Self.mesh(7_106, 4) { _ in }
        let (server, channel) = try mesh.gather()
        let bad = try Self.badRotation(mesh, server, channel) { prekey, entropy in
            prekey.seal(entropy.bytes(32), &entropy)
        }
        for node in 0..<4 { mesh.hand(node, server, [bad.envelope.bytes]) }
        mesh.run(for: .seconds(60))
        let epoch = Epoch.ID(bad.event.id)
        for node in 0..<4 {
            let state = try #require(mesh.core(node).servers[server]?.state)
            let info = try #require(state.epochs[epoch])
            #expect(state.isFaulted(info), "node \(node)")
            #expect(state.sendingEpoch(of: channel)?.id != epoch)
            // Agents of every node are told who could not use which key, and why.
            let told = try mesh.feed(node).filter { $0.kind == .keyFaulted }
            #expect(told.count == 1, "node \(node)")
            #expect(told.first?["by"] == .word(mesh.peerID(2).hex))
            #expect(told.first?["epoch"] == .word(epoch.hex))
            #expect(told.first?["channel_id"] == .word(channel.hex))
            #expect(told.first?["reason"] == .word("commit"))
        }
        try Self.expectUsable(mesh, server, channel, Array(0..<4))
        _ = try mesh.post(0, server, channel, "readable by all")
        mesh.run(for: .seconds(30))
        for node in 0..<4 { #expect(try mesh.texts(node, server, channel) == ["readable by all"]) }
    }

    @Test func `S-121 a box that does not open is answered with a share`() throws {
        let mesh = try Self.mesh(7_107, 4) { _ in }
        let (server, channel) = try mesh.gather()
        let bad = try Self.badRotation(mesh, server, channel) { _, entropy in
            ExchangeKey.generate(&entropy).publicKey.seal(entropy.bytes(32), &entropy)
        }
        for node in 0..<4 { mesh.hand(node, server, [bad.envelope.bytes]) }
        mesh.run(for: .seconds(2))
        _ = try mesh.post(0, server, channel, "who is there?")
        mesh.run(for: .seconds(10))
        #expect(try mesh.texts(2, server, channel).isEmpty, "its key is not there yet")
        mesh.run(for: .seconds(60))
        #expect(try mesh.texts(2, server, channel) == ["who is there?"])
        #expect(mesh.core(2).servers[server]?.keys.holds(Epoch.ID(bad.event.id)) == true)
        for node in 0..<4 { #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server)) }
    }
}

extension Exchange.PublicKey {
    fileprivate func seal(_ bytes: [UInt8], _ entropy: Entropy) -> [UInt8] {
        var entropy = entropy
        return seal(bytes, &entropy)
    }
}
