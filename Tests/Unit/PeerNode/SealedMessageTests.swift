import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-117: messages whose key is not here, as one node shows them.
@Suite struct SealedMessageTests {
    private typealias Late = LateKeyTests.Late

    /// Bob's message is here, and its key is not.
    private static func sealed(_ fixture: TextsFixture) throws -> Late {
        let late = try LateKeyTests.write(fixture)
        fixture.hand([late.prekey, late.rotation])
        fixture.changes = []
        fixture.hand([late.message])
        #expect(try fixture.page(.newest).messages.allSatisfy { !$0.isSealed }, "its key may come")
        fixture.pass(.seconds(3))
        return late
    }

    private static func rebuild(_ fixture: TextsFixture) throws {
        let slot = try #require(fixture.core.servers[fixture.server])
        try fixture.store.rebuildDerived { slot.textChanges(of: $0) }
    }

    @Test func `S-117 a message without its key shows author and time, and is news to nobody`()
        throws
    {
        let fixture = try TextsFixture()
        let own = try fixture.post("before")
        let late = try Self.sealed(fixture)
        let page = try fixture.page(.newest)
        #expect(page.messages.map(\.text) == ["before", ""])
        #expect(page.messages.map(\.isSealed) == [false, true])
        let shown = try #require(page.messages.last)
        #expect(shown.author == fixture.bob.publicKey)
        #expect(shown.atMilliseconds == late.message.event.wallMilliseconds)
        #expect(page.channel.lastAtMilliseconds == page.messages.first?.atMilliseconds)
        #expect(try fixture.look(at: late.message.event.id) == shown)
        #expect(fixture.changes.contains(.messages(fixture.server, fixture.channel)))
        #expect(!fixture.changes.contains(.unread(fixture.server)))
        #expect(try fixture.inbox("other").unread == 1)
        #expect(try fixture.news("other") == [own])
        let told = try fixture.told(after: 0).filter { $0.kind == .messageReceived }
        #expect(told.count == 1)

        // The same is made of the events alone, and of what a restart finds.
        try Self.rebuild(fixture)
        #expect(try fixture.page(.newest).messages == page.messages)
        let batches = fixture.batches.count
        try fixture.restart()
        #expect(try fixture.page(.newest).messages == page.messages)
        #expect(fixture.batches.dropFirst(batches).allSatisfy { $0.texts.isEmpty })

        fixture.hand([late.edit, late.share])
        let open = try fixture.page(.newest).messages
        #expect(open.map(\.text) == ["before", "better words"])
        #expect(open.map(\.isSealed) == [false, false])
        #expect(try fixture.inbox("other").unread == 2)
        #expect(try fixture.news("other") == [own, late.message.event.id])
        try Self.rebuild(fixture)
        #expect(try fixture.page(.newest).messages == open)
        #expect(try fixture.inbox("other").unread == 2)
    }

    /// What nobody here can open: under the key that is not here.
    private static func closed(_ late: Late, _ number: UInt8) throws -> SealedBody {
        let known = try #require(late.message.event.sealedText)
        return SealedBody(
            epoch: known.epoch, nonce: [UInt8](repeating: number, count: known.nonce.count),
            ciphertext: known.ciphertext)
    }

    /// One more message of Bob's of that kind.
    private static func post(_ fixture: TextsFixture, _ late: Late, _ number: UInt8) throws {
        let sealed = try closed(late, number)
        let post = MessagePosted(channel: fixture.channel, sealed: sealed, parent: nil)
        try fixture.write(post, by: fixture.bob)
    }

    /// What is shown does not depend on which edits were here before the last one, which is closed.
    @Test(arguments: [false, true])
    func `I-14 under a closed edit the message stands as it was written`(isAtOnce: Bool) throws {
        let fixture = try TextsFixture()
        let open = try fixture.bobPosts("as written")
        _ = try fixture.bobEdits(open, "edited once")
        #expect(try fixture.texts() == ["edited once"])
        let late = try LateKeyTests.write(fixture)
        fixture.hand([late.prekey, late.rotation, late.message])
        fixture.pass(.seconds(3))
        _ = try fixture.bobEdits(late.message.event.id, "open words")
        for message in [open, late.message.event.id] {
            let last = MessageEdited(message: message, sealed: try Self.closed(late, 3))
            let before = isAtOnce ? [try fixture.edit(message, "edited twice")] : []
            try fixture.write(before + [last], by: fixture.bob)
        }
        let shown = try fixture.page(.newest).messages
        #expect(shown.map(\.text) == ["as written", ""])
        #expect(shown.map(\.isSealed) == [false, true])
        try Self.rebuild(fixture)
        #expect(try fixture.page(.newest).messages == shown)
    }

    @Test func `I-14 one that the store has not taken yet is read again after it has`() throws {
        let fixture = try TextsFixture()
        let late = try LateKeyTests.write(fixture)
        fixture.hand([late.prekey, late.rotation])
        fixture.holdBatches()
        fixture.hand([late.message])
        fixture.pass(.seconds(3))
        fixture.releaseBatches()
        fixture.pass(.seconds(3))
        #expect(try fixture.page(.newest).messages.map(\.isSealed) == [true])
    }

    @Test func `I-14 one that comes while others are read again is read after them`() throws {
        let fixture = try TextsFixture()
        let late = try LateKeyTests.write(fixture)
        fixture.hand([late.prekey, late.rotation, late.message])
        var failure: (any Error)?
        fixture.whileReading = {
            do { try Self.post(fixture, late, 1) } catch { failure = error }
        }
        fixture.pass(.seconds(3))
        #expect(failure == nil && fixture.whileReading == nil)
        try Self.post(fixture, late, 2)
        fixture.pass(.seconds(3))
        #expect(try fixture.page(.newest).messages.map(\.isSealed) == [true, true, true])
    }

