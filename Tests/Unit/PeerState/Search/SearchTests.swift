import PeerState
import Testing

/// S-165 and S-166.
@Suite struct SearchTests {
    private func filled() throws -> ViewsFixture {
        let fixture = try ViewsFixture()
        try fixture.post("The deploy failed at noon", wall: 100)
        try fixture.post("deploy again", by: ViewsFixture.bob, wall: 200)
        try fixture.post("Crème brûlée for everyone 🎉", wall: 300)
        try fixture.post("https://example.org/deploy", by: ViewsFixture.bob, wall: 400)
        try fixture.post("failed the deploy", in: ViewsFixture.other, flags: .mention, wall: 500)
        return fixture
    }

    @Test func `S-165 words, order, folding, prefixes and signs`() throws {
        let fixture = try filled()
        #expect(try fixture.search("deploy").count == 4)
        #expect(try fixture.search("DEPLOY").first == "failed the deploy")
        #expect(try fixture.search("deploy failed").count == 2)
        #expect(try fixture.search("\"deploy failed\"") == ["The deploy failed at noon"])
        #expect(try fixture.search("creme BRULEE").count == 1)
        #expect(try fixture.search("crème").count == 1)
        #expect(try fixture.search("depl").isEmpty)
        #expect(try fixture.search("depl*").count == 4)
        #expect(try fixture.search("🎉").count == 1)
        #expect(try fixture.search("-🎉").count == 4)
        #expect(try fixture.search("deploy -failed").count == 2)
        #expect(try fixture.search("-deploy") == ["Crème brûlée for everyone 🎉"])
        #expect(try fixture.search("c1").isEmpty)
    }

