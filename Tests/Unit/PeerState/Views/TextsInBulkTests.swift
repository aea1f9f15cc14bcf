import PeerState
import Testing

/// Many texts at once: the search index agrees with what is shown, and replies do not wait for it.
@Suite struct TextsInBulkTests {
    private static func found(_ word: String, _ core: StoreCore) throws -> [Event.ID] {
        let hits = try core.search(
            SearchRequest(
                SearchQuery(word),
                places: [.init(server: Made.server, channel: Made.channel)], limit: 50))
        return hits.hits.map(\.message.id).sorted()
    }

    @Test func `the index holds new, edited and deleted messages of one settling`() throws {
        let fixture = try ViewsFixture()
        let kept = try fixture.post("harbour light")
        let changed = try fixture.post("harbour fog")
        let gone = try fixture.post("harbour storm")
        #expect(try Self.found("harbour", fixture.core) == [kept, changed, gone].sorted())
        try fixture.edit(changed, "mountain fog")
        try fixture.remove(gone)
        let late = try fixture.post("harbour again")
        #expect(try Self.found("harbour", fixture.core) == [kept, late].sorted())
        #expect(try Self.found("mountain", fixture.core) == [changed])
        #expect(try Self.found("storm", fixture.core).isEmpty)
        // Events made up here are no envelopes; that is found, too.
        #expect(try !fixture.core.integrity().contains { $0.detail.contains("search") })
    }

    @Test func `texts beyond the bound are written although nobody reads`() throws {
        let scratch = try Scratch()
        let data = try scratch.data()
        var entropy = Entropy.system
        var entries: [Event.ID: TextEntry] = [:]
        try {
            let fixture = try ViewsFixture(
                StoreCore(data, owner: Made.owner, entropy: &entropy))
            for number in 0..<1_100 { try fixture.post("text \(number)") }
            entries = fixture.plain
            // Let go without `close`, as a killed process does.
        }()
        let core = try StoreCore(data, owner: Made.owner, entropy: &entropy)
        var opened = 0
        try core.refill { event in
            opened += 1
            return entries[event.id].map { [.show($0)] } ?? []
        }
        #expect(opened == 1_100 - 1_024)
        #expect(try core.textCount(in: Made.server) == 1_100)
        try core.close()
    }

    @Test func `a commit is reported once, and a refused one not at all`() throws {
        let fixture = try ViewsFixture()
        var reports = 0
        try fixture.core.commit([StoreBatch()]) { reports += 1 }
        #expect(reports == 1)
        var batch = StoreBatch()
        let row = FeedRow(
            position: 9_000, server: Made.server, event: Made.id("x"), kind: "MessageReceived",
            atMilliseconds: 1, channelSeq: 1)
        batch.feed = [row, row]
        #expect(throws: StoreFailure.self) { try fixture.core.commit([batch]) { reports += 1 } }
        #expect(reports == 1)
    }
}
