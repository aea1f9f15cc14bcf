import PeerState
import Testing

/// S-025: what an act on one message costs, beside few and beside many others.
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
}
