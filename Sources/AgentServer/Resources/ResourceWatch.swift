import PeerNode
import PeerState

/// Tells one listener when resources it subscribed to read differently than before.
///
/// - Isolation: the loop. - Source: MCP 4.3.
/// - Bound: `Limits.listenURIs` addresses; one pass over them per `Limits.updatePause`, so that
///   changes in between are told together and the last one always is.
package actor ResourceWatch {
    /// What is known of a resource: nothing yet, how it last read, or that it is gone.
    private enum Known: Equatable {
        case unread
        case read(Int)
        case gone
    }

    package enum Announcement: Sendable {
        case updated(uri: String)
        case listChanged
    }

    private let executor: any SerialExecutor
    private let call: ToolCall
    private let announce: @Sendable (Announcement) -> Void
    private var known: [ResourceTarget: Known] = [:]
    private var listed: Known?
    private var changedSince: Set<NodeChange> = []
    private var passes: Task<Void, Never>?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    package init(
        call: ToolCall, executor: any SerialExecutor,
        announce: @escaping @Sendable (Announcement) -> Void
    ) {
        self.call = call
        self.executor = executor
        self.announce = announce
    }

    /// Begins to watch; returns `nil` for what cannot be read or is one too many.
    func add(_ uri: String) async -> ResourceTarget? {
        guard let target = ResourceTarget(uri), let base = ResourceTarget(target.canonical),
            base.isSubscribable, ResourceScope(call.access).admits(base.canonical)
        else { return nil }
        if known[base] != nil { return base }
        guard known.count < Limits.listenURIs else { return nil }
        // A change during the first reading is told: it finds `.unread`.
        known[base] = .unread
        let now = await reading(base)
        guard now != .gone else {
            known[base] = nil
            return nil
        }
        if known[base] == .unread { known[base] = now }
        return base
    }

    func remove(_ uri: String) {
        guard let target = ResourceTarget(uri), let base = ResourceTarget(target.canonical)
        else { return }
        known[base] = nil
    }

    /// Begins to watch which resources there are.
    func addList() async {
        listed = .unread
        listed = await readingOfList()
    }

    /// Announces until the stream or the task ends.
    ///
    /// - Parameter changes: begun before the first `add`, so that nothing falls between.
    func run(_ changes: AsyncStream<Set<NodeChange>>) async {
        defer { passes?.cancel() }
        for await changed in changes {
            changedSince.formUnion(changed)
            if passes == nil { passes = Task { await passUntilQuiet() } }
        }
    }

    /// One pass at a time: what changes meanwhile waits for the next.
    private func passUntilQuiet() async {
        defer { passes = nil }
        while !changedSince.isEmpty {
            let changed = changedSince
            changedSince = []
            let pause = await pass(changed)
            do {
                try await call.port.sleep(pause)
            } catch {
                return  // Cancelled, or the node stops.
            }
        }
    }

    /// Compares everything that may have changed; returns how long to leave it alone.
    private func pass(_ changed: Set<NodeChange>) async -> Milliseconds {
        var pause = Limits.updatePause
        let affected = known.keys.filter { target in
            changed.contains { target.mayChange(with: $0) }
        }
        for target in affected.sorted(by: { $0.canonical < $1.canonical }) {
            let now = await reading(target)
            guard let before = known[target], before != now else { continue }
            known[target] = now
            announce(.updated(uri: target.canonical))
        }
        let mayAffectList = changed.contains { change in
            switch change {
            case .servers, .server, .channels: true
            default: false
            }
        }
        if let before = listed, mayAffectList {
            let now = await readingOfList()
            listed = now
            if now != before {
                announce(.listChanged)
                pause = Limits.listChangePause
            }
        }
        return pause
    }

    private func reading(_ target: ResourceTarget) async -> Known {
        do {
            return .read(try await ResourceReader(call: call).read(target).likeness)
        } catch {
            return .gone  // Whoever reads it next is told why.
        }
    }

    private func readingOfList() async -> Known {
        do {
            // Recency changes the order, not what there is.
            let uris = try await ResourceCatalog.channels(call).map(\.uri)
            return .read(Set(uris).hashValue)
        } catch {
            return .gone
        }
    }
}