    /// The edit finds nothing in the store that it could change, and the reading of edits no row
    /// that it belongs to: that is about to be stored.
    @Test func `I-14 an edit that came before its message could be shown shows its text`() throws {
        let fixture = try TextsFixture()
        let late = try LateKeyTests.write(fixture)
        fixture.hand([late.prekey, late.rotation, late.message])
        let feed = fixture.core.visibleFeed
        _ = try fixture.bobEdits(late.message.event.id, "open words")
        #expect(try fixture.page(.newest).messages.isEmpty)
        fixture.afterReading = { fixture.holdBatches() }
        fixture.pass(.seconds(3))
        #expect(fixture.afterReading == nil)
        fixture.releaseBatches()
        let shown = try fixture.page(.newest).messages
        #expect(shown.map(\.text) == ["open words"])
        #expect(shown.first?.isEdited == true && shown.first?.isSealed == false)
        #expect(try fixture.told(after: feed).allSatisfy { $0.kind != .messageReceived })
        #expect(try fixture.inbox("other").unread == 0)
        try Self.rebuild(fixture)
        #expect(try fixture.page(.newest).messages == shown)
    }

    @Test func `a store of an earlier program shows them after its first start`() throws {
        let fixture = try TextsFixture()
        let late = try Self.sealed(fixture)
        let shown = try fixture.page(.newest).messages
        #expect(shown.map(\.isSealed) == [true])
        for isChecked in [false, true] {
            if isChecked { try fixture.checkpoint() }
            var batch = StoreBatch()
            batch.texts = [.drop(late.message.event.id)]
            try fixture.store.commit([batch])
            #expect(try fixture.page(.newest).messages.isEmpty)
            try fixture.restart()
            #expect(try fixture.page(.newest).messages == shown)
        }
        #expect(try fixture.inbox("other").unread == 0)
    }

    @Test func `an edit under a key that is here shows its text, and is not counted`() throws {
        let fixture = try TextsFixture()
        let late = try Self.sealed(fixture)
        let message = late.message.event.id
        let feed = fixture.core.visibleFeed
        _ = try fixture.bobEdits(message, "open words")
        let shown = try fixture.page(.newest).messages
        #expect(shown.map(\.text) == ["open words"])
        #expect(shown.first?.isEdited == true && shown.first?.isSealed == false)
        #expect(try fixture.inbox("other").unread == 0)
        #expect(try fixture.told(after: feed).map(\.kind) == [.messageEdited])
        try Self.rebuild(fixture)
        #expect(try fixture.page(.newest).messages == shown)
        try fixture.restart()
        #expect(try fixture.page(.newest).messages == shown)
    }

    @Test func `a deletion leaves a tombstone of what nobody here could read`() throws {
        let fixture = try TextsFixture()
        let late = try Self.sealed(fixture)
        try fixture.write(MessageDeleted(message: late.message.event.id, reason: ""))
        let shown = try fixture.page(.newest).messages
        #expect(shown.map(\.isDeleted) == [true] && shown.map(\.isSealed) == [false])
        #expect(shown.first?.around.deletedBy == "alice")
        try Self.rebuild(fixture)
        #expect(try fixture.page(.newest).messages == shown)
        fixture.hand([late.edit, late.share])
        #expect(try fixture.page(.newest).messages.map(\.isDeleted) == [true])
        #expect(try fixture.inbox("other").unread == 0)
    }

    @Test func `one that turns out to be undecryptable is shown no longer`() throws {
        let fixture = try TextsFixture()
        let late = try LateKeyTests.write(fixture, isTampered: true)
        fixture.hand([late.prekey, late.rotation, late.message])
        fixture.pass(.seconds(3))
        #expect(try fixture.page(.newest).messages.map(\.isSealed) == [true])
        fixture.hand([late.edit, late.share])
        #expect(try fixture.page(.newest).messages.isEmpty)
        try Self.rebuild(fixture)
        #expect(try fixture.page(.newest).messages.isEmpty)
    }

    @Test func `reactions, pins and answers reach it, and marks stop before it`() throws {
        let fixture = try TextsFixture()
        let first = try fixture.bobPosts("first")
        let late = try Self.sealed(fixture)
        let message = late.message.event.id
        try fixture.bobReacts(message)
        try fixture.write(MessagePinned(message: message))
        let answer = try fixture.bobPosts("answer", parent: message)
        let shown = try #require(try fixture.page(.newest).messages.first { $0.id == message })
        #expect(shown.isSealed && shown.around.isPinned && shown.around.replies == 1)
        #expect(shown.around.reactions.map(\.count) == [1])
        let thread = try fixture.page(.newest, thread: answer).messages
        #expect(thread.map(\.id) == [message, answer])
        #expect(thread.last?.around.answers?.isSealed == true)

        #expect(try fixture.inbox("other").unread == 2)
        _ = try fixture.act(.markRead(ReadMark("other", through: shown)))
        #expect(try fixture.inbox("other").unread == 1, "what follows it stays")
        #expect(try fixture.inbox("other").entries.first?.messages.map(\.id) == [answer])
        let mark = try fixture.store.marks().first { $0.principal == "other" }
        #expect(mark?.order?.id == first)
        // Bob went on since: the key is in an event that follows.
        try fixture.write(late.share.event.body, by: fixture.bob)
        #expect(try fixture.inbox("other").unread == 2, "and it counts when it opens")
    }
}
