import PeerNode
import PeerState

/// Tells one client what it asked to hear: on a listen stream, or beside a legacy session.
///
/// - Isolation: the loop. - Bound: as `ResourceWatch`; `Limits.listenRing` notices.
package actor Listener {
    /// Kinds of news besides single resources.
    struct Wants: Sendable {
        var tools = false
        var prompts = false
        var resources = false
        /// Whether it hears that a wider token lists more; a session takes that token over instead.
        var widerTokens = false
        /// Ids of own tasks.
        var tasks: Set<String> = []
    }

    /// A frame goes out from any thread; whoever takes it finds the right one.
    typealias Send = @Sendable (_ method: String, _ params: JSONObject) -> Void

    private let dispatcher: MCPDispatcher
    private var access: Access
    private var watch: ResourceWatch
    private let wants: Wants
    private let send: Send
    private var relay: EventRelay?
    /// Addresses that the client watches, as it wrote them.
    private var watched: Set<String> = []
    /// What depends on the rights, while it runs, and the rights it should have instead.
    private var following: Task<Void, Never>?
    private var newAccess: Access?
    /// Subscribed resources that are offered in place of the node's.
    private var offered: Set<String> = []
    private var changes: AsyncStream<Set<NodeChange>>?
    private var notices: AsyncStream<Notice>?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        dispatcher.unownedExecutor
    }

    init(_ dispatcher: MCPDispatcher, _ access: Access, _ wants: Wants, send: @escaping Send) {
        self.dispatcher = dispatcher
        self.access = access
        self.wants = wants
        self.send = send
        watch = Self.watch(dispatcher, access, send)
    }

    private static func watch(
        _ dispatcher: MCPDispatcher, _ access: Access, _ send: @escaping Send
    ) -> ResourceWatch {
        dispatcher.newWatch(dispatcher.call(access)) { announcement in
            send(announcement.method, announcement.params)
        }
    }

    /// From now on nothing that happens is missed; `run` tells it.
    func open() async {
        guard changes == nil else { return }
        changes = await dispatcher.port.changes()
        notices = await dispatcher.notices()
        if wants.resources { await watch.addList() }
    }

    /// Begins to relay what a legacy client declared it wants.
    ///
    /// - Parameter start: as `relayEvents(_:after:)`.
    /// - Returns: the feed position from which on it relays; `nil` = the client wants none.
    @discardableResult func relayEvents(
        to session: MCPLegacyFrontEnd, _ access: Access, after start: UInt64? = nil
    ) async -> UInt64? {
        guard let wanted = session.capabilities["experimental"]?[MCPAdmission.events]?.object
        else { return nil }
        let types = wanted["types"]?.array.map { Set($0.compactMap(\.string)) }
        let selection = EventSelection(dispatcher.call(access), types: types)
        await relayEvents(selection, after: start)
        return await relay?.position
    }

    /// Begins to relay events; `run` sends them.
    ///
    /// - Parameter start: the feed position of the last event the client has; `nil` = now.
    func relayEvents(_ selection: EventSelection, after start: UInt64?) async {
        relay = await EventRelay(
            selection, after: start, executor: dispatcher.loopExecutor, send: send)
    }

    /// Begins to watch a resource; returns whether it can be.
    func add(_ uri: String) async -> Bool {
        guard let offer = await dispatcher.offer else {
            guard await watch.add(uri) != nil else { return false }
            watched.insert(uri)
            return true
        }
        guard offered.count < Limits.listenURIs, await offer.isWatchable(uri) else { return false }
        offered.insert(uri)
        return true
    }

    nonisolated func announce(updated uri: String) {
        send("notifications/resources/updated", ["uri": .string(uri)])
    }

    func remove(_ uri: String) async {
        offered.remove(uri)
        watched.remove(uri)
        await watch.remove(uri)
    }

    /// Tells until the node stops or the task is cancelled.
    func run() async {
        await open()
        guard let notices else { return }
        await withTaskGroup { group in
            group.addTask { await self.follow() }
            group.addTask { for await notice in notices { await self.tell(notice) } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Runs what depends on the rights, and begins it again whenever these become others.
    private func follow() async {
        while let changes, !Task.isCancelled {
            self.changes = nil
            let task = Task { [watch, relay] in
                await withTaskGroup { group in
                    group.addTask { await watch.run(changes) }
                    if let relay { group.addTask { await relay.run() } }
                    await group.next()
                    group.cancelAll()
                }
            }
            following = task
            if newAccess != nil { task.cancel() }
            await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            guard let access = newAccess else { continue }
            newAccess = nil
            await change(to: access)
        }
    }

    /// Prepares to go on under other rights, and says so (MCP 2.2 U3); nothing is relayed then.
    private func change(to access: Access) async {
        self.access = access
        let changes = await dispatcher.port.changes()
        watch = Self.watch(dispatcher, access, send)
        if let old = relay {
            relay = await EventRelay(
                await old.selection(for: dispatcher.call(access)), after: await old.position,
                executor: dispatcher.loopExecutor, send: send)
            await relay?.pass(await dispatcher.scopeChanged(access))
        }
        if wants.resources { await watch.addList() }
        announceLists()
        // What cannot be read any more is told for the last time.
        for uri in watched.sorted() {
            if await watch.add(uri) == nil { watched.remove(uri) }
            announce(updated: uri)
        }
        self.changes = changes
    }

    private func announceLists() {
        if wants.tools { send("notifications/tools/list_changed", [:]) }
        if wants.prompts { send("notifications/prompts/list_changed", [:]) }
        if wants.resources { send("notifications/resources/list_changed", [:]) }
    }

    /// Goes on under other rights.
    func take(_ access: Access) {
        guard access != newAccess ?? self.access else { return }
        newAccess = access
        following?.cancel()
    }

    private func tell(_ notice: Notice) async {
        switch notice {
        case .toolsChanged where wants.tools: send("notifications/tools/list_changed", [:])
        case .promptsChanged where wants.prompts: send("notifications/prompts/list_changed", [:])
        case .resourceUpdated(let uri) where offered.contains(uri):
            send("notifications/resources/updated", ["uri": .string(uri)])
        case .widerToken(access.principal) where wants.widerTokens: announceLists()
        case .task(let id) where wants.tasks.contains(id):
            if let task = await dispatcher.shownTask(id) { send("notifications/tasks", task) }
        case .accessChanged(let access) where access.principal == self.access.principal:
            take(access)
        default: break
        }
    }
}

extension Listener.Wants {
    /// What a legacy client is told without asking.
    init(_ session: MCPLegacyFrontEnd) {
        self.init(tools: true, prompts: true, resources: true)
    }
}
