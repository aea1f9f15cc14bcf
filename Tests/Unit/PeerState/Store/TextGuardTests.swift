import PeerState
import Testing

/// H-120: what the search index cannot see of a stored text is guarded as well.
@Suite struct TextGuardTests {
    private func filled(_ directory: DataDirectory) throws -> [Event.ID] {
        var entropy = Entropy.system
        let core = try StoreCore(directory, owner: Made.owner, entropy: &entropy)
        let fixture = try ViewsFixture(core)
        var ids: [Event.ID] = []
        for number in 0..<20 {
            ids.append(
                try fixture.post("Yes, we CAN: \(number) — and “so” on.", parent: ids.last))
        }
        try fixture.edit(ids[4], "An edit, with its own text.")
        try fixture.remove(ids[5])
        try core.close()
        return ids
    }

    private func textFindings(_ directory: DataDirectory) throws -> [IntegrityFinding] {
        var entropy = Entropy.system
        let core = try StoreCore(
            directory, owner: Made.owner, entropy: &entropy, isForRepair: true)
        // Envelopes of this fixture are not signed events, which is another finding.
        let findings = try core.integrity().filter { $0.repair == .rebuild }
        try core.close()
        return findings
    }

    @Test func `what was written, edited and deleted is found whole`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        _ = try filled(directory)
        #expect(try textFindings(directory).isEmpty)
    }

    @Test(arguments: [
        "text = 'yes, we CAN: 2 — and “so” on.'", "text = text || ' '",
        "text = replace(text, ':', ';')", "text = replace(text, '“', '„')", "seq = seq + 1",
        "parent = parent - 1", "source = 1", "epoch = 1", "guard = guard + 1", "guard = NULL",
    ])
    func `a change that search does not see is found and named`(change: String) throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let ids = try filled(directory)
        let database = try Database(path: directory.database)
        try database.execute("UPDATE texts SET \(change) WHERE ref = 3")
        database.close()
        let findings = try textFindings(directory)
        #expect(findings.count == 1, "\(findings)")
        #expect(findings.first?.detail.contains(ids[2].short) == true)
    }

    @Test func `each bit of a text counts`() throws {
        let text = Array("Case and punctuation: 17 bytes, or 43.".utf8)
        func value(_ bytes: [UInt8]) throws -> Int64? {
            let database = try Database(path: ":memory:")
            return try database.with(
                "SELECT text_guard(1, 2, 3, NULL, 5, CAST(?1 AS TEXT))", [.blob(bytes)]
            ) { row throws(StoreFailure) in try row.step() ? row.integer(0) : nil }
        }
        var seen = Set([try value(text)])
        for place in text.indices {
            for bit in 0..<8 {
                var changed = text
                changed[place] ^= 1 << UInt8(bit)
                seen.insert(try value(changed))
            }
        }
        for length in text.indices { seen.insert(try value(Array(text.prefix(length)))) }
        #expect(seen.count == 1 + text.count * 9)
        #expect(!seen.contains(nil))
    }

    @Test func `texts of an older database get their guards when it is opened`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        _ = try filled(directory)
        let database = try Database(path: directory.database)
        try database.execute(
            """
            DROP INDEX texts_partakers;
            CREATE INDEX texts_partakers ON texts(thread, author) WHERE thread IS NOT NULL;
            ALTER TABLE texts DROP COLUMN guard;
            DROP TABLE sealed_texts;
            DROP INDEX chunks_missing;
            DROP INDEX chunks_kept;
            ALTER TABLE chunks DROP COLUMN author;
            ALTER TABLE chunks DROP COLUMN kept;
            ALTER TABLE chunks DROP COLUMN until_ms;
            PRAGMA user_version = 5;
            """)
        database.close()
        #expect(try textFindings(directory).isEmpty)
    }
}
