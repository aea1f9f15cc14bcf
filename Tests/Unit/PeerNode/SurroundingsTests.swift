import PeerNode
import PeerState
import Testing

/// What stands around messages: reactions, edits, pins, replies; and how far somebody has read.
@Suite struct SurroundingsTests {
    private func act(_ fixture: TextsFixture, _ act: ContentAct, on message: Event.ID) throws {
        _ = try fixture.act(
            .content(act, on: message, in: fixture.server, principal: "agent"))
    }

    private func around(_ fixture: TextsFixture, _ message: Event.ID) throws -> MessageSurroundings
    {
        try #require(try fixture.page(.newest).messages.first { $0.id == message }).around
    }

    @Test func `reactions, pins and edits survive a restart`() throws {
        let fixture = try TextsFixture()
        let message = try fixture.bobPosts("tea?")
        _ = try fixture.bobEdits(message, "tea!")
        try act(fixture, .react(emoji: "🍵"), on: message)
        try act(fixture, .react(emoji: "👍"), on: message)
        try act(fixture, .pin, on: message)
        for _ in 0..<2 {
            let around = try around(fixture, message)
            #expect(around.reactions.map(\.emoji) == ["🍵", "👍"])
            #expect(around.reactions.map(\.authors) == [["alice"], ["alice"]])
            #expect(around.reactions.map(\.isMine) == [true, true])
            #expect(around.isPinned && around.edits == 1)
            #expect(around.editedAtMilliseconds != nil)
            try fixture.restart()
        }
        try act(fixture, .unreact(emoji: "🍵"), on: message)
        #expect(try around(fixture, message).reactions.map(\.emoji) == ["👍"])
    }

    @Test func `a reply shows what it answers, and a root how many answer`() throws {
        let fixture = try TextsFixture()
        let root = try fixture.bobPosts("who sails?")
        let reply = try fixture.post("I do", parent: root)
        let second = try fixture.bobPosts("good", parent: reply)
        #expect(try around(fixture, root).replies == 2)
        #expect(try around(fixture, root).root == root)
        #expect(try around(fixture, reply).answers?.text == "who sails?")
        #expect(try around(fixture, second).answers?.text == "I do")
        #expect(try around(fixture, second).root == root)
        try fixture.write(MessageDeleted(message: root, reason: ""), by: fixture.bob)
        let answers = try #require(try around(fixture, reply).answers)
        #expect(answers.isDeleted && answers.text.isEmpty)
        #expect(try around(fixture, root).deletedBy == fixture.bob.publicKey.short)
    }

