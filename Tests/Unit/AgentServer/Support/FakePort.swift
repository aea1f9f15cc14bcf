import PeerNode
import PeerState

/// A node by script: it shows what it was given and remembers what it was asked to do.
///
/// Its clock moves only by `advance`.
actor FakePort: AgentPort {
    nonisolated let peerID = Fake.peer(1)
    nonisolated let storeTag: UInt32 = 0x0102_0304

    struct Sleeper {
        let due: UInt64
        let resume: CheckedContinuation<Void, Never>
    }

    struct Waiter {
        let feed: UInt64
        let filter: WaitFilter
        let due: UInt64
        let resume: CheckedContinuation<Void, Never>
    }

    static let start: UInt64 = 1_767_225_600_000  // 2026-01-01T00:00:00Z

    var now = FakePort.start
    var name = "me"
    var serverList: [ServerSnapshot] = [Fake.server()]
    var channelList: [ChannelSnapshot] = [Fake.channel()]
    var memberList: [MemberSnapshot] = []
    var profiles: [Peer.ID: [UInt64: CBORValue]] = [:]
    var links: [LinkSnapshot] = []
    var messages: [MessageSnapshot] = []
    var directs: Set<Channel.ID> = []
    /// Feed positions up to which channels are read.
    var marks: [Channel.ID: UInt64] = [:]
    var chosen: (server: Server.ID?, channel: Channel.ID?) = (nil, nil)
    var performed: [Action] = []
    var answers: [Result<Outcome, NodeFailure>] = []
    var failure: NodeFailure?
    var quiet: UInt64?
    var searches: [SearchRequest] = []
    var earlier: [Event.ID: [MessageVersion]] = [:]
    var pinned: [PinSnapshot] = []
    var muted: [(subject: MuteSubject, mute: Mute?)] = []
    var told: [NodeEvent] = []
    var verdicts: [StateAgreement.PeerVerdict] = []
    /// Actions then never end by themselves.
    var blocksActions = false
    /// The inbox would then have to wait.
    var isFillingTexts = false
    private(set) var inboxesAsked = 0
    var randomBytes: [[UInt8]] = []
    private(set) var sleepers: [Int: Sleeper] = [:]
    private(set) var waiters: [Int: Waiter] = [:]
    private var streams: [AsyncStream<Set<NodeChange>>.Continuation] = []
    private var counter = 0
    private var observers:
        [Int: (check: (isolated FakePort) -> Bool, resume: CheckedContinuation<Void, Never>)] = [:]

    func set(_ change: @Sendable (isolated FakePort) -> Void) {
        change(self)
        observe()
    }

    /// Returns as soon as the condition holds.
    func until(_ check: @escaping @Sendable (isolated FakePort) -> Bool) async {
        if check(self) { return }
        counter += 1
        let number = counter
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                observers[number] = (check, continuation)
            }
        } onCancel: {
            Task { await self.giveUp(number) }
        }
    }

    private func giveUp(_ number: Int) {
        observers.removeValue(forKey: number)?.resume.resume()
    }

    private func observe() {
        for (number, observer) in observers where observer.check(self) {
            observers[number] = nil
            observer.resume.resume()
        }
    }

    /// Moves the clock and wakes who waited for that time.
    func advance(_ milliseconds: UInt64) {
        now += milliseconds
        for (number, sleeper) in sleepers.sorted(by: { $0.value.due < $1.value.due })
        where sleeper.due <= now {
            sleepers[number] = nil
            sleeper.resume.resume()
        }
        for (number, waiter) in waiters where waiter.due <= now {
            waiters[number] = nil
            waiter.resume.resume()
        }
    }

    func change(_ changes: Set<NodeChange>) {
        for stream in streams { stream.yield(changes) }
    }

    /// Adds a message as if it had arrived.
    func post(_ message: MessageSnapshot) {
        var message = message
        message.feed = UInt64(messages.count) + 1
        message.channelSeq =
            UInt64(messages.count { $0.channel == message.channel }) + 1
        if let index = channelList.firstIndex(where: { $0.id == message.channel }) {
            channelList[index].channelSeq = message.channelSeq
            channelList[index].lastAtMilliseconds = message.atMilliseconds
        }
        messages.append(message)
        for (number, waiter) in waiters where matches(message, waiter.feed, waiter.filter) {
            waiters[number] = nil
            waiter.resume.resume()
        }
        change([.messages(message.server, message.channel), .unread(message.server)])
        observe()
    }

    private func matches(
        _ message: MessageSnapshot, _ feed: UInt64, _ filter: WaitFilter
    ) -> Bool {
        message.feed > feed
            && !(message.isLocal && message.principal == filter.principal)
            && filter.channels?.contains(message.channel) ?? true
            && filter.authors?.contains(message.author) ?? true
            && (!filter.mentionsOnly || message.isMention)
    }
}

