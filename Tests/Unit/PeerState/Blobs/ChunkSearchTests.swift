import PeerState
import Testing

/// Which chunks a provider is told to bring, from what stands in its store.
@Suite struct ChunkSearchTests {
    private static let alice = SigningKey(seed: [UInt8](repeating: 1, count: 32))
    private static let bob = SigningKey(seed: [UInt8](repeating: 2, count: 32))
    private static let server: Server.ID = Made.id("server")

    private static func chunk(_ name: String) -> Chunk.ID { Made.id("chunk \(name)") }

    /// Stores a message that names chunks, with what it says of their sizes.
    @discardableResult
    private func post(
        _ core: StoreCore, _ author: SigningKey, _ seq: UInt64, in server: Server.ID = server,
        _ chunks: [(String, UInt64)]
    ) throws -> Event.ID {
        let sealed = SealedBody(
            epoch: Made.id("epoch"), nonce: [UInt8](repeating: 0, count: 24),
            ciphertext: [UInt8](repeating: 0, count: 16))
        let body = MessagePosted(
            channel: Made.channel, sealed: sealed, parent: nil,
            blobs: chunks.map { .init(chunk: Self.chunk($0.0), size: $0.1) })
        let draft = EventDraft(
            server: server, author: author.publicKey, seq: seq,
            prev: seq == 1 ? nil : Made.id("prev"), deps: [Made.id("dep")], proof: nil,
            lamport: seq, wallMilliseconds: 1_000, body: body)
        let envelope = draft.signed(with: author)
        let event = try Event(decoding: envelope, for: server)
        var batch = StoreBatch()
        batch.events = [
            StoredEvent(
                id: event.id, server: server, author: event.author, seq: seq, lamport: seq,
                kind: MessagePosted.kind, envelope: envelope.bytes, storedAtMilliseconds: 1_000,
                isVoid: false)
        ]
        batch.chunks = chunks.map {
            ChunkRow(chunk: Self.chunk($0.0), message: event.id, server: server)
        }
        try core.commit([batch])
        return event.id
    }

    /// Searches at a time, and goes on behind the last author.
    private func search(
        _ core: StoreCore, at time: UInt64 = 1_000, after place: ChunkSearch.Place? = nil,
        servers: [Server.ID] = [server], _ change: (inout ChunkSearch) -> Void = { _ in }
    ) throws -> MissingChunks {
        var search = ChunkSearch(
            servers: Dictionary(uniqueKeysWithValues: servers.map { ($0, time) }), after: place)
        change(&search)
        return try core.missingChunks(search)
    }

    @Test func `authors take turns, over all servers, and sizes are those of the message`() throws {
        let core = try Made.memory()
        let other: Server.ID = Made.id("other server")
        let servers = [Self.server, other].sorted()
        try post(core, Self.alice, 1, in: servers[0], [("a", 100), ("b", 200)])
        try post(core, Self.bob, 1, in: servers[0], [("c", 300), ("none", 16), ("endless", .max)])
        try post(core, Self.alice, 2, in: servers[1], [("d", 4_194_320)])
        var found = try search(core, servers: servers)
        #expect(found.place == .init(server: servers[0], author: Self.alice.publicKey))
        #expect(Set(found.rows.map(\.chunk)) == [Self.chunk("a"), Self.chunk("b")])
        #expect(Set(found.rows.map(\.size)) == [100, 200])
        found = try search(core, after: found.place, servers: servers)
        #expect(found.place == .init(server: servers[0], author: Self.bob.publicKey))
        let sizes = Dictionary(uniqueKeysWithValues: found.rows.map { ($0.chunk, $0.size) })
        #expect(sizes[Self.chunk("c")] == 300 && sizes.count == 3)
        #expect(sizes[Self.chunk("none")] == .some(nil))
        #expect(sizes[Self.chunk("endless")] == .some(nil))
        found = try search(core, after: found.place, servers: servers)
        #expect(found.place?.server == servers[1])
        #expect(found.rows.map(\.size) == [4_194_320])
        found = try search(core, after: found.place, servers: servers)
        #expect(found.place?.author == Self.alice.publicKey && found.rows.count == 2, "around")
        found = try search(core, servers: servers) { $0.passingOver = [Self.alice.publicKey] }
        #expect(found.place?.author == Self.bob.publicKey)
        let none = try search(core, servers: [])
        #expect(none.rows.isEmpty && none.isComplete)
    }

