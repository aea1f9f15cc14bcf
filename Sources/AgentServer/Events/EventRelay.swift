import PeerNode
import PeerState

/// Sends events to one listener: first what the feed already holds, then what happens.
///
/// - Source: MCP 6.4 and 6.5.
actor EventRelay {
    static let method = "notifications/peer-agent/event"

    private let selection: EventSelection
    private let executor: any SerialExecutor
    private let send: Listener.Send
    /// Up to which feed number everything was told.
    private(set) var position: UInt64
    private let changes: AsyncStream<Set<NodeChange>>
    private let notices: AsyncStream<NodeEvent>
    /// What is unread, and when it may have changed; `nil` = not wanted.
    private var unread: (counts: UnreadCounts, changes: AsyncStream<Set<NodeChange>>)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// From now on nothing that happens is missed; `run` tells it.
    ///
    /// - Parameter start: the feed position of the last event the client has; `nil` = now.
    init(
        _ selection: EventSelection, after start: UInt64?, executor: any SerialExecutor,
        send: @escaping Listener.Send
    ) async {
        self.selection = selection
        self.executor = executor
        self.send = send
        changes = await selection.call.port.changes()
        notices = await selection.call.port.notices()
        if selection.types?.contains(NodeEventKind.unreadChanged.rawValue) != false {
            let changes = await selection.call.port.changes()
            unread = (UnreadCounts(await selection.call.counts()), changes)
        }
        let now = await selection.call.port.feedPosition()
        position = start ?? now
    }

    /// Runs until the node stops or the task is cancelled.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.relayFeed() }
            group.addTask { await self.relayPassing() }
            group.addTask { await self.relayUnread() }
            await group.waitForAll()
        }
    }

    private func relayFeed() async {
        await drain()
        for await _ in changes { await drain() }
    }

    private func drain() async {
        while await selection.call.port.feedPosition() > position, !Task.isCancelled {
            do {
                let page = try await selection.read(after: position, limit: Limits.eventPage)
                let encoder = encoder
                for event in page.events { send(Self.method, encoder.object(event)) }
                guard page.position > position else { return }
                position = page.position
            } catch {
                return  // The store failed or stops; the next change tries again.
            }
        }
    }

    private func relayPassing() async {
        for await event in notices { await pass(event) }
    }

    /// Tells something without a number, if this listener wants it and may see it.
    func pass(_ event: NodeEvent) async {
        guard await selection.admitsPassing(event) else { return }
        send(Self.method, encoder.object(event))
    }

    /// A burst is told once, when it was quiet for a moment; the last change always is.
    private func relayUnread() async {
        guard let changes = unread?.changes else { return }
        let port = selection.call.port
        for await changed in changes where changed.contains(where: Self.mayChangeUnread) {
            do { try await port.sleep(Limits.updatePause) } catch { return }
            let inbox = await selection.call.counts()
            let now = await port.wallMilliseconds()
            let events = unread?.counts.update(inbox, at: now) ?? []
            for event in events { await pass(event) }
        }
    }

    private static func mayChangeUnread(_ change: NodeChange) -> Bool {
        switch change {
        case .messages, .unread, .channels, .server, .servers: true
        default: false
        }
    }

    /// The same wishes under other rights.
    func selection(for call: ToolCall) -> EventSelection { selection.with(call) }

    private var encoder: EventEncoder {
        EventEncoder(storeTag: selection.call.port.storeTag, position: position)
    }
}

extension Limits {
    /// Feed rows that one step of a relay reads.
    static let eventPage = 100
}
