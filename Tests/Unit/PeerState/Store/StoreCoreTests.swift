import Foundation
import PeerState
import Testing

@Suite struct StoreCoreTests {
    /// One of everything.
    static var full: StoreBatch {
        var batch = StoreBatch()
        batch.events = [Made.event(1), Made.event(2)]
        batch.feed = [
            FeedRow(
                position: 7, server: Made.server, event: Made.event(2).id, kind: "MessageReceived",
                atMilliseconds: 1_234, channelSeq: 3)
        ]
        batch.epochKeys = [
            EpochKeyRow(
                server: Made.server, channel: Made.channel, epoch: Made.id("epoch"),
                key: Array(0..<32))
        ]
        batch.prekeys = [
            PrekeyRow(
                server: Made.server, event: nil, publicKey: Made.id("prekey 1"), secret: [1, 2],
                createdAtMilliseconds: 5),
            PrekeyRow(
                server: Made.server, event: Made.id("event"), publicKey: Made.id("prekey 2"),
                secret: [3], createdAtMilliseconds: 6),
        ]
        batch.marks = [
            MarkRow(principal: "bot", server: Made.server, channel: Made.channel, position: 7)
        ]
        batch.sent = [
            SentRow(
                principal: "bot", channel: Made.channel, clientMessageID: "c-1",
                textHash: Made.id("text"), event: Made.event(2).id, atMilliseconds: 99)
        ]
        batch.settings = [
            Setting(name: "current/bot", value: [9]), Setting(name: "currently", value: []),
            Setting(name: "name", value: Array("Ada".utf8)),
        ]
        return batch
    }

