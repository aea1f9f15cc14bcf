import PeerState

/// Announcements that were followed by a Graft and must be kept in time.
///
/// - Bound: `Limits.openPromises`; more are not held against anybody.
struct Promises: Sendable {
    struct Promise: Sendable {
        let id: Event.ID
        let link: LinkID
        let asked: Instant

        var due: Instant { asked + Limits.promiseLife }
    }

    /// In the order they fall due, from `first` on.
    private var open: [Promise] = []
    private var first = 0

    var nextDue: Instant? { first < open.count ? open[first].due : nil }

    mutating func add(_ id: Event.ID, _ link: LinkID, _ now: Instant) {
        guard open.count - first < Limits.openPromises else { return }
        open.append(Promise(id: id, link: link, asked: now))
    }

    /// Those that are due, which are no longer open.
    mutating func takeDue(_ now: Instant) -> [Promise] {
        var due: [Promise] = []
        while first < open.count, open[first].due <= now {
            due.append(open[first])
            first += 1
        }
        if first > Limits.openPromises {
            open.removeFirst(first)
            first = 0
        }
        return due
    }
}