    @Test func `S-165 authors, features, times and channels`() throws {
        let fixture = try filled()
        #expect(try fixture.search("deploy") { $0.authors = [ViewsFixture.bob] }.count == 2)
        #expect(try fixture.search("") { $0.authors = [ViewsFixture.bob] }.count == 2)
        #expect(try fixture.search("") { $0.authors = [Made.id("stranger")] }.isEmpty)
        #expect(try fixture.search("") { $0.excludedAuthors = [ViewsFixture.bob] }.count == 3)
        #expect(try fixture.search("has:link") == ["https://example.org/deploy"])
        #expect(try fixture.search("-has:link").count == 4)
        #expect(try fixture.search("has:mention") == ["failed the deploy"])
        #expect(try fixture.search("has:file").isEmpty)
        #expect(try fixture.search("") { $0.since = 300 }.count == 3)
        #expect(try fixture.search("") { $0.before = 300 }.count == 2)
        #expect(
            try fixture.search("deploy") { $0.places = [ViewsFixture.places[1]] }
                == ["failed the deploy"])
        #expect(try fixture.search("deploy") { $0.places = [] }.isEmpty)
        let others = (0..<20).map {
            SearchRequest.Place(server: Made.server, channel: Made.id("channel \($0)"))
        }
        #expect(try fixture.search("deploy") { $0.places = others }.isEmpty)
    }

    @Test func `many channels are filtered as few are`() throws {
        let fixture = try ViewsFixture()
        let places = (0..<40).map {
            SearchRequest.Place(server: Made.server, channel: Made.id("channel \($0)"))
        }
        for place in places { try fixture.post("word", in: place.channel) }
        for count in [1, 8, 9, 39] {
            let found = try fixture.search("word") { $0.places = Array(places.prefix(count)) }
            #expect(found.count == count)
        }
    }

    @Test func `S-165 with names conversations somebody took part in`() throws {
        let fixture = try ViewsFixture()
        let root = try fixture.post("plan one")
        try fixture.post("plan answer", by: ViewsFixture.bob, parent: root)
        try fixture.post("plan two")
        try fixture.post("plan three", by: ViewsFixture.bob)
        #expect(
            try fixture.search("plan") { $0.partners = [ViewsFixture.bob] }
                == ["plan three", "plan answer", "plan one"])
        #expect(
            try fixture.search("plan") { $0.partners = [ViewsFixture.bob, ViewsFixture.ann] }
                == ["plan answer", "plan one"])
        #expect(try fixture.search("plan") { $0.partners = [Made.id("stranger")] }.isEmpty)
    }

    @Test func `pages by cursor neither miss nor repeat, whatever comes between`() throws {
        let fixture = try ViewsFixture()
        for number in 0..<25 { try fixture.post("word \(number)") }
        var request = SearchRequest(SearchQuery("word"), places: ViewsFixture.places, limit: 10)
        var found: [String] = []
        repeat {
            let page = try fixture.core.search(request)
            #expect((request.cursor == nil) == (page.total == 25))
            found += page.hits.map(\.message.text)
            request.cursor = page.cursor
            try fixture.post("word new")
        } while request.cursor != nil
        #expect(found == (0..<25).reversed().map { "word \($0)" })
    }

    @Test func `a snippet says where the words stand, in bytes`() throws {
        let fixture = try ViewsFixture()
        let filler = String(repeating: "ä ", count: 200)
        try fixture.post(filler + "the Größe of it, größe again" + filler)
        let request = SearchRequest(
            SearchQuery("grosse größe"), places: ViewsFixture.places, limit: 1)
        #expect(try fixture.core.search(request).hits.isEmpty)
        let hit = try #require(
            try fixture.core.search(
                SearchRequest(SearchQuery("größe"), places: ViewsFixture.places, limit: 1)
            ).hits.first)
        let bytes = Array(hit.snippet.text.utf8)
        let marked = hit.snippet.ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
        #expect(marked == ["Größe", "größe"])
        #expect(bytes.count < 200)
        #expect(hit.snippet.text.hasPrefix("…"))
        let whole = try #require(
            try fixture.core.search(
                SearchRequest(terms: [], places: ViewsFixture.places, limit: 1)
            ).hits.first)
        #expect(whole.snippet.text.utf8.count <= Limits.snippetBytes + 3)
        #expect(whole.snippet.ranges.isEmpty)
    }

    @Test func `whatever is typed is a valid query`() throws {
        let fixture = try filled()
        let pieces = [
            "\"", "'", "*", "-", "(", ")", ":", "^", "+", "AND", "OR", "NOT", "NEAR(", "{text}",
            "text",
            "facets:", "c1", "from:", "\0", "\u{1}", "\\", ";", "--", "🎉", "ä", "\u{301}", "deploy",
            " ", " ", "\t", "%", "_", "?1", "has:", "\u{200b}", "漢字", "\u{e000}", "0", "''", "\"\"",
        ]
        let seed: UInt64 = 20
        var random = SeededRandom(seed: seed)
        for round in 0..<3_000 {
            let count = Int.random(in: 0...9, using: &random)
            let text = (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            #expect(throws: Never.self, "seed \(seed), round \(round): \(text.debugDescription)") {
                _ = try fixture.search(text)
            }
        }
    }

    /// The words of a text as the index sees them, for the plain letters used here.
    private func words(_ text: String) -> Set<Substring> { Set(text.split(separator: " ")) }

    @Test(arguments: [UInt64(11), 12, 13])
    func `S-166 the index equals a full scan after edits, deletes, drops and late keys`(
        seed: UInt64
    )
        throws
    {
        var random = SeededRandom(seed: seed)
        let fixture = try ViewsFixture()
        let vocabulary = ["ant", "bee", "cat", "dog", "eel", "fox"]
        func text(_ random: inout SeededRandom) -> String {
            (0..<3).compactMap { _ in vocabulary.randomElement(using: &random) }
                .joined(separator: " ")
        }
        var ids: [Event.ID] = []
        var sealed: [Event.ID] = []
        for _ in 0..<300 {
            let picked = ids.randomElement(using: &random)
            switch (Int.random(in: 0..<12, using: &random), picked) {
            case (0, let id?): try fixture.edit(id, text(&random))
            case (1, let id?): try fixture.remove(id)
            case (2, let id?): try fixture.drop(id)
            case (3, _):
                sealed.append(try fixture.post("", isShown: false))
            case (4, _) where !sealed.isEmpty:
                let id = sealed.removeFirst()
                try fixture.core.commit([fixture.show(id, text(&random))])
            case (5, _) where Int.random(in: 0..<8, using: &random) == 0:
                try fixture.dropChannel(ViewsFixture.other)
            default:
                let channel = Bool.random(using: &random) ? Made.channel : ViewsFixture.other
                ids.append(try fixture.post(text(&random), in: channel))
            }
        }
        for word in vocabulary {
            let expected = fixture.plain.values.map(\.text)
                .filter { words($0).contains(Substring(word)) }
            let found = try fixture.search(word) { $0.limit = 1_000 }
            #expect(found.sorted() == expected.sorted(), "seed \(seed)")
            let without = try fixture.search("-\(word)") { $0.limit = 1_000 }
            #expect(found.count + without.count == fixture.plain.count)
        }
        #expect(try fixture.core.integrity().filter { $0.repair == .rebuild }.isEmpty)
    }
}
