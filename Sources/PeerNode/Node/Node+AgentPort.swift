import PeerNet
package import PeerState

/// A call that waits for a message.
struct Wait {
    let continuation: CheckedContinuation<Bool, Never>
    let timer: PeerNet.Timer
}

/// The questions of the agent layer: messages come from the store, all else from the core.
extension Node: AgentPort {
    package func displayName() -> String { core.displayName }
    package func servers() -> [ServerSnapshot] { look { $0.serverSnapshots() } }

    package func channels(in server: Server.ID) async throws -> [ChannelSnapshot] {
        _ = try look { try $0.hosted(server) }
        let totals = try await ask { store in try store.channelTotals(in: server) }
        return try look { try $0.channelSnapshots(in: server, totals) }
    }

    package func namedChannels(in server: Server.ID) throws -> [ChannelSnapshot] {
        try look { try $0.namedChannels(in: server) }
    }

    package func members(in server: Server.ID) throws -> [MemberSnapshot] {
        try look { try $0.memberSnapshots(in: server) }
    }

    package func roles(in server: Server.ID) throws -> [RoleInfo] {
        try look { try $0.roles(in: server) }
    }

    package func health() async -> NodeHealth {
        var health = NodeHealth(
            isRecovering: look { $0.isRecovering }, writeRefusal: look { $0.writeRefusal?.code })
        do {
            _ = try await store.read { core in try core.settings(prefix: "incarnation") }
        } catch {
            log.log(.error, "the store does not answer: \(error)")
            health.isStoreAlive = false
        }
        return health
    }

    package func proposals(in server: Server.ID) throws -> [ProposalInfo] {
        try look { try $0.proposals(in: server) }
    }

    package func links(in server: Server.ID) throws -> [LinkInfo] {
        try look { try $0.links(in: server) }
    }

    package func connection() -> ConnectionSnapshot { look { $0.connectionSnapshot() } }

    package func page(_ request: PageRequest) async throws -> MessagePage {
        let request = try look { try $0.checked(request) }
        let feed = core.visibleFeed
        let found = try await ask { store in try NodeStorage.messages(request, store) }
        try await openReactions(of: found.page.messages)
        return try look { try $0.page(request, found, feed: feed) }
    }

    package func message(_ id: Event.ID) async throws -> MessageSnapshot {
        let found = try await ask { store in try store.message(id, withSealed: true) }
        guard let found else { return try look({ try $0.message(id, nil) }) }
        let isReader = look { $0.mayRead(found.channel, in: found.server) }
        let contexts = try await ask { store in
            try NodeStorage.contexts(of: [found], withSealed: isReader, store)
        }
        try await openReactions(of: [found])
        return try look { try $0.message(id, found, contexts[id]) }
    }

    package func messageIDs(startingWith hexPrefix: String) async -> [Event.ID] {
        await asked([]) { store in try store.messageIDs(startingWith: hexPrefix, limit: 3) }
    }

    package func inbox(
        principal: String, channels: Set<Channel.ID>?, messagesPerChannel: Int
    ) async -> InboxSnapshot {
        let feed = core.visibleFeed
        let places = look { $0.inboxPlaces(channels) }
        let found = await asked([]) { store in
            try NodeStorage.unread(
                in: places, by: principal, messagesPerChannel: messagesPerChannel, store)
        }
        return look { $0.inbox(found, feed: feed, principal: principal) }
    }

    package func feedPosition() -> UInt64 { core.visibleFeed }

    package func news(
        after feed: UInt64, filter: WaitFilter, limit: Int
    ) async -> [MessageSnapshot] {
        let start = look { $0.newsStart(after: feed) }
        let filter = look { $0.heard(filter) }
        let found = await asked([]) { store in
            try NodeStorage.news(after: start, filter, limit: limit, store)
        }
        return look { $0.snapshots(of: found) }
    }

    /// Looks back no further than 30 min.
    package func quietMilliseconds(filter: WaitFilter) async -> UInt64? {
        let filter = look { $0.heard(filter) }
        let now = SystemClock.wallMilliseconds()
        let since = now > Limits.quietLookback ? now - Limits.quietLookback : 0
        let last = await asked(nil) { store in
            try store.lastArrival(since: since) { filter.matches(Arrival($0)) }?.atMilliseconds
        }
        return last.map { now > $0 ? now - $0 : 0 }
    }

    /// Asks the core where it lies: as a field of this class it would be copied whole for each
    /// question (docs/decisions/0041).
    func look<Value, Problem: Error>(
        _ question: (inout NodeCore) throws(Problem) -> Value
    ) throws(Problem) -> Value {
        try question(&core)
    }

