import PeerNet
import PeerNode
import PeerState
import Testing

/// Messages that get their effect before their key is here.
@Suite struct LateKeyTests {
    /// What bob wrote while alice removed him: under a key of his that she cannot open.
    struct Late {
        let message: Replica.Stored
        let edit: Replica.Stored
        /// Brings her the key.
        let share: Replica.Stored
        /// Who holds a key has one that keys are sealed to.
        let prekey: Replica.Stored
        let rotation: Replica.Stored
    }

    /// - Parameter isTampered: whether the key does not open the message either.
    static func write(_ fixture: TextsFixture, isTampered: Bool = false) throws -> Late {
        let (server, channel, bob) = (fixture.server, fixture.channel, fixture.bob)
        var replica = try #require(fixture.core.servers[server]?.replica)
        var entropy = Entropy.seeded(SeededRandom(seed: 21))
        let writer = Replica.Writer(key: bob, wallMilliseconds: 1_700_000_100_000)
        let own = PrekeyPublished(key: ExchangeKey.generate(&entropy).publicKey)
        let published = try #require(try replica.author(own, by: writer).last)
        let draft = Rotation.draft(
            channel: channel, author: bob.publicKey, state: replica.state, keys: KeyRing(),
            &entropy)
        var part = try #require(draft.parts.first)
        part.boxes = part.boxes.map { _ in [UInt8](repeating: 7, count: 80) }
        let rotation = try #require(try replica.author(part, by: writer).last)
        var key = draft.key.copy()
        defer { Sodium.wipe(&key) }
        func seal(_ text: String, _ kind: UInt64) -> SealedBody {
            let next = replica.nextPlace(of: bob.publicKey)
            let place = MessagePlace(
                server: server, channel: channel, epoch: Epoch.ID(rotation.event.id),
                commit: part.commit, author: bob.publicKey, seq: next.seq, prev: next.prev,
                kind: kind)
            return place.seal(MessageText(text, mentions: []), channelKey: key, &entropy)
        }
        var sealed = seal("late words", MessagePosted.kind)
        if isTampered {
            var ciphertext = sealed.ciphertext
            ciphertext[0] ^= 1
            sealed = SealedBody(epoch: sealed.epoch, nonce: sealed.nonce, ciphertext: ciphertext)
        }
        let post = MessagePosted(channel: channel, sealed: sealed, parent: nil)
        let message = try #require(try replica.author(post, by: writer).last)
        let change = MessageEdited(
            message: message.event.id, sealed: seal("better words", MessageEdited.kind))
        let edit = try #require(try replica.author(change, by: writer).last)
        let prekey = try #require(replica.state.currentPrekey(of: fixture.core.me))
        let body = KeyShared(
            channel: channel, target: fixture.core.me, epochs: [Epoch.ID(rotation.event.id)],
            box: prekey.seal(key, &entropy))
        let share = try #require(try replica.author(body, by: writer).last)
        return Late(
            message: message, edit: edit, share: share, prekey: published, rotation: rotation)
    }

    /// Removes bob at the rotation, and takes his messages up to `pin` back in.
    private static func admit(
        _ pin: Replica.Stored, _ late: Late, _ fixture: TextsFixture
    ) throws {
        fixture.hand([late.prekey, late.rotation])
        let rotation = late.rotation.event
        let removal = try fixture.write(
            MemberRemoved(
                target: fixture.bob.publicKey, cut: Cut(seq: rotation.seq, id: rotation.id),
                reason: ""))
        fixture.hand([late.message, late.edit])
        #expect(try fixture.messages().isEmpty, "void while the removal stands as it is")
        try fixture.write(
            RemovalExtended(
                lowering: removal.event.id, seq: pin.event.seq, pin: pin.event.id))
        let state = try #require(fixture.core.servers[fixture.server]?.state)
        #expect(state.message(late.message.event.id)?.text == pin.event.id)
        #expect(try fixture.messages().isEmpty, "nobody can open it yet")
    }

    @Test func `a message that took effect before its key came is shown when it comes`() throws {
        let fixture = try TextsFixture()
        let late = try Self.write(fixture)
        try Self.admit(late.message, late, fixture)
        fixture.hand([late.edit, late.share])
        #expect(try fixture.texts() == ["late words"])
        #expect(try fixture.page(.newest).messages.first?.isEdited == false)
        #expect(try fixture.store.settings(prefix: "reopen/").isEmpty)
        try fixture.restart()
        #expect(try fixture.texts() == ["late words"])
    }

    @Test func `an edit that took effect before its key came replaces the text once`() throws {
        let fixture = try TextsFixture()
        let late = try Self.write(fixture)
        try Self.admit(late.edit, late, fixture)
        let feed = fixture.core.visibleFeed
        fixture.hand([late.share])
        #expect(try fixture.texts() == ["better words"])
        #expect(try fixture.page(.newest).messages.first?.isEdited == true)
        let shown = try fixture.told(after: feed).filter { $0.kind == .messageReceived }
        #expect(shown.count == 1)
        #expect(try fixture.store.settings(prefix: "reopen/").isEmpty)
    }

    @Test func `a message deleted before its key came leaves what a rebuild leaves`() throws {
        let fixture = try TextsFixture()
        let late = try Self.write(fixture)
        fixture.hand([late.prekey, late.rotation, late.message])
        try fixture.write(MessageDeleted(message: late.message.event.id, reason: ""))
        #expect(try fixture.messages().isEmpty)
        fixture.hand([late.edit, late.share])
        let shown = try fixture.messages()
        #expect(shown.map(\.text) == [""])
        #expect(try fixture.inbox("agent").unread == 0)
        try fixture.restart()
        let slot = try #require(fixture.core.servers[fixture.server])
        try fixture.store.rebuildDerived { slot.textChanges(of: $0) }
        #expect(try fixture.messages() == shown)
    }
}
