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

    /// Seed 0x37 never ended: a share without effect left its target without the key, and so the
    /// next one was due at once.
    @Test func `a key handed over without effect is handed over once`() throws {
        let fixture = try TextsFixture()
        let carol = SigningKey(seed: [UInt8](repeating: 3, count: 32))
        try fixture.write(MemberGranted(target: fixture.bob.publicKey, level: .admin))
        try fixture.write(MemberGranted(target: carol.publicKey, level: .member))
        // The node writes in two places, and goes on where nobody follows it.
        let branches = try ["one", "other"].map {
            try fixture.write(ProfileUpdated(displayName: $0), hands: false)
        }
        for branch in branches { fixture.hand([branch]) }
        let me = branches[0].event.author
        let replica = try #require(fixture.core.servers[fixture.server]?.replica)
        let own = replica.nextPlace(of: me).prev
        let pin = try #require(branches.map(\.event).first { $0.id != own })
        try fixture.write(
            BranchConfirmed(author: me, seq: pin.seq, pin: pin.id), by: fixture.bob)
        var entropy = Entropy.seeded(SeededRandom(seed: 31))
        try fixture.write(
            PrekeyPublished(key: ExchangeKey.generate(&entropy).publicKey), by: carol)
        let state = try #require(fixture.core.servers[fixture.server]?.state)
        let epoch = try #require(state.newestEpoch(of: fixture.channel))
        #expect(!state.recipients(of: epoch).contains(carol.publicKey))
        #expect(epoch.shares.map(\.target) == [carol.publicKey])
    }
}