    /// Reads on the store's thread, once it has all texts.
    ///
    /// - Errors: `NodeFailure`, also for what the store refuses.
    func ask<Value: Sendable>(
        _ body: @Sendable (StoreCore) throws -> Value
    ) async throws -> Value {
        await waitForTexts()
        return try await askAsItIs(body)
    }

    /// The same while texts may be missing.
    private func askAsItIs<Value: Sendable>(
        _ body: @Sendable (StoreCore) throws -> Value
    ) async throws -> Value {
        do {
            return try await store.read(body)
        } catch let failure as StoreFailure {
            if failure.code == .closed {
                throw NodeFailure(.shuttingDown, "the node is stopping")
            }
            throw NodeFailure(.storeFailed, failure.description)
        }
    }

    /// The same where nothing can be thrown: what fails is logged and answered as `empty`.
    func asked<Value: Sendable>(
        _ empty: Value, _ body: @Sendable (StoreCore) throws -> Value
    ) async -> Value {
        do {
            return try await ask(body)
        } catch {
            if !isStopping { log.log(.error, "reading messages: \(error)") }
            return empty
        }
    }

    package func waitForNews(
        after feed: UInt64, filter: WaitFilter, timeout: Milliseconds
    ) async throws -> Bool {
        if isStopping { throw NodeFailure(.shuttingDown, "the node is stopping") }
        if timeout.count == 0 { return await hasNews(after: feed, filter) }
        let began = loop.now
        guard await waitForTexts(atMost: timeout) else { return false }
        // Registered before the store is asked: what becomes visible in between wakes it.
        let id = try beginLooking(filter)
        // A task keeps what it has once needed until it ends, and a thousand may wait here.
        let isThere = await Task.immediate { await hasNews(after: feed, filter) }.value
        let isWoken = looking.removeValue(forKey: id) ?? false
        if isThere || isWoken || Task.isCancelled || isStopping {
            core.removeWaiter(id)
            return isThere || isWoken
        }
        let timer: PeerNet.Timer
        do { timer = try PeerNet.Timer(loop) { self.wake(id, found: false) } } catch {
            core.removeWaiter(id)
            throw error
        }
        timer.arm(at: max(loop.now, began + timeout))
        // Cancelling frees the place at once, also for who asks again in the same turn.
        return await withTaskCancellationHandler {
            await withTaskExecutorPreference(loop) {
                await withCheckedContinuation { continuation in
                    waits[id] = Wait(continuation: continuation, timer: timer)
                    if Task.isCancelled { wake(id, found: false) }
                }
            }
        } onCancel: {
            enter { $0.wake(id, found: false) }
        }
    }

    private func beginLooking(_ filter: WaitFilter) throws(NodeFailure) -> NodeCore.WaiterID {
        let id = try core.addWaiter(look { $0.heard(filter) })
        looking[id] = false
        return id
    }

    private func hasNews(after feed: UInt64, _ filter: WaitFilter) async -> Bool {
        !(await news(after: feed, filter: filter, limit: 1)).isEmpty
    }

    /// Adds what the store knows to an action that speaks of messages.
    func completed(_ action: Action) async throws -> Action {
        switch action {
        case .postMessage(var post) where post.parent != nil || post.clientMessageID != nil:
            let asked = post
            // Sending waits for no other text than the one it answers.
            post.known = try await askAsItIs { store in
                try NodeStorage.known(about: asked, store)
            }
            if isFillingTexts, post.parent != nil, post.known.parentFeed == nil {
                post.known = try await ask { store in
                    try NodeStorage.known(about: asked, store)
                }
            }
            return .postMessage(post)
        case .markRead(let mark):
            return .markRead(
                try await ask { store in try NodeStorage.completed(mark, store) })
        case .content(.react, let message, let server, _),
            .content(.unreact, let message, let server, _):
            try await openReactions(of: [(server: server, id: message)])
            return action
        default: return action
        }
    }

    /// Runs `body` in this actor's isolation: now on its loop, from elsewhere in a later turn.
    nonisolated func enter(_ body: @escaping @Sendable (isolated Node) -> Void) {
        if loop.isCurrent {
            assumeIsolated(body)
        } else {
            loop.perform { [weak self] in self?.assumeIsolated(body) }
        }
    }

    /// Ends one wait; a second call does nothing.
    func wake(_ id: NodeCore.WaiterID, found: Bool) {
        core.removeWaiter(id)
        if looking[id] != nil && found { looking[id] = true }
        guard let wait = waits.removeValue(forKey: id) else { return }
        wait.timer.close()
        wait.continuation.resume(returning: found)
    }

    package func current(of principal: String) -> (server: Server.ID?, channel: Channel.ID?) {
        look { $0.currentPlace(of: principal) }
    }

    package func setCurrent(
        of principal: String, server: Server.ID?, channel: Channel.ID?
    ) throws {
        if let refusal = look({ $0.writeRefusal }) { throw refusal }
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
