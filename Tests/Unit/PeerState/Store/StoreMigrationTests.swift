import PeerState
import Testing

@Suite struct StoreMigrationTests {
    /// A database as the first schema wrote it.
    private func old(_ path: String) throws {
        let database = try Database(path: path)
        _ = try Schema.prepare(database, migrations: Array(Schema.migrations.prefix(1)))
        let event = Made.event(1)
        try database.execute("INSERT INTO instance VALUES (1, x'00112233445566778899aabbccddeeff')")
        try database.run("INSERT INTO servers VALUES (1, ?1)", .identifier(event.server))
        try database.run("INSERT INTO authors VALUES (1, ?1)", .identifier(event.author))
        try database.run(
            "INSERT INTO events VALUES (5, 1, 1, 1, 1, 60, 1001, 0, ?1, ?2, ?3)",
            .integer(Int64(event.envelope.count)), .identifier(event.id), .blob(event.envelope))
        try database.run(
            "INSERT INTO feed VALUES (3, 1, ?1, 'MessageReceived', 9, 1)", .identifier(event.id))
        try database.run(
            "INSERT INTO marks VALUES ('bot', 1, ?1, 2)", .identifier(Made.channel))
        database.close()
    }

    @Test func `the first schema becomes this one and keeps what it held`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/old.db"
        try old(path)
        var entropy = Entropy.seeded(SeededRandom(seed: 1))
        let core = try StoreCore(path: path, entropy: &entropy)
        #expect(!core.opening.isNew)
        #expect(core.instanceID.hex == "00112233445566778899aabbccddeeff")
        #expect(try core.all() == [Made.event(1)])
        #expect(
            try core.marks() == [
                MarkRow(principal: "bot", server: Made.server, channel: Made.channel, position: 2)
            ])
        #expect(try core.lastFeedPosition() == 3)
        #expect(try core.channelTotals(in: Made.server).isEmpty)

        // What it could read is filled in from the events, and takes its place in the feed.
        try core.rebuildDerived { event in
            [
                .show(
                    TextEntry(
                        message: event.id, channel: Made.channel, epoch: Made.id("epoch"),
                        text: "an old message", wallMilliseconds: 7))
            ]
        }
        let message = try #require(try core.message(Made.event(1).id))
        #expect(message.feed == 3)
        #expect(message.channelSeq == 1)
        #expect(try core.unread(in: Made.server, by: "bot").map(\.unread) == [1])
        #expect(try core.integrity().allSatisfy { $0.repair == .restore })
    }

    @Test func `a database that knew of no keeping says whose chunks are missing`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/old.db"
        try old(path)
        let database = try Database(path: path)
        _ = try Schema.prepare(database, migrations: Array(Schema.migrations.prefix(7)))
        let (known, unknown): (Chunk.ID, Chunk.ID) = (Made.id("known"), Made.id("unknown"))
        try database.run(
            "INSERT INTO chunks VALUES (?1, ?2, 1)", .identifier(known),
            .identifier(Made.event(1).id))
        let nobody: Event.ID = Made.id("an event that is gone")
        try database.run(
            "INSERT INTO chunks VALUES (?1, ?2, 1)", .identifier(unknown), .identifier(nobody))
        database.close()
        var entropy = Entropy.seeded(SeededRandom(seed: 1))
        let core = try StoreCore(path: path, entropy: &entropy)
        let found = try core.missingChunks(ChunkSearch(servers: [Made.server: 1]))
        #expect(found.rows.map(\.chunk) == [known])
        #expect(found.place == .init(server: Made.server, author: Made.owner))
        #expect(try core.messages(naming: unknown, in: Made.server) == [nobody])
    }

    @Test func `marks keep their order over a restart`() throws {
        let core = try Made.memory()
        let mark = MarkRow(
            principal: "bot", server: Made.server, channel: Made.channel, position: 4,
            order: Made.event(3).orderKey)
        var batch = StoreBatch()
        batch.marks = [mark]
        try core.commit([batch])
        #expect(try core.marks() == [mark])
    }
}
