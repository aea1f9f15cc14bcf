/// Signed events that wait for others they point at.
///
/// - Bounds: `pendingPerAuthor`, `pendingPerLink`, `pendingTotal`; the oldest goes first, and
///   whatever is evicted can be fetched again. Each step costs O(1) amortised.
/// - Source: PROTOCOL 3.6.
package struct Pending: Sendable {
    /// A number for the link that brought an event; `nil` for none.
    package typealias Source = UInt64

    package struct Entry: Sendable {
        package let event: Event
        package let envelope: Envelope
        package let source: Source?
        fileprivate let number: UInt64
        fileprivate let missing: Event.ID
    }

    /// What a bound counts.
    private enum Scope: Hashable, Sendable {
        case all
        case author(Peer.ID)
        case source(Source)

        var bound: Int {
            switch self {
            case .all: Limits.pendingTotal
            case .author: Limits.pendingPerAuthor
            case .source: Limits.pendingPerLink
            }
        }
    }

    /// Arrivals of one scope, oldest first; those already gone are skipped.
    private struct Arrivals: Sendable {
        var items: [(number: UInt64, id: Event.ID)] = []
        var first = 0
        var live = 0
    }

    private var entries: [Event.ID: Entry] = [:]
    private var waiters: [Event.ID: [Event.ID]] = [:]
    private var arrivals: [Scope: Arrivals] = [:]
    private var counter: UInt64 = 0
    /// `Limits.pendingTotal`, or less in a test.
    package var totalMax = Limits.pendingTotal

    package init() {}

    package var count: Int { entries.count }
    package func contains(_ id: Event.ID) -> Bool { !entries.isEmpty && entries[id] != nil }
    /// Whether something waits for this event.
    package func isAwaited(_ id: Event.ID) -> Bool { waiters[id] != nil }
    package func count(of author: Peer.ID) -> Int { arrivals[.author(author)]?.live ?? 0 }

    /// Keeps `event` until `missing` is stored; may evict older entries to stay within bounds.
    package mutating func wait(
        _ event: Event, _ envelope: Envelope, source: Source?, for missing: Event.ID
    ) {
        counter += 1
        let entry = Entry(
            event: event, envelope: envelope, source: source, number: counter, missing: missing)
        for scope in Self.scopes(of: entry) {
            let bound = min(scope.bound, totalMax)
            if (arrivals[scope]?.live ?? 0) >= bound { evictOldest(of: scope) }
        }
        entries[event.id] = entry
        waiters[missing, default: []].append(event.id)
        for scope in Self.scopes(of: entry) {
            arrivals[scope, default: Arrivals()].items.append((counter, event.id))
            arrivals[scope]?.live += 1
        }
    }

    /// Takes out everything that waited for `id`, in order of arrival.
    package mutating func release(_ id: Event.ID) -> [Entry] {
        guard !waiters.isEmpty, let ids = waiters.removeValue(forKey: id) else { return [] }
        return ids.compactMap { remove($0) }
    }

    private static func scopes(of entry: Entry) -> [Scope] {
        let common: [Scope] = [.author(entry.event.author), .all]
        guard let source = entry.source else { return common }
        return common + [.source(source)]
    }

    private mutating func remove(_ id: Event.ID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        for scope in Self.scopes(of: entry) { forget(scope) }
        return entry
    }

    /// Counts one entry less, and drops what is dead once it outweighs what lives.
    private mutating func forget(_ scope: Scope) {
        guard var queue = arrivals.removeValue(forKey: scope) else { return }
        queue.live -= 1
        guard queue.live > 0 else { return }
        if queue.items.count > 64, queue.items.count > 2 * queue.live {
            queue.items = queue.items[queue.first...].filter { entries[$0.id]?.number == $0.number }
            queue.first = 0
        }
        arrivals[scope] = queue
    }

    private mutating func evictOldest(of scope: Scope) {
        while let queue = arrivals[scope], queue.first < queue.items.count {
            let oldest = queue.items[queue.first]
            arrivals[scope]?.first += 1
            guard let entry = entries[oldest.id], entry.number == oldest.number else { continue }
            _ = remove(oldest.id)
            waiters[entry.missing]?.removeAll { $0 == oldest.id }
            if waiters[entry.missing]?.isEmpty == true { waiters[entry.missing] = nil }
            return
        }
    }
}
