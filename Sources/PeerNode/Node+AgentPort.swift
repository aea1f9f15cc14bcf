import PeerNet
package import PeerState

/// A call that waits for a message.
struct Wait {
    let continuation: CheckedContinuation<Bool, Never>
    let timer: PeerNet.Timer
}

/// The questions of the agent layer; each is answered from the core in one step.
extension Node: AgentPort {
    package func displayName() -> String { core.displayName }
    package func servers() -> [ServerSnapshot] { core.serverSnapshots() }

    package func channels(in server: Server.ID) throws -> [ChannelSnapshot] {
        try core.channelSnapshots(in: server)
    }

    package func members(in server: Server.ID) throws -> [MemberSnapshot] {
        try core.memberSnapshots(in: server)
    }

    package func connection() -> ConnectionSnapshot { core.connectionSnapshot() }

    package func health() async -> NodeHealth {
        var health = NodeHealth(
            isRecovering: core.isRecovering, writeRefusal: core.writeRefusal?.code)
        do {
            _ = try await store.read { core in try core.settings(prefix: "incarnation") }
        } catch {
            log.log(.error, "the store does not answer: \(error)")
            health.isStoreAlive = false
        }
        return health
    }

    package func page(_ request: PageRequest) throws -> MessagePage { try core.page(request) }
    package func message(_ id: Event.ID) throws -> MessageSnapshot { try core.message(id) }

    package func messageIDs(startingWith hexPrefix: String) -> [Event.ID] {
        core.messageIDs(startingWith: hexPrefix)
    }

    package func inbox(
        principal: String, channels: Set<Channel.ID>?, messagesPerChannel: Int
    ) -> InboxSnapshot {
        core.inbox(
            principal: principal, channels: channels, messagesPerChannel: messagesPerChannel)
    }

    package func feedPosition() -> UInt64 { core.visibleFeed }

    package func news(after feed: UInt64, filter: WaitFilter, limit: Int) -> [MessageSnapshot] {
        core.newsItems(after: feed, filter: filter, limit: limit)
    }

    package func quietMilliseconds(filter: WaitFilter) -> UInt64? {
        core.quietMilliseconds(filter: filter)
    }

    package func waitForNews(
        after feed: UInt64, filter: WaitFilter, timeout: Milliseconds
    ) async throws -> Bool {
        if isStopping { throw NodeFailure(.shuttingDown, "the node is stopping") }
        if !core.newsItems(after: feed, filter: filter, limit: 1).isEmpty { return true }
        if timeout.count == 0 || Task.isCancelled { return false }
        let id = try core.addWaiter(filter)
        let timer: PeerNet.Timer
        do { timer = try PeerNet.Timer(loop) { self.wake(id, found: false) } } catch {
            core.removeWaiter(id)
            throw error
        }
        timer.arm(at: loop.now + timeout)
        // Cancelling frees the place at once, also for who asks again in the same turn.
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waits[id] = Wait(continuation: continuation, timer: timer)
                if Task.isCancelled { wake(id, found: false) }
            }
        } onCancel: {
            enter { $0.wake(id, found: false) }
        }
    }

    /// Runs `body` in this actor's isolation: now on its loop, from elsewhere in a later turn.
    private nonisolated func enter(_ body: @escaping @Sendable (isolated Node) -> Void) {
        if loop.isCurrent {
            assumeIsolated(body)
        } else {
            loop.perform { [weak self] in self?.assumeIsolated(body) }
        }
    }

    /// Ends one wait; a second call does nothing.
    func wake(_ id: NodeCore.WaiterID, found: Bool) {
        core.removeWaiter(id)
        guard let wait = waits.removeValue(forKey: id) else { return }
        wait.timer.close()
        wait.continuation.resume(returning: found)
    }

    package func current(of principal: String) -> (server: Server.ID?, channel: Channel.ID?) {
        core.currentPlace(of: principal)
    }

    package func setCurrent(
        of principal: String, server: Server.ID?, channel: Channel.ID?
    ) throws {
        if let refusal = core.writeRefusal { throw refusal }
        core.setCurrentPlace(of: principal, server: server, channel: channel)
        feed(.touch)
    }

    package func changes() -> AsyncStream<Set<NodeChange>> {
        nextSubscriber += 1
        let id = nextSubscriber
        // Sets of subjects, newest 256: a reader that falls behind reads everything again.
        let (stream, continuation) = AsyncStream.makeStream(
            of: Set<NodeChange>.self, bufferingPolicy: .bufferingNewest(Limits.changesKept))
        guard !isStopping else {
            continuation.finish()
            return stream
        }
        subscribers[id] = continuation
        continuation.onTermination = { [weak self, loop] _ in
            loop.perform { [weak self] in self?.assumeIsolated { $0.subscribers[id] = nil } }
        }
        return stream
    }

    package func sleep(_ duration: Milliseconds) async throws {
        let id = sleeps.reserve()
        let timer = try PeerNet.Timer(loop) { self.sleeps.wake(id) }
        timer.arm(at: loop.now + duration)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                sleeps.add(id, continuation)
                if Task.isCancelled || isStopping { sleeps.wake(id) }
            }
        } onCancel: {
            enter { $0.sleeps.wake(id) }
        }
        timer.close()
        try Task.checkCancellation()
    }

    package func wallMilliseconds() -> UInt64 { SystemClock.wallMilliseconds() }
    package func entropy(_ count: Int) -> [UInt8] { core.drawEntropy(count) }
}

/// Calls that sleep on the node's clock.
struct SleepTable {
    private var sleepers: [UInt64: CheckedContinuation<Void, Never>] = [:]
    private var counter: UInt64 = 0

    mutating func reserve() -> UInt64 {
        counter += 1
        return counter
    }

    mutating func add(_ id: UInt64, _ continuation: CheckedContinuation<Void, Never>) {
        sleepers[id] = continuation
    }

    mutating func wake(_ id: UInt64) { sleepers.removeValue(forKey: id)?.resume() }

    mutating func wakeAll() {
        for sleeper in sleepers.values { sleeper.resume() }
        sleepers.removeAll()
    }
}

extension Limits {
    package static let changesKept = 256
}
