import PeerState
import PeerTesting
import Testing

/// Texts are written after the events they came in; nobody may see that.
@Suite struct DeferredTextTests {
    private static func open(_ data: DataDirectory) throws -> StoreCore {
        var entropy = Entropy.system
        return try StoreCore(data, owner: Made.owner, entropy: &entropy)
    }

    @Test func `a message can be read at once after its commit`() throws {
        let fixture = try ViewsFixture()
        for number in 1...20 {
            let id = try fixture.post("text \(number)")
            #expect(try fixture.core.message(id)?.text == "text \(number)")
        }
        #expect(try fixture.core.textCount(in: Made.server) == 20)
    }

    @Test func `an edit in the same batch as its message, and a deletion after it`() throws {
        let fixture = try ViewsFixture()
        let first = try fixture.post("first")
        let second = try fixture.post("second")
        try fixture.edit(first, "changed")
        try fixture.remove(second)
        #expect(try fixture.core.message(first)?.text == "changed")
        #expect(try fixture.core.message(second)?.flags.contains(.deleted) == true)
    }

    @Test func `after a crash the rows say what is to be written`() throws {
        let scratch = try Scratch()
        let data = try scratch.data()
        var ids: [Event.ID] = []
        var entries: [Event.ID: TextEntry] = [:]
        try {
            let fixture = try ViewsFixture(Self.open(data))
            ids.append(try fixture.post("seen", principal: "a"))
            _ = try fixture.core.message(ids[0])
            for number in 1...5 {
                ids.append(
                    try fixture.post("lost \(number)", flags: .local, principal: "agent \(number)"))
            }
            entries = fixture.plain
            // The core is let go without `close`, as a killed process does.
        }()
        let core = try Self.open(data)
        #expect(try core.hasUnwrittenTexts())
        #expect(try core.message(ids[1]) == nil)
        #expect(try core.channelTotals(in: Made.server).first?.lastSeq == 6)
        #expect(
            try core.unshownEvents(of: Made.server, kind: 60, after: nil).isEmpty,
            "what is to be filled in is not announced a second time")
        try core.refill { event in
            entries[event.id].map { entry in
                var entry = entry
                entry.feed = 0
                entry.channelSeq = 0
                entry.principal = nil
                return [.show(entry)]
            } ?? []
        }
        #expect(try !core.hasUnwrittenTexts())
        for (index, id) in ids.enumerated() {
            let message = try #require(try core.message(id))
            #expect(message.text == entries[id]?.text)
            #expect(message.channelSeq == UInt64(index + 1))
            #expect(message.feed == UInt64(index + 1))
            #expect(message.principal == entries[id]?.principal)
        }
        try core.close()
    }

    @Test func `what a start could not fill in outlives texts that come later`() throws {
        let scratch = try Scratch()
        let data = try scratch.data()
        var entries: [Event.ID: TextEntry] = [:]
        try {
            let fixture = try ViewsFixture(Self.open(data))
            _ = try fixture.post("early")
            entries = fixture.plain
            // Killed before its text was written.
        }()
        let early = try #require(entries.keys.first)
        // The next start finds no room to fill it in, and goes on when there is some.
        let later = try ViewsFixture(Self.open(data))
        _ = later.show(early, "takes the number that is in use")
        let fresh = try later.post("fresh", by: ViewsFixture.bob)
        #expect(try later.core.message(fresh)?.text == "fresh")
        #expect(try later.core.hasUnwrittenTexts(), "the other still waits")
        try later.core.refill { event in entries[event.id].map { [.show($0)] } ?? [] }
        #expect(try later.core.message(early)?.text == "early")
        #expect(try !later.core.hasUnwrittenTexts())
    }

    @Test func `a start on a full disk shows the last messages, and writes them when it can`()
        throws
    {
        let disk = FaultyDisk(seed: 1)
        var entropy = Entropy.system
        let fixture = try ViewsFixture(disk.store(&entropy))
        for number in 1...40 {
            try fixture.post("\(number) " + String(repeating: "word\(number) ", count: 400))
        }
        let entries = fixture.plain
        // Killed before their texts were written.
        disk.stop()
        disk.start()
        func refill(_ core: StoreCore) throws -> Bool {
            try core.refill { event in entries[event.id].map { [.show($0)] } ?? [] }
        }
        let full = try disk.store(&entropy)
        disk.limit(toBytes: disk.byteCount)
        #expect(try !refill(full))
        for (id, entry) in entries { #expect(try full.message(id)?.text == entry.text) }
        #expect(try full.textCount(in: Made.server) == 40)
        disk.limit(toBytes: nil)
        // The next batch finds room; what waits follows it.
        try full.commit([StoreBatch()])
        #expect(try full.textCount(in: Made.server) == 40)
        disk.stop()
        disk.start()
        let next = try disk.store(&entropy)
        #expect(try !next.hasUnwrittenTexts(), "they were written as soon as there was room")
        for (id, entry) in entries {
            let message = try #require(try next.message(id))
            #expect(message.text == entry.text && message.channelSeq == entry.channelSeq)
        }
        try next.close()
    }

    @Test func `a full disk hides no message for good`() throws {
        let scratch = try Scratch()
        let fixture = try ViewsFixture(Self.open(try scratch.data()))
        var ids = [try fixture.post("first")]
        _ = try fixture.core.message(ids[0])
        try fixture.core.limitPages(to: try fixture.core.pageCount() + 3)
        var refusals = 0
        for number in 0..<3_000 where refusals < 3 {
            do {
                let text = String(repeating: "word\(number) ", count: 100)
                ids.append(try fixture.post(text))
            } catch let failure as StoreFailure {
                #expect(failure.code == .diskFull)
                refusals += 1
            }
            // Reading goes on, whether or not what came last can be written.
            _ = try fixture.core.message(ids[ids.count - 1])
            #expect(try fixture.core.message(ids[0])?.text == "first")
        }
        #expect(refusals == 3)
        try fixture.core.limitPages(to: 100_000)
        for id in ids { #expect(try fixture.core.message(id) != nil) }
    }

    @Test func `more than the bound is written with the next commit`() throws {
        let fixture = try ViewsFixture()
        for number in 0..<1_100 { try fixture.post("text \(number)") }
        #expect(try fixture.core.textCount(in: Made.server) == 1_100)
        let hits = try fixture.core.search(
            SearchRequest(
                SearchQuery("text"),
                places: [.init(server: Made.server, channel: Made.channel)], limit: 10))
        #expect(!hits.hits.isEmpty)
    }
}
