import PeerState
import Testing

@Suite struct StoreCheckpointTests {
    private func checkpoint(_ version: UInt64 = 1) -> Checkpoint {
        Checkpoint(
            server: Made.server, foldVersion: version, frontier: Made.id("frontier"),
            state: Made.id("state"), atMilliseconds: 12)
    }

    private func write(
        _ core: StoreCore, _ parts: [[UInt8]], version: UInt64 = 1
    ) throws(StoreFailure) {
        try core.writeCheckpoint(checkpoint(version)) { index in
            index < parts.count ? parts[index] : nil
        }
    }

    private func parts(_ core: StoreCore) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        try core.forEachCheckpointPart(of: Made.server) { found.append($0) }
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
            try core.writeCheckpoint(checkpoint()) { index throws(StoreFailure) in
                guard index == 0 else { throw StoreFailure(.ioError) }
                return [2]
            }
        }
        #expect(try parts(core) == [[1]])
        #expect(throws: StoreFailure.self) {
            try core.writeCheckpoint(
                Checkpoint(
                    server: Made.id("unknown"), foldVersion: 1, frontier: Made.id("f"),
                    state: Made.id("s"), atMilliseconds: 0)
            ) { _ in nil }
        }
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

    @Test func `a changed part is found before it is used`() throws {
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
