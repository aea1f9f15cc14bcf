import PeerState
import Testing

@Suite struct TextPageTests {
    /// Messages of several authors, many of them at the same lamport, stored in random order.
    private func shuffled(_ seed: UInt64) throws -> (ViewsFixture, [StoredMessage]) {
        let fixture = try ViewsFixture()
        var random = SeededRandom(seed: seed)
        let authors: [Peer.ID] = (0..<5).map { Made.id("author \($0)") }
        var lamports = (0..<300).map { UInt64($0 / 5 + 1) }
        lamports.shuffle(using: &random)
        for lamport in lamports {
            let author = authors[Int(lamport * 7 % 5)]
            try fixture.post("at \(lamport)", by: author, lamport: lamport)
        }
        let all = try fixture.page(.oldest, limit: 1_000)
        return (fixture, all.messages)
    }

    @Test func `display order is canonical order, whatever order they came in`() throws {
        let (_, all) = try shuffled(3)
        #expect(all.count == 300)
        #expect(all.map(\.position) == all.map(\.position).sorted())
        #expect(Set(all.map(\.id)).count == 300)
    }

    @Test(arguments: [1, 7, 50, 299, 300, 400])
    func `pages from either end and from any cursor join without gap or overlap`(limit: Int) throws
    {
        let (fixture, all) = try shuffled(4)
        var forward: [StoredMessage] = []
        var anchor = TextAnchor.oldest
        while true {
            let page = try fixture.page(anchor, limit: limit)
            #expect(page.hasMoreBefore == !forward.isEmpty)
            forward += page.messages
            #expect(page.remaining == all.count - forward.count)
            #expect(page.hasMoreAfter == (forward.count < all.count))
            guard let last = page.messages.last, page.hasMoreAfter else { break }
            anchor = .after(last.position)
        }
        #expect(forward == all)
        var backward: [StoredMessage] = []
        anchor = .newest
        while true {
            let page = try fixture.page(anchor, limit: limit)
            backward = page.messages + backward
            #expect(page.remaining == all.count - backward.count)
            guard let first = page.messages.first, page.hasMoreBefore else { break }
            anchor = .before(first.position)
        }
        #expect(backward == all)
    }

    @Test func `what lies before the newest page is right while texts come and go`() throws {
        let fixture = try ViewsFixture()
        var shown: [Event.ID] = []
        func check(_ limits: [Int] = [1, 100, 150]) throws {
            for limit in limits {
                let page = try fixture.page(.newest, limit: limit)
                let before = shown.count - page.messages.count
                #expect(page.messages.count == min(limit, shown.count))
                #expect(page.remaining == min(before, Limits.remainingMax))
                #expect(page.hasMoreBefore == (before > 0) && !page.hasMoreAfter)
            }
        }
        try check()
        for number in 0..<480 {
            shown.append(try fixture.post("\(number)"))
            try fixture.post("elsewhere", in: ViewsFixture.other)
            if number % 16 == 0 || (295...305).contains(number) || (395...405).contains(number) {
                try check()
            }
        }
        // Shown in a transaction that is taken back.
        var refused = fixture.show(try fixture.post("", isShown: false), "y")
        refused.texts += fixture.show(Made.id("not stored"), "x").texts
        refused.texts.append(.drop(Made.id("nothing")))
        #expect(throws: StoreFailure.self) { try fixture.core.commit([refused]) }
        try check()
        while shown.count > 250 {
            try fixture.drop(shown.remove(at: shown.count * 2 / 3))
            if shown.count % 16 == 0 { try check() }
        }
        try fixture.edit(shown[7], "another")
        try fixture.remove(shown[9])
        try check()
        try fixture.dropChannel(Made.channel)
        shown = []
        try check()
        shown.append(try fixture.post("again"))
        try check()
    }

