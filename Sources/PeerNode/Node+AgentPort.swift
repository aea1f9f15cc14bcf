import PeerNet
package import PeerState

/// A call that waits for a message.
struct Wait {
    let continuation: AsyncStream<Bool>.Continuation
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
        let (stream, continuation) = AsyncStream.makeStream(
            of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        let timer: PeerNet.Timer
        do { timer = try PeerNet.Timer(loop) { self.wake(id, found: false) } } catch {
            core.removeWaiter(id)
            throw error
        }
        waits[id] = Wait(continuation: continuation, timer: timer)
        timer.arm(at: loop.now + timeout)
        // The stream ends by itself when the calling task is cancelled.
        let found = await Self.first(of: stream)
        wake(id, found: false)
        return found ?? false
    }

    private static func first(of stream: AsyncStream<Bool>) async -> Bool? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }

    /// Ends one wait; a second call does nothing.
    func wake(_ id: NodeCore.WaiterID, found: Bool) {
        core.removeWaiter(id)
        guard let wait = waits.removeValue(forKey: id) else { return }
        wait.timer.close()
        wait.continuation.yield(found)
        wait.continuation.finish()
    }

    package func current(of principal: String) -> (server: Server.ID?, channel: Channel.ID?) {
        core.currentPlace(of: principal)
    }

    package func setCurrent(
        of principal: String, server: Server.ID?, channel: Channel.ID?
    ) throws {
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
        let (stream, continuation) = AsyncStream.makeStream(
            of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        let id = sleeps.add(continuation)
        let timer = try PeerNet.Timer(loop) { self.sleeps.wake(id) }
        timer.arm(at: loop.now + duration)
        if isStopping { sleeps.wake(id) }
        _ = await Self.first(of: stream)
        sleeps.wake(id)
        timer.close()
        try Task.checkCancellation()
    }

    package func wallMilliseconds() -> UInt64 { SystemClock.wallMilliseconds() }
    package func entropy(_ count: Int) -> [UInt8] { core.drawEntropy(count) }
}

/// Calls that sleep on the node's clock.
struct SleepTable {
    private var sleepers: [UInt64: AsyncStream<Bool>.Continuation] = [:]
    private var counter: UInt64 = 0

    mutating func add(_ continuation: AsyncStream<Bool>.Continuation) -> UInt64 {
        counter += 1
        sleepers[counter] = continuation
        return counter
    }

    mutating func wake(_ id: UInt64) { sleepers.removeValue(forKey: id)?.finish() }

    mutating func wakeAll() {
        for sleeper in sleepers.values { sleeper.finish() }
        sleepers.removeAll()
    }
}

extension Limits {
    package static let changesKept = 256
}
