import PeerState
import Testing

/// S-117 and S-119: messages whose key is not here stand in pages and nowhere else.
@Suite struct SealedTextTests {
    private func isSealed(_ message: StoredMessage) -> Bool { message.flags.contains(.sealed) }

    private func counts(_ fixture: ViewsFixture) throws -> [Int] {
        try fixture.core.unread(in: Made.server, by: "me").flatMap { [$0.unread, $0.mentions] }
    }

    /// Texts and sealed messages of several authors, stored in random order.
    private func mixed(_ seed: UInt64) throws -> (ViewsFixture, [OrderKey]) {
        let fixture = try ViewsFixture()
        var random = SeededRandom(seed: seed)
        let authors: [Peer.ID] = (0..<5).map { Made.id("author \($0)") }
        for number in (0..<200).shuffled(using: &random) {
            let (author, lamport) = (authors[number % 5], UInt64(number / 5 + 1))
            if number % 3 == 0 {
                try fixture.seal(by: author, lamport: lamport)
            } else {
                try fixture.post("at \(lamport)", by: author, lamport: lamport)
            }
        }
        let all = try fixture.page(.oldest, limit: 1_000, withSealed: true).messages
        #expect(all.count == 200 && all.count(where: isSealed) == 67)
        return (fixture, all.map(\.position))
    }

    @Test(arguments: [1, 7, 50, 199, 200, 300])
    func `pages with sealed messages join without gap or overlap`(limit: Int) throws {
        print("seed 61")
        let (fixture, all) = try mixed(61)
        #expect(all == all.sorted())
        var forward: [OrderKey] = []
        var anchor = TextAnchor.oldest
        while true {
            let page = try fixture.page(anchor, limit: limit, withSealed: true)
            #expect(page.hasMoreBefore == !forward.isEmpty)
            forward += page.messages.map(\.position)
            #expect(page.remaining == all.count - forward.count)
            guard let last = page.messages.last, page.hasMoreAfter else { break }
            anchor = .after(last.position)
        }
        #expect(forward == all)
        var backward: [OrderKey] = []
        anchor = .newest
        while true {
            let page = try fixture.page(anchor, limit: limit, withSealed: true)
            backward = page.messages.map(\.position) + backward
            #expect(page.remaining == all.count - backward.count)
            guard let first = page.messages.first, page.hasMoreBefore else { break }
            anchor = .before(first.position)
        }
        #expect(backward == all)
        let centre = try #require(all.dropFirst(99).first)
        let around = try fixture.page(.around(centre.id), limit: 5, withSealed: true)
        #expect(around.messages.map(\.position) == Array(all[97...101]))
    }

