import PeerState
import Testing

@Suite struct StoreCheckpointTests {
    private func checkpoint(_ version: UInt64 = 1) -> Checkpoint {
        Checkpoint(
            server: Made.server, foldVersion: version, frontier: Made.id("frontier"),
            state: Made.id("state"), atMilliseconds: 12)
    }

    private func write(
        _ core: StoreCore, _ parts: [[UInt8]], version: UInt64 = 1, changed: Set<Int64>? = nil,
        place: CheckpointPlace = CheckpointPlace(loadedThrough: 0, last: Made.event(1).id, count: 1)
    ) throws(StoreFailure) {
        let numbers = parts.indices.map { Int64($0) }
        _ = try core.writeCheckpoint(
            checkpoint(version), parts: numbers, changed: changed ?? Set(numbers), place: place
        ) { number in parts[Int(number)] }
    }

    private func parts(_ core: StoreCore) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        try core.forEachCheckpointPart(of: Made.server) { found.append($1) }
        return found
    }

    private func filled() throws -> StoreCore {
        let core = try Made.memory()
        try core.commit([Made.batch([Made.event(1)])])
        return core
    }

    @Test func `a checkpoint comes back as it was, in parts, and is replaced whole`() throws {
        let core = try filled()
        #expect(try core.checkpoint(of: Made.server, foldVersion: 1) == nil)
        try write(core, [[1, 2], [], [3]])
        #expect(try core.checkpoint(of: Made.server, foldVersion: 1) == checkpoint())
        #expect(try parts(core) == [[1, 2], [], [3]])
        try write(core, [[9]])
        #expect(try parts(core) == [[9]])
        try core.dropCheckpoint(of: Made.server)
        #expect(try core.checkpoint(of: Made.server, foldVersion: 1) == nil)
        #expect(try parts(core).isEmpty)
    }

    @Test func `another fold version is dropped`() throws {
        let core = try filled()
        try write(core, [[1]], version: 1)
        #expect(try core.checkpoint(of: Made.server, foldVersion: 2) == nil)
        #expect(try core.checkpoint(of: Made.server, foldVersion: 1) == nil)
    }

    @Test func `writing that fails keeps the old one`() throws {
        let core = try filled()
        try write(core, [[1]])
        #expect(throws: StoreFailure.self) {
            _ = try core.writeCheckpoint(
                checkpoint(), parts: [0, 1], changed: [0, 1], place: Self.place
            ) { number throws(StoreFailure) in
                guard number == 0 else { throw StoreFailure(.ioError) }
                return [2]
            }
        }
        #expect(try parts(core) == [[1]])
        #expect(throws: StoreFailure.self) {
            _ = try core.writeCheckpoint(
                Checkpoint(
                    server: Made.id("unknown"), foldVersion: 1, frontier: Made.id("f"),
                    state: Made.id("s"), atMilliseconds: 0),
                parts: [], changed: [], place: Self.place
            ) { _ in [] }
        }
    }

    private static let place = CheckpointPlace(
        loadedThrough: 0, last: Made.event(1).id, count: 1)

    @Test func `only parts that changed are made again`() throws {
        let core = try filled()
        try write(core, [[1], [2], [3]])
        var asked: [Int64] = []
        let base = try core.checkpointHash(of: Made.server)
        let place = CheckpointPlace(
            loadedThrough: 0, last: Made.event(1).id, count: 1, base: base)
        let name = try core.writeCheckpoint(
            checkpoint(), parts: [0, 1, 2, 3], changed: [1], place: place
        ) { number in
            asked.append(number)
            return [9]
        }
        #expect(asked == [1, 3])
        #expect(try parts(core) == [[1], [9], [3], [9]])
        #expect(try core.checkpoint(of: Made.server, foldVersion: 1) == checkpoint())
        #expect(try core.checkpointHash(of: Made.server) == name)
        // Over another checkpoint than is there now its parts would not be one whole.
        #expect(throws: StoreFailure.self) {
            _ = try core.writeCheckpoint(checkpoint(), parts: [0], changed: [0], place: place) {
                _ in [1]
            }
        }
    }

    @Test func `a checkpoint names the rows it was made of`() throws {
        let core = try filled()
        try write(core, [[1]])
        #expect(try core.checkpointThrough(of: Made.server).count == 1)
        // Of events that are not stored, or of fewer than are.
        let wrong = [
            CheckpointPlace(loadedThrough: 0, last: Made.event(2).id, count: 1),
            CheckpointPlace(loadedThrough: 0, last: Made.event(1).id, count: 2),
        ]
        for place in wrong {
            #expect(throws: StoreFailure.self) { try write(core, [[1]], place: place) }
        }
        let through = try core.checkpointThrough(of: Made.server).row
        try core.commit([Made.batch([Made.event(2)])])
        #expect(try core.checkpointThrough(of: Made.server).row == through)
        let tail = try core.events(of: Made.server, storedAfter: through)
        #expect(tail.events.map(\.id) == [Made.event(2).id])
        var batch = StoreBatch()
        batch.droppedEvents = [Made.event(1).id]
        try core.commit([batch])
        #expect(throws: StoreFailure.self) { try core.checkpointThrough(of: Made.server) }
    }

    @Test(arguments: [
        "UPDATE checkpoints SET state = zeroblob(32)", "UPDATE checkpoints SET at_ms = at_ms + 1",
        "UPDATE checkpoints SET frontier = x'00'", "DELETE FROM checkpoint_parts WHERE number = 1",
        "UPDATE checkpoint_parts SET hash = zeroblob(32) WHERE number = 0",
    ])
    func `a changed head is not used`(script: String) throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        var core = try Made.open(directory)
        try core.commit([Made.batch([Made.event(1)])])
        try write(core, [[1], [2]])
        try core.close()
        let database = try Database(path: directory.database)
        try database.execute(script)
        database.close()
        core = try Made.open(directory)
        #expect(try core.integrity().contains { $0.repair == .rebuild })
        #expect(try core.checkpoint(of: Made.server, foldVersion: 1) == nil)
        #expect(try !core.integrity().contains { $0.repair == .rebuild })
    }

    @Test func `S-237 a changed part is found before it is used`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        var core = try Made.open(directory)
        try core.commit([Made.batch([Made.event(1)])])
        try write(core, [[1], [2]])
        try core.close()
        let database = try Database(path: directory.database)
        try database.execute("UPDATE checkpoint_parts SET bytes = x'07' WHERE number = 1")
        database.close()
        core = try Made.open(directory)
        #expect(throws: StoreFailure.self) { try parts(core) }
        #expect(try core.integrity().contains { $0.repair == .rebuild })
    }
}
