import PeerNode
import PeerState
import PeerTesting
import Testing

/// Texts that are filled anew while a node works (S-166).
@Suite struct RefillTests {
    private static let words = ["ant", "bee", "cat", "dog", "eel", "fox"]

    /// What the index finds is what a scan of all messages finds.
    private func expectScan(_ fixture: TextsFixture, _ moment: String) throws {
        let texts = try fixture.texts()
        let place = SearchRequest.Place(server: fixture.server, channel: fixture.channel)
        for word in Self.words {
            let scanned = texts.filter { $0.split(separator: " ").contains { $0 == word } }
            let request = SearchRequest(SearchQuery(word), places: [place], limit: 1_000)
            let found = try fixture.store.search(request).hits.map(\.message.text)
            #expect(found.sorted() == scanned.sorted(), "\(moment), \(word)")
        }
        #expect(try fixture.store.integrity().filter { $0.repair == .rebuild } == [], "\(moment)")
    }

    @Test func `S-166 filling that the disk failed begins again, and ends with all texts`() throws {
        let fixture = try TextsFixture()
        for word in Self.words { _ = try fixture.post(word) }
        let shown = try fixture.messages()
        try NodeStorage.prepareRebuild(fixture.store)
        try fixture.restart()
        let end = try #require(fixture.core.servers[fixture.server]).nextLamport
        let place = try fixture.refill(after: nil, before: end, count: 4)
        #expect(place != nil)
        for (round, seconds) in [UInt64(10), 20, 40].enumerated() {
            fixture.failRefill()
            fixture.pass(.seconds(seconds - 1))
            #expect(fixture.fillsAsked == round, "too early")
            fixture.pass(.seconds(1))
            #expect(fixture.fillsAsked == round + 1)
            fixture.pass(.seconds(600))
            #expect(fixture.fillsAsked == round + 1, "once, until that is over")
        }
        _ = try fixture.refill(after: nil, before: end, count: 1_000)
        try fixture.endRefill()
        fixture.pass(.seconds(60))
        #expect(fixture.fillsAsked == 3 && !fixture.core.lacksTexts)
        #expect(try fixture.messages() == shown)
    }

    /// No row can take a text that comes before the one it replaces: it is read again in the end.
    @Test(arguments: [true, false])
    func `S-166 what changes a message that is not filled yet is not lost`(isOwn: Bool) throws {
        let fixture = try TextsFixture()
        func post(_ text: String) throws -> Event.ID {
            try isOwn ? fixture.post(text) : fixture.bobPosts(text)
        }
        func change(_ act: ContentAct, _ id: Event.ID) throws {
            _ = try fixture.act(.content(act, on: id, in: fixture.server, principal: "agent"))
        }
        let (first, second) = (try post("ant"), try post("bee"))
        for word in Self.words { _ = try fixture.post(word) }
        try NodeStorage.prepareRebuild(fixture.store)
        try fixture.restart()
        let end = try #require(fixture.core.servers[fixture.server]).nextLamport
        for _ in 0..<4 { _ = try fixture.post("meanwhile") }
        if isOwn {
            try change(.edit(text: "new"), first)
        } else {
            _ = try fixture.bobEdits(first, "new")
        }
        try change(.delete(reason: ""), second)
        var place: OrderKey?
        repeat {
            place = try fixture.refill(after: place, before: end, count: 2)
        } while place != nil
        try fixture.endRefill()
        #expect(try fixture.texts().prefix(3) == ["new", "", "ant"])
        let shown = try fixture.messages()
        try fixture.store.rebuildDerived { row in
            fixture.core.servers[fixture.server]?.textChanges(of: row) ?? []
        }
        #expect(try fixture.messages() == shown, "as a rebuild of a store at rest")
    }

    private func text(_ random: inout SeededRandom) -> String {
        (0..<3).compactMap { _ in Self.words.randomElement(using: &random) }
            .joined(separator: " ")
    }

    private func act(
        _ fixture: TextsFixture, _ ids: inout [Event.ID], _ random: inout SeededRandom
    ) throws {
        func content(_ act: ContentAct, _ id: Event.ID) throws {
            _ = try fixture.act(
                .content(act, on: id, in: fixture.server, principal: "agent"))
        }
        let index = ids.indices.randomElement(using: &random)
        switch (Int.random(in: 0..<6, using: &random), index) {
        case (0, let index?): try content(.edit(text: text(&random)), ids[index])
        case (1, let index?): try content(.delete(reason: ""), ids.remove(at: index))
        case (2, _): _ = try fixture.bobPosts(text(&random))
        default: ids.append(try fixture.post(text(&random)))
        }
    }

    @Test(arguments: [UInt64(1661), 1662, 1663])
    func `S-166 a rebuild goes on beside what is sent, and ends with the index of a full scan`(
        seed: UInt64
    ) throws {
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        let fixture = try TextsFixture()
        var ids: [Event.ID] = []
        for _ in 0..<120 { try act(fixture, &ids, &random) }
        try expectScan(fixture, "before")
        let numbers = try fixture.messages().map(\.channelSeq)

        try NodeStorage.prepareRebuild(fixture.store)
        try fixture.restart()
        #expect(fixture.core.lacksTexts)
        #expect(try fixture.texts() == [])
        let end = try #require(fixture.core.servers[fixture.server]).nextLamport
        var place: OrderKey?
        var steps = 0
        repeat {
            place = try fixture.refill(after: place, before: end, count: 8)
            steps += 1
            // Each is acknowledged, or the fixture throws.
            for _ in 0..<3 { try act(fixture, &ids, &random) }
            try expectScan(fixture, "in step \(steps)")
        } while place != nil
        try fixture.endRefill()
        #expect(steps > 8 && !fixture.core.lacksTexts)
        try expectScan(fixture, "after")
        // What was there kept its number, what came has the next ones, each its own.
        let after = try fixture.messages().map(\.channelSeq).filter { $0 > 0 }
        #expect(Set(after).isSuperset(of: numbers) && Set(after).count == after.count)

        let shown = try fixture.messages()
        try fixture.restart()
        #expect(try fixture.messages() == shown)
        try fixture.store.rebuildDerived { row in
            fixture.core.servers[fixture.server]?.textChanges(of: row) ?? []
        }
        #expect(try fixture.messages() == shown, "as a rebuild of a store at rest")
        try expectScan(fixture, "rebuilt at rest")
    }
}
