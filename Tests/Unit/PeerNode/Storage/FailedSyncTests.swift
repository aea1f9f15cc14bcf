import PeerNode
import PeerState
import PeerTesting
import Testing

/// H-124, decision 0046: what a failed call once led to, one test each.
@Suite struct FailedSyncTests {
    private func open(_ disk: FaultyDisk) throws -> StoreCore {
        var entropy = Entropy.seeded(SeededRandom(seed: 5))
        return try disk.store(&entropy)
    }

    private func setting(_ name: String) -> StoreBatch {
        var batch = StoreBatch()
        batch.settings = [Setting(name: name, value: [1])]
        return batch
    }

    private func expectStoreFailed(_ body: () throws -> Void) {
        let failure = #expect(throws: StoreFailure.self) { try body() }
        #expect(failure?.code == .storeFailed)
    }

    @Test func `a sync that fails while the log is turned on refuses the start`() throws {
        for number: UInt64 in 1...3 {
            let disk = FaultyDisk(seed: 1)
            disk.fail(.sync, at: number, .inputOutput)
            #expect(throws: StoreFailure.self, "sync \(number)") { _ = try open(disk) }
        }
    }

    @Test func `after a failed sync nothing is written, whoever asks, and reading goes on`() throws
    {
        let disk = FaultyDisk(seed: 2)
        let core = try open(disk)
        var batch = setting("before")
        batch.feed = [
            FeedRow(
                position: 1, server: Made.server, event: Made.event(1).id, kind: "MessageReceived",
                atMilliseconds: 1, channelSeq: 1)
        ]
        try core.commit([batch])
        disk.fail(.sync, at: 1, .inputOutput)
        expectStoreFailed { try core.pruneFeed(through: 1) }
        expectStoreFailed { try core.commit([setting("after")]) }
        expectStoreFailed { try core.pruneSent(nowMilliseconds: 1) }
        expectStoreFailed { try core.compactSearch() }
        #expect(try core.setting("before") == [1])
        #expect(try core.setting("after") == nil)
    }

    @Test func `what is acknowledged after a restart survives the pages that a sync lost`() throws {
        let disk = FaultyDisk(seed: 3)
        var core: StoreCore? = try open(disk)
        disk.fail(.sync, at: 1, .inputOutput)
        expectStoreFailed { try core?.commit([setting("doubtful")]) }
        disk.stop()
        core = nil
        disk.start()
        core = try open(disk)
        try core?.commit([setting("kept")])
        disk.stop()
        core = nil
        disk.start(.dropped)
        #expect(try open(disk).setting("kept") == [1])
    }

    @Test func `a node reads although its checkpoint cannot be used and the disk is full`() throws {
        let script = try StoreScript()
        let course = try #require(
            script.courses.first { course in
                course.acts.contains { if case .checkpoint = $0 { true } else { false } }
            })
        let run = StoreRun(course, script)
        try run.open()
        for act in course.acts { try run.perform(act) }
        run.disk.fail(.write, at: 1, .full, lasting: true)
        let core = try #require(run.core)
        for server in try core.loadServers() {
            // One of another program.
            #expect(try core.checkpoint(of: server, foldVersion: .max) == nil)
        }
        #expect(!(try script.texts(run)).isEmpty)
    }
}