extension FakePort {
    func perform(_ action: Action) async throws -> Outcome {
        performed.append(action)
        observe()
        if blocksActions { try await sleep(.seconds(86_400)) }
        if let failure { throw failure }
        if !answers.isEmpty { return try answers.removeFirst().get() }
        var outcome = Outcome(.applied, server: Fake.serverID, reached: 2, feed: 77)
        outcome.event = Fake.event(900)
        outcome.seq = 12
        switch action {
        case .postMessage(let post):
            outcome.channel = post.channel
            outcome.channelSeq = 45
        case .channel(.create, _): outcome.channel = Fake.channelID(9)
        case .markRead(let mark):
            guard marks[mark.channel] ?? 0 < mark.feed else { return Outcome(.unchanged) }
            marks[mark.channel] = mark.feed
            return Outcome(.applied)
        case .invite(_, _, let expiry, _):
            outcome.inviteCode = "pa1_code"
            outcome.expiresAtMilliseconds = expiry
        case .acceptInvite:
            outcome.name = "Garden"
            outcome.inviter = Fake.peer(2)
        default: break
        }
        return outcome
    }

    func displayName() async -> String { name }
    func servers() async -> [ServerSnapshot] { serverList }

    func namedChannels(in server: Server.ID) async throws -> [ChannelSnapshot] {
        try await channels(in: server)
    }

    func channels(in server: Server.ID) async throws -> [ChannelSnapshot] {
        if let failure, failure.code == .recovering { throw failure }
        return channelList.filter { $0.server == server }
    }

    func members(in server: Server.ID) async throws -> [MemberSnapshot] { memberList }

    func roles(in server: Server.ID) async throws -> [RoleInfo] { [] }
    func proposals(in server: Server.ID) async throws -> [ProposalInfo] { [] }
    func links(in server: Server.ID) async throws -> [LinkInfo] { [] }

    func connection() async -> ConnectionSnapshot {
        ConnectionSnapshot(
            listening: ["127.0.0.1:4646"], links: links, queuedEvents: 0,
            oldestQueuedMilliseconds: nil)
    }

    func page(_ request: PageRequest) async throws -> MessagePage {
        guard let channel = channelList.first(where: { $0.id == request.channel }) else {
            throw NodeFailure(.unknownChannel)
        }
        var all = messages.filter { $0.channel == request.channel }
        if let since = request.sinceMilliseconds {
            all.removeAll { $0.atMilliseconds < since }
        }
        let sorted = all.sorted { Fake.position($0) < Fake.position($1) }
        let range: Range<Int>
        switch request.anchor {
        case .newest: range = max(0, sorted.count - request.limit)..<sorted.count
        case .before(let place):
            let end = sorted.count { Fake.position($0) < place }
            range = max(0, end - request.limit)..<end
        case .told(let feed):
            let end = sorted.lastIndex { $0.feed <= feed }.map { $0 + 1 } ?? 0
            range = max(0, end - request.limit)..<end
        case .after(let place):
            let begin = sorted.count { Fake.position($0) <= place }
            range = begin..<min(sorted.count, begin + request.limit)
        case .around(let id):
            let middle = sorted.firstIndex { $0.id == id } ?? 0
            let begin = max(0, middle - request.limit / 2)
            range = begin..<min(sorted.count, begin + request.limit)
        case .feed(let feed):
            let begin = all.count { $0.feed <= feed }
            range = begin..<min(all.count, begin + request.limit)
            return result(channel, all, range, isBackward: false)
        }
        let isBackward: Bool
        switch request.anchor {
        case .newest, .before, .told: isBackward = true
        default: isBackward = false
        }
        return result(channel, sorted, range, isBackward: isBackward)
    }

