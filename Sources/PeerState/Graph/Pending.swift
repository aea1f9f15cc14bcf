/// Signed events that wait for others they point at.
///
/// - Bounds: `pendingPerAuthor`, `pendingPerLink`, `pendingTotal`; the oldest goes first, and
///   whatever is evicted can be fetched again. Source: PROTOCOL 3.6.
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

    private var entries: [Event.ID: Entry] = [:]
    private var waiters: [Event.ID: [Event.ID]] = [:]
    /// Arrival order; entries already gone are skipped.
    private var arrivals: [(number: UInt64, id: Event.ID)] = []
    private var perAuthor: [Peer.ID: Int] = [:]
    private var perSource: [Source: Int] = [:]
    private var counter: UInt64 = 0

    package init() {}

    package var count: Int { entries.count }
    package func contains(_ id: Event.ID) -> Bool { entries[id] != nil }
    package func count(of author: Peer.ID) -> Int { perAuthor[author] ?? 0 }

    /// Keeps `event` until `missing` is stored; may evict older entries to stay within bounds.
    package mutating func wait(
        _ event: Event, _ envelope: Envelope, source: Source?, for missing: Event.ID
    ) {
        if perAuthor[event.author, default: 0] >= Limits.pendingPerAuthor {
            evictOldest { $0.event.author == event.author }
        }
        if let source, perSource[source, default: 0] >= Limits.pendingPerLink {
            evictOldest { $0.source == source }
        }
        if entries.count >= Limits.pendingTotal { evictOldest { _ in true } }
        counter += 1
        entries[event.id] = Entry(
            event: event, envelope: envelope, source: source, number: counter, missing: missing)
        waiters[missing, default: []].append(event.id)
        arrivals.append((counter, event.id))
        perAuthor[event.author, default: 0] += 1
        if let source { perSource[source, default: 0] += 1 }
        if arrivals.count > 2 * Limits.pendingTotal { compact() }
    }

    /// Takes out everything that waited for `id`, in order of arrival.
    package mutating func release(_ id: Event.ID) -> [Entry] {
        guard let ids = waiters.removeValue(forKey: id) else { return [] }
        return ids.compactMap { remove($0) }
    }

    private mutating func remove(_ id: Event.ID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        decrement(&perAuthor, entry.event.author)
        if let source = entry.source { decrement(&perSource, source) }
        return entry
    }

    private mutating func evictOldest(where matches: (Entry) -> Bool) {
        for (number, id) in arrivals {
            guard let entry = entries[id], entry.number == number, matches(entry) else { continue }
            _ = remove(id)
            waiters[entry.missing]?.removeAll { $0 == id }
            if waiters[entry.missing]?.isEmpty == true { waiters[entry.missing] = nil }
            return
        }
    }

    private mutating func compact() {
        arrivals.removeAll { entries[$0.id]?.number != $0.number }
    }

    private func decrement<Key>(_ counts: inout [Key: Int], _ key: Key) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}