    @Test func `a page round a message has it in the middle, and at the ends what there is`()
        throws
    {
        let (fixture, all) = try shuffled(5)
        for index in [0, 1, 150, 298, 299] {
            let page = try fixture.page(.around(all[index].id), limit: 11)
            let first = max(0, index - 5)
            #expect(page.messages == Array(all[first..<min(all.count, first + 11)]))
            #expect(page.hasMoreBefore == (first > 0))
        }
        #expect(throws: StoreFailure.self) {
            try fixture.page(.around(Made.id("nothing")), limit: 10)
        }
    }

    @Test func `arrivals come in the order they were announced`() throws {
        let (fixture, all) = try shuffled(6)
        let page = try fixture.page(.arrived(after: 40), limit: 10)
        #expect(page.messages.map(\.feed) == Array(41...50))
        #expect(page.remaining == 250)
        let arrived = try fixture.core.arrivals(after: 290, limit: 100)
        #expect(arrived.map(\.feed) == Array(291...300))
        #expect(
            try fixture.core.arrivals(after: 0, channels: [ViewsFixture.other], limit: 5).isEmpty)
        #expect(Set(all.filter { $0.flags.contains(.late) }).count > 100)
    }

    @Test func `a cursor without an id excludes its place from either side`() throws {
        let (fixture, all) = try shuffled(7)
        let middle = all[100].position
        let low = OrderKey.first(lamport: middle.lamport, author: middle.author, seq: middle.seq)
        let high = OrderKey.last(lamport: middle.lamport, author: middle.author, seq: middle.seq)
        #expect(try fixture.page(.after(high), limit: 1).messages == [all[101]])
        #expect(try fixture.page(.after(low), limit: 1).messages == [all[100]])
        #expect(try fixture.page(.before(low), limit: 1).messages == [all[99]])
    }

    @Test func `branches of a fork with the same place stand in order of id`() throws {
        let fixture = try ViewsFixture()
        let events = (0..<4).map { Made.event(1, lamport: 9, branch: "\($0)") }
        try fixture.core.commit([Made.batch(events)])
        for event in events { try fixture.core.commit([fixture.show(event.id, "fork")]) }
        let page = try fixture.page(.oldest)
        #expect(page.messages.map(\.id) == events.map(\.id).sorted())
        let second = page.messages[1].position
        #expect(try fixture.page(.after(second)).messages.count == 2)
        #expect(try fixture.page(.before(second)).messages.count == 1)
    }

    @Test func `a conversation is found from any message in it, also when its root came last`()
        throws
    {
        let fixture = try ViewsFixture()
        let root = try fixture.post("root", isShown: false)
        let middle = try fixture.post("middle", parent: root, isShown: false)
        let leaf = try fixture.post("leaf", by: ViewsFixture.bob, parent: middle)
        let lone = try fixture.post("lone")
        try fixture.core.commit([fixture.show(middle, "middle", root)])
        #expect(try fixture.page(.oldest, thread: leaf).messages.map(\.text) == ["middle", "leaf"])
        try fixture.core.commit([fixture.show(root, "root")])
        try fixture.post("second leaf", parent: root)
        for id in [root, middle, leaf] {
            let page = try fixture.page(.oldest, thread: id)
            #expect(page.messages.map(\.text) == ["root", "middle", "leaf", "second leaf"])
            #expect(page.messages.allSatisfy { $0.root == root })
        }
        #expect(try fixture.page(.oldest, limit: 2, thread: root).remaining == 2)
        #expect(try fixture.page(.newest, thread: lone).messages.map(\.text) == ["lone"])
        #expect(try fixture.page(.newest, in: ViewsFixture.other, thread: lone).messages.isEmpty)
    }

    @Test func `a message keeps everything that was said of it`() throws {
        let fixture = try ViewsFixture()
        let parent = try fixture.post("first")
        let id = try fixture.post(
            "see https://example.org", by: ViewsFixture.bob, parent: parent,
            flags: [.local, .mention], mentions: [ViewsFixture.ann, Made.owner], wall: 77,
            principal: "bot")
        let message = try #require(try fixture.core.message(id))
        #expect(message.server == Made.server)
        #expect(message.channel == Made.channel)
        #expect(message.author == ViewsFixture.bob)
        #expect(message.parent == parent)
        #expect(message.flags == [.local, .mention, .link])
        #expect(message.wallMilliseconds == 77)
        #expect(message.storedMilliseconds == 5_000)
        #expect(message.feed == 2)
        #expect(message.channelSeq == 2)
        #expect(message.principal == "bot")
        #expect(
            try fixture.core.mentions(of: id).sorted() == [ViewsFixture.ann, Made.owner].sorted())
        #expect(
            try fixture.core.messageIDs(startingWith: String(id.hex.prefix(16)), limit: 3) == [id])
        #expect(try fixture.core.messageIDs(startingWith: "", limit: 3).count == 2)
        #expect(try fixture.core.messageIDs(startingWith: "x", limit: 3).isEmpty)
    }

    @Test func `edits replace the text, deletes leave a tombstone that no edit undoes`() throws {
        let fixture = try ViewsFixture()
        let id = try fixture.post("before", flags: .mention, mentions: [Made.owner])
        try fixture.edit(id, "after http://x")
        var message = try #require(try fixture.core.message(id))
        #expect(message.text == "after http://x")
        #expect(message.flags == [.edited, .link])
        #expect(message.feed == 1)
        #expect(try fixture.core.mentions(of: id).isEmpty)
        try fixture.remove(id)
        let tombstone = try #require(try fixture.core.message(id))
        #expect(tombstone.text.isEmpty)
        #expect(tombstone.flags == .deleted)
        #expect(tombstone.sourceAuthor == ViewsFixture.bob)
        try fixture.edit(id, "again")
        message = try #require(try fixture.core.message(id))
        #expect(message == tombstone)
        // A fork took the deletion back.
        try fixture.core.commit([fixture.show(id, "again")])
        message = try #require(try fixture.core.message(id))
        #expect(message.text == "again" && !message.flags.contains(.deleted))
        try fixture.drop(id)
        #expect(try fixture.core.message(id) == nil)
    }

    @Test func `a text of an event that is not stored is a conflict, and nothing is kept`() throws {
        let fixture = try ViewsFixture()
        #expect(throws: StoreFailure.self) {
            try fixture.core.commit([fixture.show(Made.id("no event"), "text")])
        }
        #expect(try fixture.core.lastFeedPosition() == 0)
    }

    @Test func `channel totals grow only, and name the last message in display order`() throws {
        let fixture = try ViewsFixture()
        let first = try fixture.post("one", lamport: 10)
        try fixture.post("mine", by: Made.owner, flags: .local, lamport: 5)
        var totals = try fixture.core.channelTotals(in: Made.server)
        #expect(totals.map(\.lastSeq) == [2])
        #expect(totals.map(\.lastForeignSeq) == [1])
        #expect(totals.first?.newest?.id == first)
        try fixture.dropChannel(Made.channel)
        totals = try fixture.core.channelTotals(in: Made.server)
        #expect(totals.map(\.lastSeq) == [2])
        #expect(totals.first?.newest == nil)
    }

    @Test func `an erased server leaves nothing to read`() throws {
        let fixture = try ViewsFixture()
        try fixture.post("secret words", mentions: [Made.owner])
        var batch = StoreBatch()
        batch.erasedServers = [Made.server]
        try fixture.core.commit([batch])
        #expect(try fixture.core.channelTotals(in: Made.server).isEmpty)
        #expect(try fixture.search("secret").isEmpty)
        #expect(try fixture.core.integrity().isEmpty)
    }

    @Test func `what waits for its key is listed until it is shown`() throws {
        let fixture = try ViewsFixture()
        let sealed = try fixture.post("one", isShown: false)
        try fixture.post("two")
        let third = try fixture.post("three", isShown: false)
        func waiting(_ after: OrderKey? = nil) throws -> [StoredEvent] {
            try fixture.core.unshownEvents(of: Made.server, kind: 60, after: after)
        }
        let all = try waiting()
        #expect(all.map(\.id) == [sealed, third])
        #expect(try waiting(all[0].orderKey).map(\.id) == [third])
        try fixture.core.commit([fixture.show(sealed, "one")])
        #expect(try waiting().map(\.id) == [third])
        #expect(try fixture.core.unshownEvents(of: Made.server, kind: 61, after: nil).isEmpty)
    }

    @Test func `the last arrival that counts is found, back to a time`() throws {
        let fixture = try ViewsFixture()
        let first = try fixture.post("by ann")
        try fixture.post("by bob", by: ViewsFixture.bob)
        let found = try fixture.core.lastArrival(since: 5_000) { $0.author == ViewsFixture.ann }
        #expect(found?.message.id == first)
        #expect(found?.atMilliseconds == 5_000)
        #expect(try fixture.core.lastArrival(since: 5_001) { _ in true } == nil)
        try fixture.remove(first)
        #expect(
            try fixture.core.lastArrival(since: 0) { $0.author == ViewsFixture.ann } == nil)
    }
}