    private func result(
        _ channel: ChannelSnapshot, _ all: [MessageSnapshot], _ range: Range<Int>,
        isBackward: Bool
    ) -> MessagePage {
        MessagePage(
            channel: channel, messages: Array(all[range]), hasMoreBefore: range.lowerBound > 0,
            hasMoreAfter: range.upperBound < all.count,
            remaining: isBackward ? range.lowerBound : all.count - range.upperBound,
            feed: UInt64(messages.count))
    }

    func message(_ id: Event.ID) async throws -> MessageSnapshot {
        guard let message = messages.first(where: { $0.id == id }) else {
            throw NodeFailure(.unknownMessage)
        }
        return message
    }

    func messageIDs(startingWith hexPrefix: String) async -> [Event.ID] {
        Array(messages.map(\.id).filter { $0.hex.hasPrefix(hexPrefix) }.prefix(3))
    }

    func inbox(
        principal: String, channels: Set<Channel.ID>?, messagesPerChannel: Int
    ) async -> InboxSnapshot {
        inboxesAsked += 1
        var entries: [InboxEntry] = []
        for channel in channelList where channels?.contains(channel.id) ?? true {
            let unread = messages.filter {
                $0.channel == channel.id && $0.feed > marks[channel.id] ?? 0 && !$0.isLocal
            }
            guard !unread.isEmpty else { continue }
            entries.append(
                InboxEntry(
                    channel: channel, isDirect: directs.contains(channel.id),
                    unread: unread.count, mentions: unread.count { $0.isMention },
                    messages: Array(unread.prefix(messagesPerChannel))))
        }
        return InboxSnapshot(
            unread: entries.reduce(0) { $0 + $1.unread },
            mentions: entries.reduce(0) { $0 + $1.mentions }, entries: entries,
            feed: UInt64(messages.count))
    }

    func feedPosition() async -> UInt64 { UInt64(messages.count) }

    func news(after feed: UInt64, filter: WaitFilter, limit: Int) async -> [MessageSnapshot] {
        Array(messages.filter { matches($0, feed, filter) }.prefix(limit))
    }

    func quietMilliseconds(filter: WaitFilter) async -> UInt64? { quiet }
}

extension FakePort {
    func waitForNews(
        after feed: UInt64, filter: WaitFilter, timeout: Milliseconds
    ) async throws -> Bool {
        if let failure { throw failure }
        if messages.contains(where: { matches($0, feed, filter) }) { return true }
        guard timeout > 0 else { return false }
        counter += 1
        let number = counter
        let due = now + timeout.count
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume() }
                waiters[number] = Waiter(
                    feed: feed, filter: filter, due: due, resume: continuation)
                observe()
            }
        } onCancel: {
            Task { await self.dropWaiter(number) }
        }
        if let failure { throw failure }
        try Task.checkCancellation()
        return messages.contains { matches($0, feed, filter) }
    }

    private func dropWaiter(_ number: Int) {
        waiters.removeValue(forKey: number)?.resume.resume()
        observe()
    }

    /// Wakes every waiter, as a node that stops does.
    func stop() {
        failure = NodeFailure(.shuttingDown)
        for number in waiters.keys { dropWaiter(number) }
    }

    func sleep(_ duration: Milliseconds) async throws {
        counter += 1
        let number = counter
        let due = now + duration.count
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume() }
                sleepers[number] = Sleeper(due: due, resume: continuation)
                observe()
            }
        } onCancel: {
            Task { await self.dropSleeper(number) }
        }
        try Task.checkCancellation()
    }

    private func dropSleeper(_ number: Int) {
        sleepers.removeValue(forKey: number)?.resume.resume()
        observe()
    }

    func current(of principal: String) async -> (server: Server.ID?, channel: Channel.ID?) {
        chosen
    }

    func setCurrent(
        of principal: String, server: Server.ID?, channel: Channel.ID?
    ) async throws {
        chosen = (server, channel)
    }

    func changes() async -> AsyncStream<Set<NodeChange>> {
        let (stream, continuation) = AsyncStream.makeStream(of: Set<NodeChange>.self)
        streams.append(continuation)
        observe()
        return stream
    }

    var listeners: Int { streams.count }
    func wallMilliseconds() async -> UInt64 { now }

    func entropy(_ count: Int) async -> [UInt8] {
        randomBytes.isEmpty ? Array(repeating: 0xAB, count: count) : randomBytes.removeFirst()
    }
}
