import PeerState
import Testing

/// Order and paging against a plain sort of the same events.
@Suite struct StoreOrderTests {
    /// Three authors with equal lamports; the third forks at seq 4.
    static func log(seed: UInt64) -> [StoredEvent] {
        var random = SeededRandom(seed: seed)
        var events: [StoredEvent] = []
        for name in ["a", "b", "c"] {
            let author: Peer.ID = Made.id(name)
            var lamport: UInt64 = 0
            for seq in UInt64(1)...90 {
                lamport += UInt64.random(in: 1...2, using: &random)
                let size = Int.random(in: 1...400, using: &random)
                events.append(Made.event(seq, by: author, lamport: lamport, size: size))
            }
        }
        for seq in UInt64(4)...8 {
            events.append(
                Made.event(seq, by: Made.id("c"), lamport: seq + 200, size: 5, branch: "second"))
        }
        return events
    }

    static let seeds: [UInt64] = [1, 2, 3]

    @Test(arguments: seeds)
    func `a whole server comes in canonical order, whole or in steps`(seed: UInt64) throws {
        let events = Self.log(seed: seed)
        let core = try Made.memory()
        var random = SeededRandom(seed: seed)
        try core.commit([Made.batch(events.shuffled(using: &random))])
        let sorted = events.sorted { $0.orderKey < $1.orderKey }
        #expect(try core.all() == sorted)

        var steps: [StoredEvent] = []
        while true {
            let next = try core.events(of: Made.server, after: steps.last?.orderKey, maxCount: 7)
            if next.isEmpty { break }
            #expect(next.count <= 7)
            steps += next
        }
        #expect(steps == sorted)
    }

    @Test(arguments: seeds)
    func `pages of ranges join to the whole, in canonical order`(seed: UInt64) throws {
        let events = Self.log(seed: seed)
        let core = try Made.memory()
        try core.commit([Made.batch(events)])
        let ranges = [
            EventRange(author: Made.id("a"), from: 5, through: 60),
            EventRange(author: Made.id("b"), from: 1, through: Limits.maxSeq),
            EventRange(author: Made.id("nobody"), from: 1, through: 9),
        ]
        let wanted = events.filter { event in
            ranges.contains {
                $0.author == event.author && $0.from <= event.seq && event.seq <= $0.through
            }
        }.sorted { $0.orderKey < $1.orderKey }
        let totals = try core.totals(of: Made.server, ranges: ranges)
        #expect(totals.count == UInt64(wanted.count))
        #expect(totals.bytes == UInt64(wanted.reduce(0) { $0 + $1.envelope.count }))

        var random = SeededRandom(seed: seed)
        var got: [StoredEvent] = []
        var rest = ranges
        while !rest.isEmpty {
            let bytes = Int.random(in: 400...3_000, using: &random)
            let page = try core.page(
                of: Made.server, ranges: rest, maxBytes: bytes, maxCount: 11)
            #expect(page.events.count <= 11)
            #expect(page.events.reduce(0) { $0 + $1.envelope.count } <= bytes)
            got += page.events
            rest = page.remaining
            let left = try core.totals(of: Made.server, ranges: rest)
            #expect(left.count == UInt64(wanted.count - got.count))
        }
        #expect(got == wanted)
    }

    @Test func `all branches of a fork are served, however small the page`() throws {
        let events = Self.log(seed: 4)
        let core = try Made.memory()
        try core.commit([Made.batch(events)])
        let forked: Peer.ID = Made.id("c")
        let wanted = events.filter { $0.author == forked }
        var rest = [EventRange(author: forked, from: 1, through: 90)]
        var got: [StoredEvent] = []
        while !rest.isEmpty {
            let page = try core.page(of: Made.server, ranges: rest, maxBytes: 9_999, maxCount: 1)
            got += page.events
            rest = page.remaining
        }
        #expect(Set(got) == Set(wanted) && got.count == wanted.count)
        #expect(got.map(\.seq) == got.map(\.seq).sorted())
    }

    @Test func `an event too large for the credit waits`() throws {
        let core = try Made.memory()
        try core.commit([Made.batch([Made.event(1, size: 100)])])
        let range = EventRange(author: Made.owner, from: 1, through: 9)
        let page = try core.page(of: Made.server, ranges: [range], maxBytes: 99, maxCount: 9)
        #expect(page.events.isEmpty && page.remaining == [range])
        let whole = try core.envelopes(
            server: Made.server, author: Made.owner, from: 1, to: 9, maxBytes: 100, maxCount: 9)
        #expect(whole == [Made.event(1, size: 100)])
    }

    @Test func `servers do not mix`() throws {
        let core = try Made.memory()
        let other: Server.ID = Made.id("other server")
        let foreign = Made.event(1, in: other)
        try core.commit([Made.batch([Made.event(1), foreign])])
        #expect(try core.all(other) == [foreign])
        #expect(try core.envelope(server: Made.server, id: foreign.id) == nil)
        #expect(try core.loadServers() == [Made.server, other].sorted())
    }
}
