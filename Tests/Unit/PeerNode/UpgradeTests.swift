import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-235: a store that an earlier program wrote.
@Suite struct UpgradeTests {
    private static func history() throws -> RightsServer {
        var server = try RightsServer.with(["A": .admin, "B": .member])
        let room = try server.room("O", "plan")
        for number in 0..<20 { try server.write("B", .post(room, "note \(number)")) }
        try server.write("A", .renameChannel(room, "plans"))
        try server.write("A", .remove("B", server.cut("B")))
        return server
    }

    /// Writes what the first schema holds, in which every event is, and goes on to `version`.
    private func write(_ server: RightsServer, to path: String, version: Int) throws {
        let database = try Database(path: path)
        _ = try Schema.prepare(database, migrations: Array(Schema.migrations.prefix(version)))
        try database.execute("INSERT INTO instance VALUES (1, x'00112233445566778899aabbccddeeff')")
        try database.run("INSERT INTO servers VALUES (1, ?1)", .identifier(server.id))
        var authors: [Peer.ID: Int64] = [:]
        for (place, envelope) in server.log.enumerated() {
            let event = try Event(decoding: envelope, for: server.id)
            if authors[event.author] == nil {
                authors[event.author] = Int64(authors.count + 1)
                try database.run(
                    "INSERT INTO authors VALUES (?1, ?2)",
                    .integer(Int64(authors.count)), .identifier(event.author))
            }
            try database.run(
                """
                INSERT INTO events(ref, server, author, seq, lamport, kind, stored_ms, is_void,
                    size, id, envelope)
                VALUES (?1, 1, ?2, ?3, ?4, ?5, 1000, 0, ?6, ?7, ?8)
                """, .integer(Int64(place + 1)), .integer(authors[event.author] ?? 0),
                .unsigned(event.seq), .unsigned(event.lamport), .unsigned(event.kind),
                .integer(Int64(envelope.byteCount)), .identifier(event.id), .blob(envelope.bytes))
        }
        database.close()
    }

    private func version(_ path: String) throws -> Int64? {
        let database = try Database(path: path)
        defer { database.close() }
        return try database.first("PRAGMA user_version") { $0.integer(0) }
    }

    /// Opens it as the program does and says what state comes of it.
    private func hash(_ path: String) throws -> Digest.Value? {
        var entropy = Entropy.seeded(SeededRandom(seed: 1))
        let core = try StoreCore(path: path, entropy: &entropy)
        let stored = try NodeStorage.load(core, me: RightsServer.peer("O"))
        try core.close()
        #expect(core.instanceID.hex == "00112233445566778899aabbccddeeff")
        return stored.servers.first.map { StateHash.hash(of: $0.server.state) }
    }

    @Test(arguments: 1...Schema.migrations.count)
    func `S-235 each schema that was ever written opens, with the state it had`(
        version: Int
    ) throws {
        let server = try Self.history()
        let scratch = try Scratch()
        let path = scratch.path + "/old.db"
        try write(server, to: path, version: version)
        #expect(try self.version(path) == Int64(version))
        for _ in 0..<2 {
            #expect(try hash(path) == server.hash)
            #expect(try self.version(path) == Int64(Schema.migrations.count))
        }
    }

    @Test(arguments: 1..<Schema.migrations.count)
    func `S-235 a migration that was interrupted goes on from where it stood`(
        step: Int
    ) throws {
        let server = try Self.history()
        let scratch = try Scratch()
        let path = scratch.path + "/old.db"
        try write(server, to: path, version: 1)
        var migrations = Schema.migrations
        migrations[step] += "; CREATE TABLE servers(x);"
        let database = try Database(path: path)
        #expect(throws: StoreFailure.self) {
            try Schema.prepare(database, migrations: migrations)
        }
        database.close()
        #expect(try version(path) == Int64(step))
        #expect(try hash(path) == server.hash)
        #expect(try version(path) == Int64(Schema.migrations.count))
    }

    @Test func `S-235 a newer schema is refused, with both versions named`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/new.db"
        try write(try Self.history(), to: path, version: Schema.migrations.count)
        let newer = Schema.migrations.count + 3
        let database = try Database(path: path)
        try database.execute("PRAGMA user_version = \(newer)")
        database.close()
        let failure = #expect(throws: StoreFailure.self) { try hash(path) }
        #expect(failure?.code == .newerSchema)
        #expect(failure?.detail.contains("\(newer)") == true)
        #expect(failure?.detail.contains("\(Schema.migrations.count)") == true)
        #expect(try version(path) == Int64(newer))
    }
}
