import PeerNet
import PeerState

/// Somebody who waits for texts to be complete.
struct TextWait {
    let continuation: CheckedContinuation<Bool, Never>
    /// `nil` without an end of its own.
    let timer: PeerNet.Timer?
}

/// Filling the tables of readable messages, and reading again what they lack.
extension Node {
    /// Empties the texts of a database that lacks some; `fillTexts` writes them anew.
    func prepareTexts() async throws {
        guard look({ $0.lacksTexts }) else { return try await fillUnwritten() }
        log.log(.info, "the store is being prepared for reading and search; this happens once")
        try await store.beginRebuild()
        guard core.lacksChannelNumbers else { return }
        // Nothing can be numbered before the messages of old are: they come from a database that
        // kept no texts at all.
        try await fillTexts(of: generation)
        var totals: [ChannelTotals] = []
        for server in core.servers.keys.sorted() {
            totals += try await store.channelTotals(in: server)
        }
        core.restore(totals)
    }

    /// Fills texts that the store lacks beside everything else: what is sent meanwhile is stored
    /// between two steps.
    ///
    /// State is whole by now, so each event says what it shows. A crash begins it again, and so
    /// does a batch that the store refused, and after a while a reading that failed.
    func fillTexts() {
        // While nothing can be stored it would be lost; the next memory begins it again.
        guard core.lacksTexts, !core.pause.isOn else { return }
        let generation = generation
        fillsUnderWay += 1
        own { node in
            do { try await node.fillTexts(of: generation) } catch {
                node.log.log(.error, "filling the texts of messages: \(error)")
                node.feed(.fillFailed, of: generation)
            }
            node.endFilling()
            do { while !node.isStopping, try await node.store.mergeSearch() {} } catch {
                node.log.log(.error, "tidying the search index: \(error)")
            }
        }
    }

    private func endFilling() {
        fillsUnderWay -= 1
        guard fillsUnderWay == 0 else { return }
        for id in textWaits.keys.sorted() { endTextWait(id, true) }
    }

    /// Until the store has the texts of all messages that can be read, or cannot be given them.
    ///
    /// - Parameter limit: how long at most; `nil` = as long as that takes.
    /// - Returns: `false` when that time is over before, or the task is cancelled.
    @discardableResult
    func waitForTexts(atMost limit: Milliseconds? = nil) async -> Bool {
        guard isFillingTexts else { return true }
        nextTextWait += 1
        let id = nextTextWait
        return await withTaskCancellationHandler {
            await withTaskExecutorPreference(loop) {
                await withCheckedContinuation { beginTextWait(id, $0, atMost: limit) }
            }
        } onCancel: {
            enter { $0.endTextWait(id, false) }
        }
    }

    private func beginTextWait(
        _ id: UInt64, _ continuation: CheckedContinuation<Bool, Never>,
        atMost limit: Milliseconds?
    ) {
        // The filling may have ended on the way here.
        guard isFillingTexts else { return continuation.resume(returning: true) }
        guard !Task.isCancelled else { return continuation.resume(returning: false) }
        var timer: PeerNet.Timer?
        if let limit {
            do { timer = try PeerNet.Timer(loop) { self.endTextWait(id, false) } } catch {
                log.log(.error, "waiting for texts: \(error)")
                return continuation.resume(returning: false)
            }
            timer?.arm(at: loop.now + limit)
        }
        textWaits[id] = TextWait(continuation: continuation, timer: timer)
    }

    /// Ends one wait; a second call does nothing.
    private func endTextWait(_ id: UInt64, _ isComplete: Bool) {
        guard let wait = textWaits.removeValue(forKey: id) else { return }
        wait.timer?.close()
        wait.continuation.resume(returning: isComplete)
    }

    private func fillTexts(of generation: UInt64) async throws {
        for server in core.servers.keys.sorted() {
            // What comes from now on writes its own texts; those who write it cannot hold this up.
            let end = core.servers[server]?.nextLamport ?? 0
            var after: OrderKey?
            repeat {
                guard generation == self.generation, !isStopping else { return }
                let rows = try await store.events(
                    of: server, after: after, maxCount: options.eventsPerFill)
                feed(.refilled(server, rows), of: generation)
                after = rows.last.flatMap { $0.lamport < end ? $0.orderKey : nil }
            } while after != nil
        }
        // After every batch of the above, which is stored in order.
        try await store.commit(StoreBatch())
        guard generation == self.generation, !isStopping else { return }
        try await store.forgetKeptArrivals()
        feed(.textsComplete, of: generation)
        log.log(.info, "the store is ready for reading and search")
    }

    /// Writes the texts of messages that were stored a moment before a crash.
    private func fillUnwritten() async throws {
        guard try await store.hasUnwrittenTexts() else { return }
        let servers = core.servers
        let isWritten = try await store.refill { row in
            servers[row.server]?.textChanges(of: row) ?? []
        }
        if !isWritten { log.log(.warning, "the disk is full: the last texts are kept in memory") }
    }

    func rescan(_ server: Server.ID) async {
        let generation = generation
        let from = core.servers[server]?.rescanFrom ?? 0
        var place: NodeStorage.RescanPlace? = .from(lamport: from)
        do {
            while let now = place {
                place = try await store.read { core in
                    var place: NodeStorage.RescanPlace? = now
                    // What was read is shown while the next is read, and stored while that is
                    // shown.
                    for _ in 0..<Limits.rescanSteps where place != nil {
                        let rows = try NodeStorage.rescan(server, &place, core)
                        if !rows.isEmpty { enter(.rescanned(server, rows), of: generation) }
                    }
                    return place
                }
            }
            enter(.rescanned(server, []), of: generation)
        } catch {
            log.log(.error, "reading messages again: \(error)")
            enter(.rescanFailed(server), of: generation)
        }
    }

    func reopen(_ server: Server.ID, _ messages: [MessageSource]) async {
        let generation = generation
        do {
            try await store.read { core in
                let found = try NodeStorage.reopened(messages, in: server, core)
                enter(.reopened(server, found), of: generation)
            }
        } catch {
            log.log(.error, "reading messages again: \(error)")
            enter(.reopenFailed(server, messages), of: generation)
        }
    }

    /// Takes what was read in one order with the completion of commits: what one of them makes
    /// visible is then never announced again by what was read before it.
    private nonisolated func enter(_ input: NodeCore.Input, of asked: UInt64) {
        loop.perform { [weak self] in self?.assumeIsolated { $0.feed(input, of: asked) } }
    }
}