    private func expectFull(_ core: StoreCore) throws {
        let batch = Self.full
        #expect(try core.all() == batch.events)
        #expect(try core.loadServers() == [Made.server])
        #expect(try core.feed(after: 0, limit: 10) == batch.feed)
        #expect(try core.feed(after: 7, limit: 10).isEmpty)
        #expect(try core.lastFeedPosition() == 7)
        #expect(try core.epochKeys() == batch.epochKeys)
        #expect(try core.prekeys() == batch.prekeys)
        #expect(try core.marks() == batch.marks)
        let sent = try core.sent(
            principal: "bot", channel: Made.channel, clientMessageID: "c-1")
        #expect(sent == batch.sent[0])
        #expect(try core.setting("name") == Array("Ada".utf8))
        #expect(try core.settings(prefix: "current") == Array(batch.settings.prefix(2)))
        #expect(try core.settings(prefix: "current/") == [batch.settings[0]])
        #expect(
            try core.envelope(server: Made.server, id: Made.event(2).id) == Made.event(2).envelope)
        try core.check()
    }

    @Test func `everything comes back, in memory and after a reopening`() throws {
        let memory = try Made.memory()
        try memory.commit([Self.full])
        try expectFull(memory)

        let scratch = try Scratch()
        let first = try Made.open(try scratch.data())
        #expect(first.opening.isNew && first.opening.verdict == .fine)
        try first.commit([Self.full])
        try first.close()
        let second = try Made.open(try scratch.data())
        #expect(!second.opening.isNew && second.opening.verdict == .fine)
        #expect(second.instanceID == first.instanceID && first.instanceID.count == 16)
        try expectFull(second)
    }

    @Test func `an empty store answers with nothing`() throws {
        let core = try Made.memory()
        #expect(core.opening.isNew)
        #expect(try core.all().isEmpty && core.loadServers().isEmpty)
        #expect(try core.lastFeedPosition() == 0)
        #expect(try core.setting("x") == nil)
        #expect(try core.envelope(server: Made.server, id: Made.event(1).id) == nil)
        try core.commit([])
        try core.commit([StoreBatch()])
    }

    @Test func `the files are the owner's alone`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let core = try Made.open(directory)
        try core.commit([Made.own(Made.event(1))])
        let names = [
            directory.database, directory.database + "-wal", directory.highWater, directory.lock,
        ]
        for name in names {
            let mode = try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
    }

    @Test func `the same id again changes nothing`() throws {
        let core = try Made.memory()
        try core.commit([Made.batch([Made.event(1)])])
        let first = Made.event(1)
        let again = StoredEvent(
            id: first.id, server: first.server, author: first.author, seq: first.seq,
            lamport: first.lamport, kind: first.kind, envelope: first.envelope,
            storedAtMilliseconds: first.storedAtMilliseconds + 9)
        try core.commit([Made.batch([again, again])])
        #expect(try core.all() == [first])
    }

    @Test func `a failed batch takes its whole transaction back`() throws {
        let core = try Made.memory()
        try core.commit([Self.full])
        var bad = StoreBatch()
        let other: Server.ID = Made.id("other server")
        bad.events = [Made.event(3), Made.event(1, by: Made.id("new author"), in: other)]
        bad.feed = Self.full.feed
        var good = StoreBatch()
        good.settings = [Setting(name: "name", value: [1])]
        let failure = #expect(throws: StoreFailure.self) { try core.commit([good, bad]) }
        #expect(failure?.code == .conflict)
        try expectFull(core)
        // Row numbers made by the failed transaction are not used again by mistake.
        try core.commit([Made.batch(bad.events)])
        #expect(try core.all(other) == [bad.events[1]])
        #expect(try core.all().count == 3)
        #expect(core.transactions == 2)
    }

    @Test func `settings are replaced and removed, marks and keys replaced`() throws {
        let core = try Made.memory()
        try core.commit([Self.full])
        var batch = StoreBatch()
        batch.settings = [
            Setting(name: "name", value: nil), Setting(name: "currently", value: [1]),
        ]
        batch.marks = [
            MarkRow(principal: "bot", server: Made.server, channel: Made.channel, position: 4)
        ]
        batch.prekeys = [
            PrekeyRow(
                server: Made.server, event: Made.id("published"), publicKey: Made.id("prekey 1"),
                secret: [1, 2], createdAtMilliseconds: 5)
        ]
        batch.droppedPrekeys = [Made.id("prekey 2")]
        batch.droppedEvents = [Made.event(2).id]
        try core.commit([batch])
        #expect(try core.setting("name") == nil)
        #expect(try core.setting("currently") == [1])
        #expect(try core.marks() == batch.marks)
        #expect(try core.prekeys() == batch.prekeys)
        #expect(try core.all() == [Made.event(1)])
    }

    @Test func `an erased server leaves nothing and can come again`() throws {
        let core = try Made.memory()
        let other: Server.ID = Made.id("other server")
        try core.commit([Self.full, Made.batch([Made.event(1, in: other)])])
        var batch = StoreBatch()
        batch.erasedServers = [Made.server, Made.id("never seen")]
        try core.commit([batch])
        #expect(try core.loadServers() == [other])
        #expect(try core.all().isEmpty && core.feed(after: 0, limit: 9).isEmpty)
        #expect(try core.epochKeys().isEmpty && core.prekeys().isEmpty && core.marks().isEmpty)
        try core.commit([Made.batch([Made.event(1)])])
        #expect(try core.all() == [Made.event(1)])
    }

    @Test func `sent ids are forgotten by age and by number`() throws {
        let core = try Made.memory()
        let day: UInt64 = 86_400_000
        var batch = StoreBatch()
        batch.sent = (0..<(Limits.sentKept + 50)).map { index in
            SentRow(
                principal: "bot", channel: Made.channel, clientMessageID: "\(index)",
                textHash: Made.id("text"), event: Made.id("event"),
                atMilliseconds: 10 * day + UInt64(index))
        }
        try core.commit([batch])
        func isKnown(_ index: Int) throws -> Bool {
            try core.sent(
                principal: "bot", channel: Made.channel, clientMessageID: "\(index)") != nil
        }
        try core.pruneSent(nowMilliseconds: 11 * day)
        #expect(try !isKnown(49) && isKnown(50) && isKnown(Limits.sentKept + 49))
        try core.pruneSent(nowMilliseconds: 17 * day + 100)
        #expect(try !isKnown(99) && isKnown(100))
    }

    @Test func `announcements go by age and number, a part at a time, and never the newest`() throws
    {
        let core = try Made.memory()
        let day: UInt64 = 86_400_000
        func announce(_ positions: ClosedRange<UInt64>, day number: UInt64) throws {
            var batch = StoreBatch()
            batch.feed = positions.map {
                FeedRow(
                    position: $0, server: Made.server, event: Made.id("e"), kind: "k",
                    atMilliseconds: number * day, channelSeq: $0)
            }
            try core.commit([batch])
        }
        try announce(1...20, day: 1)
        try announce(21...30, day: 5)
        try core.pruneFeed(nowMilliseconds: 31 * day)
        #expect(try core.firstFeedPosition() == 1)
        try core.pruneFeed(nowMilliseconds: 31 * day + 1)
        #expect(try core.firstFeedPosition() == 21)
        // When all are old, the numbers still go on after the last.
        try core.pruneFeed(nowMilliseconds: 99 * day)
        #expect(try core.firstFeedPosition() == 30)
        let kept = UInt64(Limits.feedKept)
        try announce(31...kept + 20_030, day: 100)
        try core.pruneFeed(nowMilliseconds: 100 * day)
        #expect(try core.firstFeedPosition() == 10_031)
        for _ in 0..<3 { try core.pruneFeed(nowMilliseconds: 100 * day) }
        #expect(try core.firstFeedPosition() == 20_031)
        #expect(try core.lastFeedPosition() == kept + 20_030)
    }

    @Test func `a pruned feed keeps its later positions`() throws {
        let core = try Made.memory()
        var batch = StoreBatch()
        batch.feed = (1...5).map {
            FeedRow(
                position: $0, server: Made.server, event: Made.id("e"), kind: "k",
                atMilliseconds: 0, channelSeq: $0)
        }
        try core.commit([batch])
        try core.pruneFeed(through: 3)
        #expect(try core.feed(after: 0, limit: 1).map(\.position) == [4])
        #expect(try core.lastFeedPosition() == 5)
    }
}