    @Test func `one answer holds a bounded number, and leaves what is under way`() throws {
        let core = try Made.memory()
        for message in 1...3 {
            try post(
                core, Self.alice, UInt64(message), (0..<60).map { ("\(message) \($0)", 100) })
        }
        let first = try search(core)
        #expect(first.rows.count == Limits.chunksSearched)
        let open = Set(first.rows.map(\.chunk))
        let second = try search(core) { $0.underWay = open }
        #expect(second.rows.count == Limits.chunksSearched)
        #expect(open.isDisjoint(with: second.rows.map(\.chunk)))
    }

    @Test func `what came counts for all who name it, what did not waits its time`() throws {
        let core = try Made.memory()
        let first = try post(core, Self.alice, 1, [("shared", 100), ("late", 50)])
        try post(core, Self.alice, 2, [("more", 70)])
        // Bob says something else of the size; that is his alone.
        let lie = try post(core, Self.bob, 1, [("shared", 99), ("own", 10)])
        _ = try search(core) { $0.notes = [.postponed(Self.chunk("shared"), lie, until: 5_000)] }
        var found = try search(core, after: .init(server: Self.server, author: Self.bob.publicKey))
        #expect(found.rows.first { $0.chunk == Self.chunk("shared") }?.size == 100)
        found = try search(core) {
            $0.notes = [
                .kept(Self.chunk("shared"), bytes: 100),
                .postponed(Self.chunk("late"), first, until: 2_000),
            ]
        }
        #expect(found.rows.map(\.chunk) == [Self.chunk("more")])
        #expect(found.keptBytes == 100 && found.keptCount == 1)
        found = try search(core, after: found.place)
        #expect(found.rows.map(\.chunk) == [Self.chunk("own")])
        #expect(found.keptBytes == 100 && found.keptCount == 1)
        #expect(try search(core, at: 2_000).rows.count == 1)
        #expect(try search(core, at: 2_001).rows.count == 2)
    }

    @Test func `what was lost is missing again, and restarts change nothing`() throws {
        let scratch = try Scratch()
        let data = try scratch.data()
        var core = try Made.open(data)
        let message = try post(core, Self.alice, 1, [("a", 100), ("b", 100), ("c", 100)])
        _ = try search(core) {
            $0.notes = [
                .kept(Self.chunk("a"), bytes: 100), .kept(Self.chunk("b"), bytes: 100),
                .postponed(Self.chunk("c"), message, until: 9_000),
            ]
        }
        try core.close()
        core = try Made.open(data)
        #expect(try search(core).rows.isEmpty)
        let kept = [Self.chunk("a"), Self.chunk("b")].sorted()
        #expect(try core.keptChunks(after: nil) == kept)
        #expect(try core.keptChunks(after: kept[0]) == [kept[1]])
        try core.lose([kept[0], Self.chunk("nobody's")])
        #expect(try search(core).rows.map(\.chunk) == [kept[0]])
        #expect(try core.keptChunks(after: nil) == [kept[1]])
        var batch = StoreBatch()
        batch.erasedServers = [Self.server]
        try core.commit([batch])
        #expect(try search(core).rows.isEmpty)
        #expect(try core.keptChunks(after: nil).isEmpty)
        try core.close()
    }

    @Test func `many authors with nothing to ask for are passed over in steps`() throws {
        let core = try Made.memory()
        let count = 1_100
        for number in 0..<count {
            var seed = [UInt8](repeating: 0, count: 32)
            (seed[0], seed[1]) = (UInt8(number & 255), UInt8(number >> 8))
            let key = SigningKey(seed: seed)
            let message = try post(core, key, 1, [("\(number)", 10)])
            let note = ChunkNote.postponed(Self.chunk("\(number)"), message, until: 9_000)
            let found = try search(core) {
                $0.notes = [note]
                $0.passingOver = []
            }
            #expect(found.rows.isEmpty)
            if number == count - 1 {
                #expect(!found.isComplete)
                let rest = try search(core, after: found.place)
                #expect(rest.rows.isEmpty)
            }
        }
    }

    /// 64 of the latest cost what they do without thousands beside them that are here.
    @Test func `a search costs what it finds, not what is here`() throws {
        let costs = try [1, 40].map { messages in
            let core = try Made.memory()
            for message in 1...messages {
                let names = (0..<60).map { ("\(message) \($0)", UInt64(100)) }
                let id = try post(core, Self.alice, UInt64(message), names)
                let until = UInt64(9_000)
                _ = try search(core) {
                    $0.notes = names.map { .postponed(Self.chunk($0.0), id, until: until) }
                }
            }
            try post(core, Self.bob, 1, [("new", 100)])
            var found = 0
            let cost = try core.work { found = try search(core).rows.count }
            #expect(found == 1)
            return cost
        }
        #expect(costs[0] > 20)
        #expect(costs[0] == costs[1], "\(costs)")
    }
}
