/// The event store as the rest of the node uses it: on its own thread, with group commit.
///
/// All batches that wait when the thread wakes share one transaction and one sync. The owner calls
/// `close` before letting go.
package actor Store {
    private struct Submission: Sendable {
        let batch: StoreBatch
        let generation: UInt64
        let completion: @Sendable (Result<Void, StoreFailure>) -> Void
    }

    private struct Inbox {
        var waiting: [Submission] = []
        /// The thread was told and will take all that waits.
        var isAnnounced = false
    }

    private let executor: StoreExecutor
    private let inbox = Locked(Inbox())
    private let core: StoreCore
    private var isClosed = false
    /// The generation whose batches are refused, and why: one of them failed.
    private var refused: (generation: UInt64, failure: StoreFailure)?
    package nonisolated let opening: StoreOpening

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Takes over an open core; nobody else may use it from now on.
    package init(_ core: sending StoreCore) {
        executor = StoreExecutor()
        opening = core.opening
        self.core = core
        executor.whenIdle { [weak self] in self?.assumeIsolated { $0.tidy() } }
    }

    /// Writes the texts that wait; whatever prevents it meets the next reader, who reports it.
    private func tidy() {
        guard !isClosed else { return }
        do { try core.settleTexts() } catch { return }
    }

    /// Opens the store of a data directory on the calling thread: for the start of a process.
    ///
    /// - Parameter locked: as of `StoreCore.init`.
    /// - Errors: those of `StoreCore.init`.
    package static func open(
        _ directory: DataDirectory, owner: Peer.ID, entropy: inout Entropy,
        locked: @Sendable () -> Void = {}
    ) throws(StoreFailure) -> Store {
        Store(try StoreCore(directory, owner: owner, entropy: &entropy, locked: locked))
    }

    /// Stores a batch and returns when it is on disk.
    ///
    /// - Errors: those of `StoreCore.commit`; a failure is that of all batches in the transaction.
    ///   `busy` when too many wait; `closed`.
    package nonisolated func commit(_ batch: StoreBatch) async throws(StoreFailure) {
        let result = await withCheckedContinuation { continuation in
            submit(batch) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// Hands over a batch without waiting; wakes the thread only if it is idle.
    ///
    /// - Parameter completion: called once, on the store's thread (at once, on the caller's, for
    ///   `busy`). Batches are stored, and completions called, in the order of submission.
    /// Once a batch fails, every later one of its generation or before fails, too: it may build on
    /// what is not there. The caller reads its memory again and goes on with the next generation.
    /// - Bound: `Limits.waitingBatches`, then `busy`.
    package nonisolated func submit(
        _ batch: StoreBatch, generation: UInt64 = .max,
        completion: @escaping @Sendable (Result<Void, StoreFailure>) -> Void
    ) {
        let submission = Submission(
            batch: batch, generation: generation, completion: completion)
        let (isFull, mustAnnounce) = inbox.withLock { inbox in
            guard inbox.waiting.count < Limits.waitingBatches else { return (true, false) }
            inbox.waiting.append(submission)
            defer { inbox.isAnnounced = true }
            return (false, !inbox.isAnnounced)
        }
        if isFull {
            completion(.failure(StoreFailure(.busy, "too many commits wait for the disk")))
        }
        guard mustAnnounce else { return }
        executor.enqueue { self.assumeIsolated { $0.commitWaiting() } }
    }

    private func commitWaiting() {
        let taken = inbox.withLock { inbox in
            let waiting = inbox.waiting
            inbox = Inbox()
            return waiting
        }
        let waiting = taken.filter { submission in
            guard let refused, submission.generation <= refused.generation else { return true }
            submission.completion(.failure(refused.failure))
            return false
        }
        guard !waiting.isEmpty else { return }
        do throws(StoreFailure) {
            try core.commit(waiting.map(\.batch)) {
                for submission in waiting { submission.completion(.success(())) }
            }
        } catch {
            let generations = waiting.map(\.generation).filter { $0 != .max }
            if let latest = generations.max() { refused = (latest, error) }
            for submission in waiting { submission.completion(.failure(error)) }
        }
    }

    /// Stores what waits, copies the log into the database, and ends the thread.
    ///
    /// Later commits are refused as `closed`. A second call does nothing.
    /// - Errors: of the last checkpoint; everything acknowledged is on disk all the same.
    package nonisolated func close() async throws(StoreFailure) {
        let result = await finish()
        executor.stop()
        try result.get()
    }

    private func finish() -> Result<Void, StoreFailure> {
        guard !isClosed else { return .success(()) }
        isClosed = true
        commitWaiting()
        do throws(StoreFailure) {
            return .success(try core.close())
        } catch {
            return .failure(error)
        }
    }

    /// Runs `body` on the store's thread, for reading that has no method of its own.
    package func read<Value: Sendable>(
        _ body: @Sendable (StoreCore) throws -> Value
    ) throws -> Value {
        guard !isClosed else { throw StoreFailure(.closed, "the store was closed") }
        return try body(core)
    }

    /// The core, for methods in other files.
    func use<Value>(
        _ body: (StoreCore) throws(StoreFailure) -> Value
    ) throws(StoreFailure) -> Value {
        guard !isClosed else { throw StoreFailure(.closed, "the store was closed") }
        return try body(core)
    }
}
