import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// What one dishonest member can do to what others write and read.
@Suite struct SaboteurTests {
    private static let seed: UInt64 = 12

    /// The key `Mesh` draws for a node.
    private static func writer(_ node: UInt64) -> Replica.Writer {
        var entropy = Entropy.seeded(Seed(seed).stream("identity", node, 0))
        return Replica.Writer(key: SigningKey(seed: entropy.bytes(32)), wallMilliseconds: 1)
    }

    @Test func `a rotation that nobody can open silences a channel for half a minute`() throws {
        let mesh = try Mesh(seed: Self.seed, count: 3)
        let (server, channel) = try mesh.gather()
        var replica = try #require(mesh.core(2).servers[server]?.replica)
        var entropy = Entropy.seeded(Seed(Self.seed).stream("boxes", 0, 0))
        let draft = Rotation.draft(
            channel: channel, author: mesh.peerID(2), state: replica.state, keys: KeyRing(),
            &entropy)
        var part = try #require(draft.parts.first)
        part.boxes = part.boxes.map { _ in [UInt8](repeating: 7, count: 80) }
        let envelopes = try replica.author(part, by: Self.writer(2)).map(\.envelope.bytes)
        for node in 0..<3 { mesh.hand(node, server, envelopes) }
        mesh.run(for: .seconds(5))
        #expect(throws: NodeFailure.self) { try mesh.post(0, server, channel, "too soon") }
        mesh.run(for: .seconds(31))
        #expect(try mesh.post(0, server, channel, "later").kind == .applied)
        mesh.run(for: .seconds(10))
        for node in 0..<3 { #expect(try mesh.texts(node, server, channel) == ["later"]) }
    }

    @Test func `a deletion that a fork takes back shows the text again`() throws {
        let mesh = try Mesh(seed: Self.seed, count: 3)
        let (server, channel) = try mesh.gather()
        let message = try #require(try mesh.post(2, server, channel, "kept").event)
        mesh.run(for: .seconds(5))
        let before = try #require(mesh.core(2).servers[server]?.replica)
        let epoch = try #require(before.state.channel(channel)?.epochIDs.first)
        let room = RightsRoom(channel: channel, epoch: Event.ID(epoch))
        let bodies: [any EventBody] = [
            MessageDeleted(message: message, reason: ""),
            try RightsAct.post(room, "the other branch").body(),
        ]
        let branches = try bodies.map { body in
            var replica = before
            return try replica.author(body, by: Self.writer(2)).map(\.envelope.bytes)
        }
        mesh.hand(0, server, branches[0])
        mesh.run(for: .seconds(1))
        #expect(try mesh.texts(0, server, channel) != ["kept"])
        mesh.hand(0, server, branches[1])
        mesh.run(for: .seconds(20))
        #expect(try mesh.texts(0, server, channel) == ["kept"])
    }
}
