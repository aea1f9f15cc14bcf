import PeerNet
import PeerNode
import PeerState
import Testing

/// Bugs that seeds of the simulator found, each shown by itself (HOSTILE 1.8).
@Suite struct RegressionTests {
    /// Seed 0x193: keys were shared before it was known whether the newest one can be had.
    @Test func `a post refused for want of a key has shared no key`() throws {
        let fixture = try TextsFixture()
        let (server, channel) = (fixture.server, fixture.channel)
        let carol = SigningKey(seed: [UInt8](repeating: 3, count: 32))
        try fixture.write(MemberGranted(target: fixture.bob.publicKey, level: .admin))
        // Not by alice, who would give her the keys at once.
        try fixture.write(
            MemberGranted(target: carol.publicKey, level: .member), by: fixture.bob)
        var replica = try #require(fixture.core.servers[server]?.replica)
        var entropy = Entropy.seeded(SeededRandom(seed: 31))
        var written: [Replica.Stored] = []
        for key in [fixture.bob, carol] {
            let own = PrekeyPublished(key: ExchangeKey.generate(&entropy).publicKey)
            let writer = Replica.Writer(key: key, wallMilliseconds: 1_700_000_100_000)
            written += try replica.author(own, by: writer)
        }
        let draft = Rotation.draft(
            channel: channel, author: fixture.bob.publicKey, state: replica.state,
            keys: KeyRing(), &entropy)
        var part = try #require(draft.parts.first)
        // A key that only bob has.
        part.boxes = part.boxes.map { _ in
            [UInt8](repeating: 7, count: KeyRotated.boxByteCount)
        }
        written += try replica.author(
            part, by: Replica.Writer(key: fixture.bob, wallMilliseconds: 1_700_000_100_000))
        fixture.hand(written)
        let state = try #require(fixture.core.servers[server]?.state)
        #expect(state.recipients(of: try #require(state.newestEpoch(of: channel))).count == 3)
        let rows = fixture.batches.flatMap(\.events).count
        let failure = #expect(throws: NodeFailure.self) { try fixture.post("refused") }
        #expect(failure?.code == .noKey)
        #expect(fixture.batches.flatMap(\.events).count == rows)
    }

    /// Seeds 0x2e and 0x43: such a message was taken for void when texts were opened and for
    /// shown when they were followed.
    @Test func `a message stored together with what releases it is shown`() throws {
        let apart = try TextsFixture()
        let before = apart.batches.count
        let first = try apart.bobWrites("before")
        apart.hand([first])
        let late = try apart.bobWrites("taken back in")
        let removal = try apart.write(
            MemberRemoved(
                target: apart.bob.publicKey, cut: Cut(seq: first.event.seq, id: first.event.id),
                reason: ""))
        apart.hand([late])
        #expect(try apart.texts() == ["before"])
        try apart.write(
            RemovalExtended(
                lowering: removal.event.id, seq: late.event.seq, pin: late.event.id))
        #expect(try apart.texts() == ["before", "taken back in"])

        let together = try TextsFixture()
        let rest = try apart.batches[before...].flatMap(\.events).map { row in
            let envelope = try Envelope(decoding: row.envelope)
            return Replica.Stored(
                event: try Event(decoding: envelope), envelope: envelope, void: nil)
        }.filter { $0.event.id != late.event.id }
        // What releases it waits for it, and is stored with it.
        together.hand(rest)
        #expect(try together.texts() == ["before"])
        together.hand([late])
        #expect(try together.texts() == ["before", "taken back in"])
    }
}
