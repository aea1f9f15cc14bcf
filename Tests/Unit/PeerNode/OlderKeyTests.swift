import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Channel keys that reach a member later than newer ones, or whose box does not open.
@Suite struct OlderKeyTests {
    private static func join(_ mesh: Mesh, _ node: Int, _ server: Server.ID) throws {
        let invite = try mesh.act(
            0,
            .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
        _ = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
    }

    /// Writes a rotation as a node would, but for its boxes; hands it to some nodes, in order.
    private static func rotate(
        _ mesh: Mesh, by author: Int, _ server: Server.ID, _ channel: Channel.ID, seed: UInt64,
        to nodes: [Int], _ change: (inout KeyRotated, ServerState) throws -> Void
    ) throws -> Epoch.ID {
        var replica = try #require(mesh.core(author).servers[server]?.replica)
        let keys = try #require(mesh.core(author).servers[server]?.keys)
        var entropy = Entropy.seeded(SeededRandom(seed: seed))
        let draft = Rotation.draft(
            channel: channel, author: mesh.peerID(author), state: replica.state, keys: keys,
            &entropy)
        var part = try #require(draft.parts.first)
        try change(&part, replica.state)
        let writer = Replica.Writer(
            key: mesh.key(author), wallMilliseconds: mesh.wallMilliseconds(author))
        let rotation = try #require(try replica.author(part, by: writer).last)
        for node in nodes { mesh.hand(node, server, [rotation.envelope.bytes]) }
        return Epoch.ID(rotation.event.id)
    }

    /// While parted, one side renews the key and the other lets somebody in and renews it twice:
    /// the newest key leads to its parents, and not to the one of the other side.
    @Test func `a key made apart is given to who came meanwhile`() throws {
        print("seed 9301")
        let mesh = try Mesh(seed: 9_301, count: 4)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let (server, channel) = (try #require(created.server), try #require(created.channel))
        for node in 1...2 { try Self.join(mesh, node, server) }
        mesh.run(for: .seconds(30))
        mesh.partition([[0, 2, 3], [1]])
        let apart = try mesh.act(1, .channel(.rotateKey(channel), in: server))
        _ = try mesh.post(1, server, channel, "under the key made apart")
        try Self.join(mesh, 3, server)
        mesh.run(for: .seconds(30))
        for _ in 0..<2 {
            _ = try mesh.act(0, .channel(.rotateKey(channel), in: server))
            mesh.run(for: .seconds(1))
        }
        _ = try mesh.post(0, server, channel, "under the newest key")
        mesh.heal()
        mesh.run(for: .seconds(120))
        let state = try #require(mesh.core(3).servers[server]?.state)
        let epoch = Epoch.ID(try #require(apart.event))
        let made = try #require(state.epochs[epoch])
        let newest = try #require(state.newestEpoch(of: channel))
        #expect(!made.rotationRecipients.contains(mesh.peerID(3)) && made.depth < newest.depth)
        for node in 0..<4 {
            #expect(mesh.core(node).servers[server]?.keys.holds(epoch) == true, "node \(node)")
            #expect(try mesh.texts(node, server, channel).count == 2, "node \(node)")
        }
        // One share does: nobody goes on giving what everybody has.
        let count = try mesh.envelopes(0, server).count
        mesh.run(for: .seconds(60))
        #expect(try mesh.envelopes(0, server).count == count)
    }

    /// A node says 20 s after the fact that a box of its does not open; it ends before that.
    @Test func `a box that does not open is reported after a restart, and answered`() throws {
        print("seed 9302")
        let mesh = try Mesh(seed: 9_302, count: 3)
        let (server, channel) = try mesh.gather()
        let epoch = try Self.rotate(
            mesh, by: 0, server, channel, seed: 9_302, to: [2, 1, 0]
        ) { part, state in
            let readers = state.sealableReaders(of: channel, at: state.now)
            let place = try #require(readers.firstIndex { $0.peer == mesh.peerID(2) })
            part.boxes[place] = [UInt8](repeating: 7, count: KeyRotated.boxByteCount)
            part.prevBoxes = part.prevBoxes.map { _ in
                [UInt8](repeating: 0, count: KeyRotated.prevBoxByteCount)
            }
        }
        mesh.run(for: .seconds(2))
        try mesh.crash(2, life: 1)
        mesh.run(for: .seconds(90))
        #expect(mesh.core(2).servers[server]?.keys.holds(epoch) == true)
        let state = try #require(mesh.core(1).servers[server]?.state)
        #expect(state.epochs[epoch]?.shares.map(\.target) == [mesh.peerID(2)])
    }

    /// A key that leads nowhere, whatever its boxes for older keys look like (PROTOCOL 7.2).
    @Test func `an older key is given although a saboteur's box for it looks like one`() throws {
        print("seed 9304")
        let mesh = try Mesh(seed: 9_304, count: 3)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let (server, channel) = (try #require(created.server), try #require(created.channel))
        try Self.join(mesh, 1, server)
        mesh.run(for: .seconds(30))
        _ = try mesh.post(0, server, channel, "under the older key")
        mesh.run(for: .seconds(5))
        _ = try Self.rotate(
            mesh, by: 1, server, channel, seed: 9_304, to: [1, 0]
        ) { part, _ in
            #expect(!part.prevBoxes.isEmpty)
            part.prevBoxes = part.prevBoxes.map { _ in
                [UInt8](repeating: 7, count: KeyRotated.prevBoxByteCount)
            }
        }
        mesh.run(for: .seconds(2))
        _ = try mesh.post(0, server, channel, "under the saboteur's key")
        try Self.join(mesh, 2, server)
        mesh.run(for: .seconds(120))
        #expect(
            try mesh.texts(2, server, channel)
                == ["under the older key", "under the saboteur's key"])
        let count = try mesh.envelopes(0, server).count
        mesh.run(for: .seconds(60))
        #expect(try mesh.envelopes(0, server).count == count, "and given once")
    }

    /// As after a copy of the data from before the newest prekey was put back.
    @Test func `who lost the secret of its prekey publishes another`() throws {
        print("seed 9303")
        let mesh = try Mesh(seed: 9_303, count: 3)
        let (server, channel) = try mesh.gather()
        var entropy = Entropy.seeded(SeededRandom(seed: 9_303))
        let lost = ExchangeKey.generate(&entropy).publicKey
        let published = try mesh.forge(2, server, [PrekeyPublished(key: lost)])
        for node in [2, 1, 0] { mesh.hand(node, server, published.map(\.envelope.bytes)) }
        mesh.run(for: .seconds(30))
        _ = try mesh.act(0, .channel(.rotateKey(channel), in: server))
        _ = try mesh.post(0, server, channel, "for three")
        mesh.run(for: .seconds(5))
        let slot = try #require(mesh.core(2).servers[server])
        let current = try #require(slot.state.currentPrekey(of: mesh.peerID(2)))
        #expect(current != lost && slot.keys.isOwn(current))
        for node in 0..<3 { #expect(try mesh.texts(node, server, channel) == ["for three"]) }
    }
}
