import PeerState
import Testing

/// S-165: times give what a look at every message gives, in whatever order they came.
@Suite struct SearchTimeTests {
    private struct Posted {
        let id: Event.ID
        let text: String
        let wall: UInt64
    }

    /// Many messages whose times rise, apart from some that came late.
    private func filled(
        _ count: Int, _ random: inout SeededRandom
    ) throws -> (ViewsFixture, [Posted]) {
        let fixture = try ViewsFixture()
        var posted: [Posted] = []
        for number in 0..<count {
            let isLate = Int.random(in: 0..<60, using: &random) == 0
            let wall = isLate ? UInt64.random(in: 0..<4_000, using: &random) : UInt64(number)
            let answered =
                Int.random(in: 0..<4, using: &random) == 0
                ? posted.randomElement(using: &random) : nil
            let text = (number.isMultiple(of: 7) ? "rare " : "") + "common \(number)"
            let author =
                Int.random(in: 0..<10, using: &random) == 0
                ? ViewsFixture.bob : ViewsFixture.ann
            let id = try fixture.post(text, by: author, parent: answered?.id, wall: wall)
            posted.append(Posted(id: id, text: text, wall: wall))
        }
        return (fixture, posted)
    }

    private func time(_ random: inout SeededRandom) -> UInt64? {
        Bool.random(using: &random) ? UInt64.random(in: 0..<2_600, using: &random) : nil
    }

    @Test(arguments: [UInt64(5), 6])
    func `S-165 every span of time equals a full scan`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let (fixture, posted) = try filled(2_500, &random)
        for _ in 0..<40 {
            let since = time(&random)
            let before = time(&random)
            let word = Bool.random(using: &random) ? "rare" : "common"
            let expected = posted.reversed().filter {
                $0.text.contains(word) && $0.wall >= since ?? 0 && $0.wall < before ?? .max
            }
            var request = SearchRequest(
                SearchQuery(word), places: ViewsFixture.places, limit: 300)
            request.since = since
            request.before = before
            var found: [String] = []
            repeat {
                let page = try fixture.core.search(request)
                if request.cursor == nil {
                    #expect(page.total == min(expected.count, Limits.searchTotalMax))
                }
                #expect(page.hits.allSatisfy { !$0.snippet.ranges.isEmpty })
                found += page.hits.map(\.message.text)
                request.cursor = page.cursor
            } while request.cursor != nil
            #expect(found == expected.map(\.text), "seed \(seed), \(since ?? 0)..<\(before ?? 0)")
        }
    }

    @Test func `what comes after the first search for a time is found by the next`() throws {
        let fixture = try ViewsFixture()
        for number in 0..<300 { try fixture.post("word \(number)", wall: 1_000) }
        #expect(try fixture.search("word") { $0.before = 500 }.isEmpty)
        let sealed = try fixture.post("", isShown: false)
        try fixture.post("word late", wall: 10)
        #expect(try fixture.search("word") { $0.before = 500 } == ["word late"])
        try fixture.core.commit([
            fixture.show(sealed, "word opened later", in: Made.channel, nil, [], [], 20)
        ])
        #expect(try fixture.search("word") { $0.before = 500 }.count == 2)
    }
}
