import PeerNode
import PeerState
import Testing

/// Messages that come together are followed up together; nobody may see that.
@Suite struct RunOfMessagesTests {
    @Test func `one frame shows and tells what single events do`() throws {
        let single = try TextsFixture()
        let (before, first) = (single.core.visibleFeed, single.batches.count)
        let edited = try single.bobPosts("edited later")
        let deleted = try single.bobPosts("deleted later")
        try single.write(MessageDeleted(message: deleted, reason: ""), by: single.bob)
        _ = try single.bobEdits(edited, "changed")
        let answered = try single.bobPosts("answered")
        _ = try single.bobPosts("an answer", parent: answered)
        try single.bobReacts(answered)
        _ = try single.bobPosts("last")

        let together = try TextsFixture()
        try #require(together.server == single.server)
        let commits = together.batches.count
        let events = single.batches[first...].flatMap(\.events)
        together.hand(
            try events.map { row in
                let envelope = try Envelope(decoding: row.envelope)
                return Replica.Stored(
                    event: try Event(decoding: envelope), envelope: envelope, void: nil)
            })
        #expect(together.batches.count - commits < events.count)
        #expect(try together.texts() == ["changed", "", "answered", "an answer", "last"])
        let shown = try (single.page(.newest), together.page(.newest))
        #expect(shown.1.messages.map(\.text) == shown.0.messages.map(\.text))
        #expect(shown.1.messages.map(\.isDeleted) == shown.0.messages.map(\.isDeleted))
        #expect(shown.1.messages.map(\.isEdited) == shown.0.messages.map(\.isEdited))
        #expect(shown.1.messages.map(\.channelSeq) == shown.0.messages.map(\.channelSeq))
        #expect(shown.1.messages.map(\.around) == shown.0.messages.map(\.around))
        #expect(shown.1.channel.channelSeq == 5)
        let told = try (single.told(after: before), together.told(after: before))
        #expect(told.1.map(\.kind) == told.0.map(\.kind))
        #expect(try together.inbox("agent").unread == single.inbox("agent").unread)
    }
}
