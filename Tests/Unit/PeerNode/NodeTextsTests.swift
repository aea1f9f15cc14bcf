import PeerNode
import PeerState
import Testing

/// What can be read follows state: edits, deletions, removals, deleted channels, restarts.
@Suite struct NodeTextsTests {
    @Test func `an edit replaces the text and a restart keeps it`() throws {
        let fixture = try TextsFixture()
        let message = try fixture.bobPosts("first words")
        _ = try fixture.bobEdits(message, "second words")
        let page = try fixture.page(.newest)
        #expect(page.messages.map(\.text) == ["second words"])
        #expect(page.messages.first?.isEdited == true)
        try fixture.restart()
        #expect(try fixture.texts() == ["second words"])
        #expect(fixture.reopened == 0, "an edit that opens needs no second look")
        let request = SearchRequest(
            terms: SearchQuery("second").terms,
            places: [SearchRequest.Place(server: fixture.server, channel: fixture.channel)],
            limit: 5)
        #expect(try fixture.store.search(request).hits.map(\.message.id) == [message])
    }

    @Test func `a deleted message leaves a tombstone that is not unread`() throws {
        let fixture = try TextsFixture()
        let message = try fixture.bobPosts("regretted")
        _ = try fixture.bobPosts("kept")
        #expect(try fixture.inbox("agent").unread == 2)
        try fixture.write(MessageDeleted(message: message, reason: ""), by: fixture.bob)
        let page = try fixture.page(.newest)
        #expect(page.messages.map(\.text) == ["", "kept"])
        #expect(page.messages.map(\.isDeleted) == [true, false])
        #expect(try fixture.inbox("agent").unread == 1)
        _ = try? fixture.bobEdits(message, "back again")
        try fixture.restart()
        #expect(try fixture.texts() == ["", "kept"])
    }

    @Test func `what a removal makes void is forgotten, and an edit beyond it undone`() throws {
        let fixture = try TextsFixture()
        let first = try fixture.bobPosts("before")
        let cut = try #require(
            fixture.core.servers[fixture.server]?.replica.state.graph.head(
                of: fixture.bob.publicKey))
        _ = try fixture.bobEdits(first, "changed after the cut")
        _ = try fixture.bobPosts("after the cut")
        #expect(try fixture.texts() == ["changed after the cut", "after the cut"])
        try fixture.write(
            MemberRemoved(
                target: fixture.bob.publicKey, cut: Cut(seq: cut.seq, id: cut.id), reason: ""))
        #expect(try fixture.texts() == ["before"])
        #expect(try fixture.page(.newest).messages.first?.isEdited == false)
        #expect(fixture.reopened == 1)
        #expect(try fixture.store.settings(prefix: "reopen/").isEmpty)
        try fixture.restart()
        #expect(try fixture.texts() == ["before"])
    }

    @Test func `a message that gets its effect back together with its deletion leaves a tombstone`()
        throws
    {
        let fixture = try TextsFixture()
        _ = try fixture.bobPosts("before")
        let bob = fixture.bob.publicKey
        let graph = { fixture.core.servers[fixture.server]?.replica.state.graph }
        let cut = try #require(graph()?.head(of: bob))
        let message = try fixture.bobPosts("regretted")
        try fixture.write(MessageDeleted(message: message, reason: ""), by: fixture.bob)
        let last = try #require(graph()?.head(of: bob))
        let removal = try fixture.write(
            MemberRemoved(target: bob, cut: Cut(seq: cut.seq, id: cut.id), reason: ""))
        #expect(try fixture.texts() == ["before"])
        try fixture.write(
            RemovalExtended(lowering: removal.event.id, seq: last.seq, pin: last.id))
        #expect(try fixture.texts() == ["before", ""])
        #expect(try fixture.store.settings(prefix: "reopen/").isEmpty)
        try fixture.restart()
        #expect(try fixture.texts() == ["before", ""])
    }

    @Test func `a reaction reads nothing again`() throws {
        let fixture = try TextsFixture()
        let message = try fixture.bobPosts("nice")
        try fixture.bobReacts(message)
        #expect(fixture.core.servers[fixture.server]?.state.reactions(to: message).count == 1)
        #expect(fixture.reopened == 0)
        #expect(try fixture.texts() == ["nice"])
    }

    @Test func `a deleted channel takes its messages along`() throws {
        let fixture = try TextsFixture()
        _ = try fixture.bobPosts("one")
        _ = try fixture.post("two")
        try fixture.write(ChannelDeleted(channel: fixture.channel))
        #expect(try fixture.messages().isEmpty)
        #expect(try fixture.inbox("agent").unread == 0)
        try fixture.restart()
        #expect(try fixture.messages().isEmpty)
    }

    @Test func `marks, mentions and numbers survive a restart`() throws {
        let fixture = try TextsFixture()
        let me = fixture.core.me
        let own = try fixture.post("mine")
        _ = try fixture.bobPosts("for you", mentions: [me])
        let answer = try fixture.bobPosts("an answer", parent: own)
        var inbox = try fixture.inbox("agent")
        #expect(inbox.unread == 2)
        #expect(inbox.mentions == 2)
        #expect(inbox.entries.first?.messages.map(\.text) == ["for you", "an answer"])
        // A reply reads up to its parent.
        _ = try fixture.post("thanks", parent: answer)
        #expect(try fixture.inbox("agent").unread == 0)
        #expect(try fixture.inbox("other").unread == 4)
        try fixture.restart()
        inbox = try fixture.inbox("agent")
        #expect(inbox.unread == 0)
        let feed = inbox.feed
        let last = try fixture.bobPosts("later")
        let message = try #require(try fixture.store.message(last))
        #expect(message.feed == feed + 1)
        #expect(message.channelSeq == 5)
        #expect(try fixture.page(.newest).channel.channelSeq == 5)
    }

    @Test func `a message sent twice is answered with its number, also after a restart`() throws {
        let fixture = try TextsFixture()
        var post = PostMessage(
            principal: "agent", server: fixture.server, channel: fixture.channel, text: "once")
        post.clientMessageID = "c1"
        let first = try fixture.act(.postMessage(post))
        _ = try fixture.bobPosts("between")
        for _ in 0..<2 {
            let again = try fixture.act(.postMessage(post))
            #expect(again.isDuplicate)
            #expect(again.event == first.event)
            #expect(again.channelSeq == first.channelSeq)
            try fixture.restart()
        }
    }

    @Test func `emptied texts are filled as they were`() throws {
        let fixture = try TextsFixture()
        let first = try fixture.bobPosts("one")
        _ = try fixture.post("two", parent: first)
        _ = try fixture.bobEdits(first, "one, better")
        let gone = try fixture.bobPosts("three")
        try fixture.write(MessageDeleted(message: gone, reason: ""), by: fixture.bob)
        let before = try fixture.messages()
        #expect(before.count == 3)
        try fixture.restart()
        let slot = try #require(fixture.core.servers[fixture.server])
        try fixture.store.rebuildDerived { slot.textChanges(of: $0) }
        #expect(try fixture.messages() == before)
        #expect(try fixture.page(.around(gone), limit: 3).messages.last?.isDeleted == true)
    }

    @Test func `nothing that was read stays in memory or is opened again at a start`() throws {
        let fixture = try TextsFixture()
        for index in 0..<20 { _ = try fixture.bobPosts("message \(index)") }
        let written = fixture.batches.flatMap(\.texts).count
        let feed = fixture.core.visibleFeed
        #expect(written == 20)
        try fixture.restart()
        #expect(fixture.batches.flatMap(\.texts).count == written)
        #expect(fixture.core.visibleFeed == feed)
    }
}