    @Test func `S-027 the fifty-first pin waits until another one goes`() throws {
        let fixture = try TextsFixture()
        let messages = try (0...50).map { try fixture.post("pin \($0)") }
        for message in messages.dropLast() { try act(fixture, .pin, on: message) }
        let full = #expect(throws: NodeFailure.self) {
            try act(fixture, .pin, on: messages[50])
        }
        #expect(full?.code == .limit)
        try act(fixture, .unpin, on: messages[7])
        try act(fixture, .pin, on: messages[50])
        let pins = try #require(fixture.core.servers[fixture.server]?.state)
        #expect(messages.count { pins.isPinned($0) } == 50)
    }

    @Test func `S-027 thirty-two emoji are shown, further ones wait for a slot`() throws {
        let fixture = try TextsFixture()
        let message = try fixture.bobPosts("choose")
        for number in 0..<20 { try act(fixture, .react(emoji: "e\(number)"), on: message) }
        #expect(try around(fixture, message).reactions.count == 20)
        let own = #expect(throws: NodeFailure.self) {
            try act(fixture, .react(emoji: "more"), on: message)
        }
        #expect(own?.code == .limit)

        var theirs: [Event.ID] = []
        for number in 20..<32 { theirs.append(try fixture.bobReacts(message, "e\(number)")) }
        #expect(try around(fixture, message).reactions.count == 32)
        // One's own slots are not full any more, but those of the message are.
        try act(fixture, .unreact(emoji: "e0"), on: message)
        try act(fixture, .react(emoji: "e31"), on: message)
        #expect(try around(fixture, message).reactions.last?.count == 2)
        try act(fixture, .unreact(emoji: "e31"), on: message)
        try act(fixture, .react(emoji: "e0"), on: message)
        try act(fixture, .unreact(emoji: "e1"), on: message)
        try fixture.bobReacts(message, "e1")
        let full = #expect(throws: NodeFailure.self) {
            try act(fixture, .react(emoji: "the 33rd"), on: message)
        }
        #expect(full?.code == .limit)
        // Forced, it waits unseen until one of the others goes.
        try fixture.bobReacts(message, "forced")
        var shown = try around(fixture, message).reactions.map(\.emoji)
        #expect(shown.count == 32 && !shown.contains("forced"))
        try act(fixture, .unreact(emoji: "e2"), on: message)
        shown = try around(fixture, message).reactions.map(\.emoji)
        #expect(shown.count == 32 && shown.contains("forced") && !shown.contains("e2"))
        #expect(theirs.count == 12)
    }

    // Read marks

    private func mark(_ fixture: TextsFixture, through message: Event.ID) throws -> Outcome.Kind {
        let shown = try #require(try fixture.page(.newest).messages.first { $0.id == message })
        return try fixture.act(.markRead(ReadMark("other", through: shown))).kind
    }

    @Test func `S-162 a mark goes forward in display order and survives a restart`() throws {
        let fixture = try TextsFixture()
        let ids = try (0..<4).map { try fixture.bobPosts("m\($0)") }
        #expect(try mark(fixture, through: ids[1]) == .applied)
        #expect(try fixture.inbox("other").unread == 2)
        #expect(try mark(fixture, through: ids[0]) == .unchanged)
        try fixture.restart()
        #expect(try fixture.inbox("other").unread == 2)
        #expect(try mark(fixture, through: ids[3]) == .applied)
        #expect(try fixture.inbox("other").unread == 0)
    }

    @Test func `what arrives late before the mark is unread, until it is read too`() throws {
        let fixture = try TextsFixture()
        let early = try fixture.bobWrites("written early")
        let last = try (0..<3).map { try fixture.post("p\($0)") }[2]
        #expect(try mark(fixture, through: last) == .applied)
        #expect(try fixture.inbox("other").unread == 0)
        fixture.hand([early])
        let inbox = try fixture.inbox("other")
        #expect(inbox.entries.first?.messages.map(\.text) == ["written early"])
        #expect(try mark(fixture, through: early.event.id) == .applied)
        #expect(try fixture.inbox("other").unread == 0)
    }

    @Test func `a mark by cursor covers what was announced by then, and no more`() throws {
        let fixture = try TextsFixture()
        _ = try fixture.bobPosts("one")
        let feed = fixture.core.visibleFeed
        let late = try fixture.bobWrites("late")
        _ = try fixture.post("two")
        let mark = ReadMark(
            "other", server: fixture.server, channel: fixture.channel, announcedBy: feed)
        #expect(
            try fixture.store.lastRead(
                in: fixture.channel, of: fixture.server, announcedBy: feed) != nil)
        #expect(try fixture.act(.markRead(mark)).kind == .applied)
        #expect(try fixture.act(.markRead(mark)).kind == .unchanged)
        #expect(try fixture.inbox("other").unread == 1)
        fixture.hand([late])
        #expect(try fixture.inbox("other").unread == 2)
    }

    @Test func `a page before a cursor ends with what was announced by then`() throws {
        let fixture = try TextsFixture()
        let late = try fixture.bobWrites("late")
        _ = try fixture.post("one")
        _ = try fixture.post("two")
        let feed = fixture.core.visibleFeed
        _ = try fixture.post("three")
        // Its place is among the first, but it was announced last.
        fixture.hand([late])
        func texts(_ anchor: PageRequest.Anchor, _ limit: Int = 10) throws -> [String] {
            try fixture.page(anchor, limit: limit).messages.map(\.text)
        }
        #expect(try texts(.newest).count == 4)
        #expect(try texts(.told(feed), 1) == ["two"])
        #expect(try texts(.told(feed)).last == "two")
        #expect(try texts(.told(feed)).contains("three") == false)
        #expect(try texts(.told(0)).isEmpty)
        #expect(try texts(.told(fixture.core.visibleFeed)) == texts(.newest))
    }

    @Test func `S-162 muted channels count by their mentions, until the mute ends`() throws {
        let fixture = try TextsFixture()
        _ = try fixture.bobPosts("noise")
        _ = try fixture.bobPosts("for you", mentions: [fixture.core.me])
        let channel = MuteSubject.channel(fixture.channel, in: fixture.server)
        fixture.mute(channel, Mute(untilMilliseconds: nil), of: "agent")
        #expect(try fixture.inbox("agent").unread == 1)
        #expect(try fixture.inbox("agent").entries.first?.isMuted == true)
        #expect(try fixture.inbox("other").unread == 2)
        try fixture.restart()
        #expect(try fixture.inbox("agent").unread == 1)
        fixture.mute(channel, Mute(untilMilliseconds: 1), of: "agent")
        #expect(try fixture.inbox("agent").unread == 2)
        fixture.mute(.server(fixture.server), Mute(untilMilliseconds: nil), of: "agent")
        #expect(try fixture.inbox("agent").mentions == 1)
        fixture.mute(.server(fixture.server), nil, of: "agent")
        fixture.mute(channel, nil, of: "agent")
        try fixture.restart()
        #expect(try fixture.inbox("agent").unread == 2)
    }
}