    @Test func `a sealed message shows who wrote it when, and counts nowhere`() throws {
        let fixture = try ViewsFixture()
        let text = try fixture.post("harbour", by: ViewsFixture.bob)
        let id = try fixture.seal(by: ViewsFixture.bob, wall: 7_000)
        let shown = try #require(try fixture.page(.newest, withSealed: true).messages.last)
        #expect(shown.id == id && shown.author == ViewsFixture.bob && isSealed(shown))
        #expect(shown.wallMilliseconds == 7_000 && shown.text.isEmpty && shown.feed == 0)
        #expect(shown.channel == Made.channel && shown.server == Made.server)
        #expect(try fixture.core.message(id) == nil)
        #expect(try fixture.core.message(id, withSealed: true) == shown)
        let prefix = String(id.hex.prefix(16))
        #expect(try fixture.core.messageIDs(startingWith: prefix, limit: 3) == [id])

        // Whoever does not ask for it does not meet it.
        for anchor in [TextAnchor.newest, .oldest, .around(text), .arrived(after: 0)] {
            #expect(try fixture.page(anchor).messages.map(\.id) == [text])
        }
        #expect(try fixture.page(.arrived(after: 0), withSealed: true).messages.count == 1)
        #expect(try counts(fixture) == [1, 0])
        #expect(
            try fixture.core.unreadMessages(
                of: Made.channel, in: Made.server, by: "me", limit: 9
            ).map(\.id) == [text])
        #expect(try fixture.search("harbour") == ["harbour"])
        #expect(try fixture.core.arrivals(after: 0, limit: 9).map(\.id) == [text])
        let totals = try #require(try fixture.core.channelTotals(in: Made.server).first)
        #expect(totals.lastSeq == 1 && totals.newest?.id == text)
        #expect(try fixture.core.textCount(in: Made.server) == 1)
        #expect(
            try fixture.core.lastRead(in: Made.channel, of: Made.server, announcedBy: 99)?.id
                == text)
        #expect(try fixture.core.integrity().allSatisfy { $0.repair == .restore })
    }

    @Test func `a message that opens takes its place once, as new`() throws {
        let fixture = try ViewsFixture()
        let id = try fixture.seal(by: ViewsFixture.bob)
        let after = try fixture.post("after")
        try fixture.mark(after)
        // Its text waits with others to be written: whoever reads has it at once.
        try fixture.core.commit([fixture.show(id, "harbour")])
        #expect(try counts(fixture) == [1, 0])
        let shown = try fixture.page(.newest, withSealed: true)
        #expect(shown.messages.map(\.text) == ["harbour", "after"] && shown.remaining == 0)
        #expect(shown.messages.first?.flags.contains(.late) == true)
        #expect(!shown.messages.contains(where: isSealed))
        #expect(try fixture.search("harbour") == ["harbour"])
        // A sealed one that can be read already stays as it is.
        let change = TextChange.showSealed(
            SealedEntry(
                message: id, channel: Made.channel, epoch: Made.id("epoch"), parent: nil,
                wallMilliseconds: 1))
        try fixture.commit(change)
        #expect(try fixture.page(.newest, withSealed: true).messages == shown.messages)
    }

    @Test func `deletions, drops and edits reach sealed messages`() throws {
        let fixture = try ViewsFixture()
        let ids = try (0..<4).map { _ in try fixture.seal() }
        let elsewhere = try fixture.seal(in: ViewsFixture.other)
        try fixture.remove(ids[0])
        try fixture.drop(ids[1])
        try fixture.edit(ids[2], "harbour", flags: .mention)
        try fixture.edit(ids[0], "never seen")
        let shown = try fixture.page(.oldest, withSealed: true).messages
        #expect(shown.map(\.id) == [ids[0], ids[2], ids[3]])
        #expect(shown.map(isSealed) == [true, false, true])
        #expect(shown[0].flags.contains(.deleted) && shown[0].sourceAuthor == ViewsFixture.bob)
        #expect(shown[1].text == "harbour" && shown[1].flags.contains(.edited))
        #expect(try counts(fixture).isEmpty, "an edit is not news")
        #expect(try fixture.search("harbour") == ["harbour"])
        #expect(try fixture.search("seen").isEmpty)

        try fixture.dropChannel(Made.channel)
        #expect(try fixture.page(.oldest, withSealed: true).messages.isEmpty)
        let other = try fixture.page(.oldest, in: ViewsFixture.other, withSealed: true)
        #expect(other.messages.map(\.id) == [elsewhere])
        var batch = StoreBatch()
        batch.droppedEvents = [elsewhere]
        try fixture.core.commit([batch])
        #expect(
            try fixture.page(.oldest, in: ViewsFixture.other, withSealed: true).messages.isEmpty)
    }

    @Test func `conversations hold their sealed messages, before and after they open`() throws {
        let fixture = try ViewsFixture()
        let sealedRoot = try fixture.seal()
        let reply = try fixture.post("reply", parent: sealedRoot)
        let sealedReply = try fixture.seal(parent: reply)
        let deep = try fixture.post("deep", parent: sealedReply)
        let plainRoot = try fixture.post("plain")
        let answer = try fixture.seal(parent: plainRoot)
        func thread(_ id: Event.ID) throws -> [Event.ID] {
            let page = try fixture.page(.oldest, thread: id, withSealed: true)
            #expect(Set(page.messages.map(\.root)).count == 1)
            return page.messages.map(\.id)
        }
        for _ in 0..<2 {
            for id in [sealedRoot, reply, sealedReply, deep] {
                #expect(try thread(id) == [sealedRoot, reply, sealedReply, deep])
            }
            for id in [plainRoot, answer] { #expect(try thread(id) == [plainRoot, answer]) }
            #expect(try fixture.core.replyCount(of: sealedRoot, withSealed: true) == 3)
            #expect(try fixture.core.replyCount(of: plainRoot, withSealed: true) == 1)
            for (id, parent) in [(sealedRoot, nil), (sealedReply, reply), (answer, plainRoot)] {
                try fixture.core.commit([fixture.show(id, "open", parent)])
            }
        }
        #expect(try fixture.page(.oldest, thread: deep).messages.map(\.id) == thread(reply))
        #expect(try fixture.core.replyCount(of: sealedRoot) == 3)
    }

    @Test func `a page of 10,000 sealed messages costs what one of 2,000 does`() throws {
        let costs = try [2_000, 10_000].map { count in
            let fixture = try ViewsFixture()
            for number in 0..<count {
                if number % 2 == 0 { try fixture.seal() } else { try fixture.post("note") }
            }
            func look() throws -> Int {
                try fixture.core.work {
                    let page = try fixture.page(.newest, withSealed: true)
                    let first = try #require(page.messages.first)
                    _ = try fixture.page(.before(first.position), withSealed: true)
                }
            }
            _ = try look()
            return try look()
        }
        #expect(costs[0] > 500)
        #expect(costs[0] == costs[1])
    }
}
