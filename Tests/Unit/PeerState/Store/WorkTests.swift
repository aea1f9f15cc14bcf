import PeerState
import Testing

/// S-025 and S-028: what a look or an act costs, beside few and beside many messages.
@Suite struct WorkTests {
    private func entry(_ number: Int) -> TextEntry {
        var entry = TextEntry(
            message: Made.event(UInt64(number)).id, channel: Made.channel,
            epoch: Made.id("epoch"), text: "note \(number)", wallMilliseconds: UInt64(number))
        (entry.feed, entry.channelSeq) = (UInt64(number), UInt64(number))
        return entry
    }

    private func filled(_ count: Int) throws -> StoreCore {
        let core = try Made.memory()
        for start in stride(from: 1, through: count, by: 500) {
            let numbers = start..<min(start + 500, count + 1)
            var batch = Made.batch(numbers.map { Made.event(UInt64($0)) })
            batch.texts = numbers.map { .show(entry($0)) }
            try core.commit([batch])
        }
        return core
    }

    /// A reaction is an event of its own; the message is looked at before, and shown after.
    private func react(_ core: StoreCore, _ count: Int) throws -> Int {
        let oldest = Made.event(1).id
        return try core.work {
            #expect(try core.message(oldest)?.text == "note 1")
            try core.commit([Made.own(Made.event(UInt64(count + 1)))])
            #expect(try core.message(oldest)?.text == "note 1")
        }
    }

    @Test func `S-025 a reaction to the oldest of 10,000 messages costs what it does among 100`()
        throws
    {
        let costs = try [100, 10_000].map { count in
            let core = try filled(count)
            _ = try react(core, count)
            return try react(core, count + 1)
        }
        #expect(costs[0] > 50)
        #expect(costs[0] == costs[1])
    }

    /// The newest page and the one before it.
    private func look(_ core: StoreCore) throws -> Int {
        try core.work {
            let page = try core.messages(of: Made.channel, in: Made.server, .newest, limit: 50)
            let first = try #require(page.messages.first)
            _ = try core.messages(
                of: Made.channel, in: Made.server, .before(first.position), limit: 50)
        }
    }

    @Test func `S-028 a page of 10,000 messages costs what one of 2,000 does`() throws {
        // What is left to read is counted as far as `Limits.remainingMax`.
        let costs = try [2_000, 10_000].map { count in
            let core = try filled(count)
            _ = try look(core)
            return try look(core)
        }
        #expect(costs[0] > 500)
        #expect(costs[0] == costs[1])
    }
}
