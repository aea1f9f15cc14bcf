import PeerState
import Testing

/// The store as an actor: its thread, group commit, and its end.
@Suite struct StoreTests {
    private func open(_ scratch: Scratch) throws -> Store {
        var entropy = Entropy.system
        return try Store.open(try scratch.data(), owner: Made.owner, entropy: &entropy)
    }

    private func commitCode(_ store: Store, _ batch: StoreBatch) async -> StoreCode? {
        do throws(StoreFailure) {
            try await store.commit(batch)
            return nil
        } catch {
            return error.code
        }
    }

    private func readCode(_ store: Store) async -> StoreCode? {
        do throws(StoreFailure) {
            _ = try await store.loadServers()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `what was committed is there after closing and opening`() async throws {
        let scratch = try Scratch()
        let store = try open(scratch)
        try await store.commit(Made.own(Made.event(1)))
        #expect(try await store.events(of: Made.server, after: nil) == [Made.event(1)])
        try await store.close()
        try await store.close()
        let again = try open(scratch)
        #expect(again.opening.verdict == .fine && !again.opening.isNew)
        #expect(try await again.loadServers() == [Made.server])
        try await again.check()
        try await again.close()
    }

    @Test func `waiting batches share transactions, in order`() async throws {
        let scratch = try Scratch()
        let store = try open(scratch)
        let count: UInt64 = 2_000
        let order = Locked<[UInt64]>([])
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            for seq in 1...count {
                store.submit(Made.own(Made.event(seq))) { result in
                    #expect(throws: Never.self) { try result.get() }
                    let isLast = order.withLock { order in
                        order.append(seq)
                        return order.count == Int(count)
                    }
                    if isLast { done.resume() }
                }
            }
        }
        #expect(order.withLock { $0 } == Array(1...count))
        let transactions = try await store.transactionCount()
        print("group commit: \(count) batches in \(transactions) transactions")
        #expect(transactions < Int(count) / 2)
        let stored = try await store.read { try $0.all().map(\.seq) }
        #expect(stored == Array(1...count))
        try await store.close()
    }

    @Test func `many tasks commit and read at once`() async throws {
        let scratch = try Scratch()
        let store = try open(scratch)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for author in 0..<20 {
                group.addTask {
                    for seq in UInt64(1)...20 {
                        let event = Made.event(seq, by: Made.id("author \(author)"))
                        try await store.commit(Made.batch([event]))
                        let found = try await store.envelope(server: Made.server, id: event.id)
                        #expect(found == event.envelope)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.read { try $0.all().count } == 400)
        try await store.close()
    }

    @Test func `a failure reaches every batch of its transaction, and later ones go on`()
        async throws
    {
        var entropy = Entropy.system
        let store = Store(try StoreCore(entropy: &entropy))
        var bad = StoreBatch()
        let row = FeedRow(
            position: 1, server: Made.server, event: Made.id("e"), kind: "k", atMilliseconds: 0,
            channelSeq: 0)
        bad.feed = [row, row]
        #expect(await commitCode(store, bad) == .conflict)
        try await store.commit(Made.batch([Made.event(1)]))
        #expect(try await store.feed(after: 0, limit: 9).isEmpty)
        try await store.close()
    }

    @Test func `after closing everything is refused, and nothing hangs`() async throws {
        var entropy = Entropy.system
        let store = Store(try StoreCore(entropy: &entropy))
        try await store.close()
        for _ in 0..<50 {
            #expect(await commitCode(store, StoreBatch()) == .closed)
            #expect(await readCode(store) == .closed)
        }
    }

    @Test func `what was submitted before closing is stored`() async throws {
        let scratch = try Scratch()
        let store = try open(scratch)
        for seq in UInt64(1)...50 {
            store.submit(Made.own(Made.event(seq))) { result in
                #expect(throws: Never.self) { try result.get() }
            }
        }
        try await store.close()
        let again = try open(scratch)
        #expect(try await again.read { try $0.all().count } == 50)
        try await again.close()
    }

    @Test func `too many waiting batches are refused`() async throws {
        var entropy = Entropy.system
        let store = Store(try StoreCore(entropy: &entropy))
        let gate = Locked(0)
        // Holds the thread up inside the first completion until the queue has overflowed.
        let refused = Locked(0)
        store.submit(StoreBatch()) { _ in
            while refused.withLock({ $0 }) == 0 {}
            gate.withLock { $0 += 1 }
        }
        for _ in 0..<(2 * Limits.waitingBatches + 2) {
            store.submit(StoreBatch()) { result in
                if case .failure(let failure) = result {
                    #expect(failure.code == .busy)
                    refused.withLock { $0 += 1 }
                } else {
                    gate.withLock { $0 += 1 }
                }
            }
            if refused.withLock({ $0 }) > 0 { break }
        }
        #expect(refused.withLock { $0 } == 1)
        try await store.close()
        #expect(gate.withLock { $0 } >= Limits.waitingBatches)
    }
}
