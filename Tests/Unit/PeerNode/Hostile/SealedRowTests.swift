import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Keys" on whole nodes: keys that are not those promised, and texts without a key.
@Suite struct SealedRowTests {
    /// A mesh of three, and a rotation by node 2 whose boxes are not what it says.
    private static func rotation(
        _ mesh: Mesh, _ server: Server.ID, _ channel: Channel.ID,
        _ change: (inout KeyRotated, [Exchange.PublicKey], inout Entropy) -> Void
    ) throws -> [Replica.Stored] {
        let slot = try #require(mesh.core(2).servers[server])
        var entropy = Entropy.seeded(SeededRandom(seed: 91))
        let draft = Rotation.draft(
            channel: channel, author: mesh.peerID(2), state: slot.state, keys: slot.keys, &entropy)
        var body = try #require(draft.parts.first)
        let readers = slot.state.sealableReaders(of: channel, at: slot.state.now)
        change(&body, readers.map(\.prekey), &entropy)
        return try mesh.forge(2, server, [body])
    }

    private static func expectFaulted(
        _ mesh: Mesh, _ server: Server.ID, _ channel: Channel.ID, _ bad: [Replica.Stored]
    ) throws {
        let epoch = Epoch.ID(try #require(bad.last).event.id)
        for node in 0..<3 {
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.isFaulted(try #require(state.epochs[epoch])), "node \(node)")
            #expect(state.sendingEpoch(of: channel)?.id != epoch)
        }
        var faults = 0
        for envelope in try mesh.envelopes(0, server) {
            let event = try Event(decoding: Envelope(decoding: envelope))
            faults += event.body is KeyFaulted ? 1 : 0
        }
        #expect((1...3).contains(faults), "one a reader at most")
        for node in 0..<3 { #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server)) }
        _ = try mesh.post(0, server, channel, "all well")
        mesh.run(for: .seconds(60))
        for node in 0..<3 { #expect(try mesh.texts(node, server, channel) == ["all well"]) }
    }

    @Test func `H-091 a commitment that does not match is reported and its epoch not used`()
        throws
    {
        let mesh = try Mesh(seed: 9_101, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        let bad = try Self.rotation(mesh, server, channel) { body, _, entropy in
            body.commit = Sodium.hash("test/commit", entropy.bytes(8))
        }
        let (_, cost) = Cost.counting { mesh.hand(0, server, bad.map(\.envelope.bytes)) }
        #expect(cost.openings == 1 || !Cost.isCounted, "\(cost)")
        for node in 1...2 { mesh.hand(node, server, bad.map(\.envelope.bytes)) }
        mesh.run(for: .seconds(60))
        try Self.expectFaulted(mesh, server, channel, bad)
    }

    @Test func `H-091 another key for each member is reported by those who got the wrong one`()
        throws
    {
        let mesh = try Mesh(seed: 9_102, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        let bad = try Self.rotation(mesh, server, channel) { body, prekeys, entropy in
            body.boxes = prekeys.map { $0.seal(entropy.bytes(32), &entropy) }
        }
        for node in 0..<3 { mesh.hand(node, server, bad.map(\.envelope.bytes)) }
        mesh.run(for: .seconds(60))
        try Self.expectFaulted(mesh, server, channel, bad)
    }

    @Test func `H-093 two copies of one machine that draw the same bytes are shown as a fork`()
        throws
    {
        let mesh = try Mesh(seed: 9_103, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        let slot = try #require(mesh.core(2).servers[server])
        let epoch = try #require(slot.state.sendingEpoch(of: channel))
        let key = try #require(slot.keys.key(epoch.id))
        let next = slot.replica.nextPlace(of: mesh.peerID(2))
        let place = MessagePlace(
            server: server, channel: channel, epoch: epoch.id, commit: epoch.commit,
            author: mesh.peerID(2), seq: next.seq, prev: next.prev, kind: MessagePosted.kind)
        var copies: [Replica.Stored] = []
        for text in ["mine", "and mine"] {
            // The same generator in the same state: a machine that was copied while it ran.
            var entropy = Entropy.seeded(SeededRandom(seed: 93))
            let sealed = place.seal(MessageText(text, mentions: []), channelKey: key, &entropy)
            copies += try mesh.forge(
                2, server, [MessagePosted(channel: channel, sealed: sealed, parent: nil)])
        }
        let nonces = copies.compactMap { $0.event.body(as: MessagePosted.self)?.sealed.nonce }
        #expect(nonces.count == 2 && nonces[0] == nonces[1])
        mesh.hand(0, server, [copies[0].envelope.bytes])
        mesh.run(for: .seconds(5))
        mesh.hand(1, server, [copies[1].envelope.bytes])
        mesh.run(for: .seconds(120))
        for node in 0..<2 {
            let fork = mesh.core(node).servers[server]?.forks[mesh.peerID(2)]
            #expect(fork?.from == next.seq, "node \(node)")
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
        }
        _ = try mesh.post(0, server, channel, "all well")
        mesh.run(for: .seconds(60))
        #expect(try mesh.texts(1, server, channel).contains("all well"))
    }

    @Test func `H-095 messages whose key is missing are kept, and nobody is asked in a storm`()
        throws
    {
        let limit = 40
        let mesh = try Mesh(seed: 9_105, count: 3, waitingForKey: limit)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        // A key for everybody but node 0, whose box opens for nobody.
        let owner = try #require(
            mesh.core(0).servers[server]?.state.currentPrekey(of: mesh.peerID(0)))
        var secret: [UInt8] = []
        let bad = try Self.rotation(mesh, server, channel) { body, prekeys, entropy in
            secret = entropy.bytes(32)
            let context = ChannelCrypto.context(
                server: server, channel: channel, author: mesh.peerID(2), salt: body.salt)
            body.commit = ChannelCrypto.commitment(key: secret, context: context)
            body.prevBoxes = body.prevBoxes.map { [UInt8](repeating: 0, count: $0.count) }
            body.boxes = prekeys.map { prekey in
                prekey == owner
                    ? ExchangeKey.generate(&entropy).publicKey.seal(entropy.bytes(32), &entropy)
                    : prekey.seal(secret, &entropy)
            }
        }
        mesh.partition([[0], [1], [2]])
        let epoch = Epoch.ID(try #require(bad.last).event.id)
        var replica = try #require(mesh.core(2).servers[server]?.replica)
        _ = replica.receive(bad[0].envelope.bytes, wallMilliseconds: mesh.wallMilliseconds(2))
        let writer = Replica.Writer(
            key: mesh.key(2), wallMilliseconds: mesh.wallMilliseconds(2))
        var entropy = Entropy.seeded(SeededRandom(seed: 95))
        var envelopes = bad.map(\.envelope.bytes)
        let count = 3 * limit
        for number in 0..<count {
            let next = replica.nextPlace(of: mesh.peerID(2))
            let info = try #require(replica.state.epochs[epoch])
            let place = MessagePlace(
                server: server, channel: channel, epoch: epoch, commit: info.commit,
                author: mesh.peerID(2), seq: next.seq, prev: next.prev, kind: MessagePosted.kind)
            let sealed = place.seal(
                MessageText("m\(number)", mentions: []), channelKey: secret, &entropy)
            let body = MessagePosted(channel: channel, sealed: sealed, parent: nil)
            envelopes += try replica.author(body, by: writer).map(\.envelope.bytes)
        }
        let before = try mesh.envelopes(0, server).count
        mesh.hand(0, server, envelopes)
        let gauges = mesh.core(0).reachSnapshot().gauges
        #expect(gauges[.messagesWithoutKey] == UInt64(limit))
        #expect(try mesh.texts(0, server, channel).isEmpty)
        mesh.run(for: .seconds(600))
        let stored = try mesh.envelopes(0, server)
        #expect(stored.count >= before + envelopes.count, "held as they came")
        var asked = 0
        for envelope in stored {
            let event = try Event(decoding: Envelope(decoding: envelope))
            asked += event.author == mesh.peerID(0) && event.body is KeyFaulted ? 1 : 0
        }
        #expect(asked == 1, "one request")
        // Somebody who holds the key answers it, and all of them are read.
        mesh.hand(1, server, envelopes)
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(300))
        #expect(try mesh.texts(0, server, channel).count == count)
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }
}
