import Foundation
import PeerState
import Testing

/// H-120: damage is found, explained and mended where events allow it.
@Suite struct StoreRepairTests {
    private func open(_ directory: DataDirectory, isForRepair: Bool = false) throws -> StoreCore {
        var entropy = Entropy.system
        return try StoreCore(
            directory, owner: Made.owner, entropy: &entropy, isForRepair: isForRepair)
    }

    /// Real envelopes, so that their ids can be checked.
    private func filled(_ directory: DataDirectory, _ count: Int = 40) throws -> [TextEntry] {
        let core = try open(directory)
        var entropy = Entropy.seeded(SeededRandom(seed: 4))
        let key = SigningKey(seed: entropy.bytes(32))
        var entries: [TextEntry] = []
        for seq in 1...UInt64(count) {
            let envelope = Envelope(payload: Array("payload \(seq)".utf8), key: key)
            let event = StoredEvent(
                id: envelope.id, server: Made.server, author: key.publicKey, seq: seq,
                lamport: seq, kind: 60, envelope: envelope.bytes, storedAtMilliseconds: 1)
            var entry = TextEntry(
                message: event.id, channel: Made.channel, epoch: Made.id("epoch"),
                text: "Sesquipedalian words, number\(seq)!", wallMilliseconds: 5)
            entry.feed = seq
            entry.channelSeq = seq
            entry.principal = seq.isMultiple(of: 2) ? "bot" : nil
            entries.append(entry)
            var batch = Made.batch([event])
            batch.texts = [.show(entry)]
            try core.commit([batch])
        }
        #expect(try core.integrity().isEmpty)
        try core.close()
        return entries
    }

    private func change(_ directory: DataDirectory, _ script: String) throws {
        let database = try Database(path: directory.database)
        try database.execute(script)
        database.close()
    }

    private func rebuild(_ core: StoreCore, _ entries: [TextEntry]) throws {
        let texts = Dictionary(uniqueKeysWithValues: entries.map { ($0.message, $0) })
        try core.rebuildDerived { event in
            guard var entry = texts[event.id] else { return [] }
            entry.feed = 0
            entry.channelSeq = 0
            entry.principal = nil
            return [.show(entry)]
        }
    }

    @Test(arguments: [
        "UPDATE texts SET text = 'another' WHERE ref = 3", "DELETE FROM search_data WHERE id > 10",
        "DELETE FROM texts WHERE ref = 4",
    ])
    func `what follows from events is found wrong and made again`(script: String) throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let entries = try filled(directory)
        try change(directory, script)
        let core = try open(directory, isForRepair: true)
        let findings = try core.integrity()
        #expect(!findings.isEmpty)
        #expect(findings.allSatisfy { $0.repair == .rebuild }, "\(findings)")
        try rebuild(core, entries)
        #expect(try core.integrity().isEmpty)
        let page = try core.messages(
            of: Made.channel, in: Made.server, .oldest, limit: 100)
        #expect(page.messages.map(\.text) == entries.map(\.text))
        let isDropped = script.hasPrefix("DELETE FROM texts")
        #expect(isDropped || page.messages.map(\.feed) == entries.map(\.feed))
        #expect(isDropped || page.messages.map(\.principal) == entries.map(\.principal))
    }

    @Test func `a rebuild from nothing equals what was there`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let entries = try filled(directory)
        let core = try open(directory)
        func all() throws -> [StoredMessage] {
            try core.messages(of: Made.channel, in: Made.server, .oldest, limit: 100).messages
        }
        let before = try all()
        try rebuild(core, entries)
        #expect(try all() == before)
        try rebuild(core, entries)
        #expect(try all() == before)
    }

    @Test func `a rebuild that was cut short begins again with all it knew`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let entries = try filled(directory)
        var core = try open(directory)
        let before = try core.messages(of: Made.channel, in: Made.server, .oldest, limit: 100)
        try core.beginRebuild()
        try core.close()
        core = try open(directory)
        try rebuild(core, entries)
        let after = try core.messages(of: Made.channel, in: Made.server, .oldest, limit: 100)
        #expect(after == before)
    }

    @Test func `a changed event is found and named`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let entries = try filled(directory)
        try change(
            directory,
            """
            UPDATE events SET envelope = CAST(
                substr(envelope, 1, 9) || x'00' || substr(envelope, 11) AS BLOB) WHERE ref = 7
            """)
        let findings = try open(directory).integrity()
        #expect(findings.map(\.repair) == [.restore])
        #expect(findings.first?.detail.contains(entries[6].message.short) == true)
    }

    @Test func `S-237 H-120 one flipped bit in any page is detected or harmless, and never a trap`()
        throws
    {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let entries = try filled(directory, 60)
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: directory.database)))
        var random = SeededRandom(seed: 9)
        var found = 0
        for round in 0..<120 {
            var bytes = whole
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try Data(bytes).write(to: URL(fileURLWithPath: directory.database))
            do {
                let core = try open(directory)
                let findings = try core.integrity()
                let page = try core.messages(
                    of: Made.channel, in: Made.server, .oldest, limit: 100)
                let isRight = page.messages.map(\.text) == entries.map(\.text)
                #expect(isRight || !findings.isEmpty, "round \(round), byte \(place)")
                found += findings.isEmpty ? 0 : 1
                try core.close()
            } catch let failure as StoreFailure {
                #expect(
                    [.corrupt, .foreignDatabase, .newerSchema, .cannotOpen, .conflict]
                        .contains(failure.code), "round \(round), byte \(place): \(failure)")
                found += 1
            }
            for name in ["-wal", "-shm"] {
                let path = directory.database + name
                guard FileManager.default.fileExists(atPath: path) else { continue }
                try FileManager.default.removeItem(atPath: path)
            }
        }
        #expect(found > 5)
    }

    @Test func `refusals say what to do`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        _ = try filled(directory)
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: directory.database)))
        for page in 4..<(bytes.count / 4_096) { bytes[page * 4_096] ^= 0x55 }
        try Data(bytes).write(to: URL(fileURLWithPath: directory.database))
        do {
            _ = try open(directory)
            Issue.record("a damaged database was opened")
        } catch let failure as StoreFailure {
            #expect(failure.code == .corrupt)
            #expect(failure.detail.contains("peer-agent doctor"))
        }
        for code in [StoreCode.newerSchema, .foreignDatabase, .locked, .diskFull, .readOnly] {
            #expect(!code.advice.isEmpty)
        }
    }

    @Test func `S-135 a deleted text is in no page of the file once the index is compact`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let entries = try filled(directory)
        let core = try open(directory)
        var batch = StoreBatch()
        batch.texts = [.remove(message: entries[20].message, by: entries[21].message)]
        try core.commit([batch])
        while try core.mergeSearch() {}
        try core.compactSearch()
        for path in [directory.database, directory.database + "-wal"]
        where FileManager.default.fileExists(atPath: path) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(bytes.range(of: Data("number21".utf8)) == nil)
            #expect(path.hasSuffix("-wal") || bytes.range(of: Data("number22".utf8)) != nil)
        }
        // Of the index itself: with its neighbours gone, too, the word they share is.
        var all = StoreBatch()
        all.texts = entries.map { .drop($0.message) }
        try core.commit([all])
        try core.compactSearch()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.database))
        #expect(bytes.range(of: Data("sesquipedalian".utf8)) == nil)
    }
}
