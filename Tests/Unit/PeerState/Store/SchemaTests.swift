import Foundation
import PeerState
import Testing

@Suite struct SchemaTests {
    private func version(_ database: Database) throws -> Int64? {
        try database.first("PRAGMA user_version") { $0.integer(0) }
    }

    @Test func `migrations run once each, from any version, and keep the rows`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/migrated.db"
        let steps = [
            "CREATE TABLE one(value INTEGER); INSERT INTO one VALUES (1);",
            "ALTER TABLE one ADD COLUMN more INTEGER NOT NULL DEFAULT 5;",
            "INSERT INTO one VALUES (2, 6);",
        ]
        for count in 0...3 {
            let database = try Database(path: path)
            let isNew = try Schema.prepare(database, migrations: Array(steps.prefix(count)))
            // Nothing marks the file as long as there is no migration.
            #expect(isNew == (count <= 1))
            #expect(try version(database) == Int64(count))
        }
        let database = try Database(path: path)
        #expect(try !Schema.prepare(database, migrations: steps))
        let rows = try database.rows("SELECT value, more FROM one ORDER BY value") {
            [$0.integer(0), $0.integer(1)]
        }
        #expect(rows == [[1, 5], [2, 6]])
    }

    @Test func `a migration that fails changes nothing`() throws {
        let database = try Database(path: ":memory:")
        let steps = [
            "CREATE TABLE one(value INTEGER);", "CREATE TABLE two(x); CREATE TABLE one(x);",
        ]
        #expect(throws: StoreFailure.self) { try Schema.prepare(database, migrations: steps) }
        #expect(try version(database) == 1)
        let names = try database.rows("SELECT name FROM sqlite_schema") { $0.text(0) }
        #expect(names == ["one"])
    }

    @Test func `the settings are those of a durable, small database`() throws {
        let scratch = try Scratch()
        let database = try Database(path: scratch.path + "/a.db")
        _ = try Schema.prepare(database)
        func text(_ name: String) throws -> String? {
            try database.first("PRAGMA \(name)") { $0.text(0) }
        }
        #expect(try text("journal_mode") == "wal")
        #expect(try text("synchronous") == "2")
        #expect(try text("locking_mode") == "exclusive")
        #expect(try text("foreign_keys") == "0")
        #expect(try text("secure_delete") == "1")
        #expect(try text("cache_size") == "-\(Limits.pageCacheKiB)")
        #expect(try text("temp_store") == "2")
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/a.db-shm"))
    }

    @Test func `the log is emptied once it has grown long enough`() throws {
        let scratch = try Scratch()
        let core = try Made.open(try scratch.data())
        let events = (1...200).map { Made.event(UInt64($0), size: 60_000) }
        for part in 0..<20 {
            try core.commit([Made.batch(Array(events[(part * 10)..<(part * 10 + 10)]))])
        }
        let attributes = try FileManager.default.attributesOfItem(
            atPath: scratch.path + "/data/node.db-wal")
        let size = try #require(attributes[.size] as? Int)
        #expect(size <= Limits.walBytesKept)
        #expect(try core.all().count == 200)
    }
}
