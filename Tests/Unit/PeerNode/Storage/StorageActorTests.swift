import PeerNode
import PeerState
import PeerTesting
import Testing

/// What `Store` acknowledges to many callers at once is on the disk, whichever call failed.
@Suite struct StorageActorTests {
    /// Hands over all batches at once.
    ///
    /// - Returns: whether each was acknowledged.
    private func commitAll(_ store: Store, _ batches: [StoreBatch]) async -> [Bool] {
        await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, batch) in batches.enumerated() {
                group.addTask {
                    do {
                        try await store.commit(batch)
                        return (index, true)
                    } catch {
                        return (index, false)
                    }
                }
            }
            var results = [Bool](repeating: false, count: batches.count)
            for await (index, isDone) in group { results[index] = isDone }
            return results
        }
    }

    private static func batch(_ number: Int) -> StoreBatch {
        var batch = StoreBatch()
        batch.settings = [Setting(name: "setting \(number)", value: [UInt8(number)])]
        return batch
    }

    private static func open(_ disk: FaultyDisk) throws -> Store {
        var entropy = Entropy.seeded(SeededRandom(seed: 3))
        return Store(try disk.store(&entropy))
    }

    private func close(_ store: Store) async {
        do { try await store.close() } catch { #expect(error.code != .corrupt) }
    }

    @Test(arguments: [FaultyDisk.Trouble.inputOutput, .full, .halfway])
    func `what is acknowledged to one of many is there`(trouble: FaultyDisk.Trouble) async throws {
        let start = FaultyDisk(seed: 1)
        await close(try Self.open(start))
        let batches = (0..<8).map(Self.batch)
        var number: UInt64 = 0
        var refused = 0
        while true {
            number += 1
            let disk = start.copy()
            let store = try Self.open(disk)
            disk.fail([.write, .sync], at: number, trouble)
            let results = await commitAll(store, batches)
            let wasStruck = disk.struck > 0
            refused += results.filter { !$0 }.count
            disk.stop()
            await close(store)
            disk.start(.dropped)
            var entropy = Entropy.seeded(SeededRandom(seed: 3))
            let core = try disk.store(&entropy)
            for (index, isDone) in results.enumerated() where isDone {
                let value = try core.setting("setting \(index)")
                #expect(value == [UInt8(index)], "\(trouble) at call \(number): \(index)")
            }
            try core.close()
            if !wasStruck { break }
        }
        #expect(refused > 0)
        #expect(number > 2)
    }
}
