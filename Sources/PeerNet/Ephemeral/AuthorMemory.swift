import PeerState

/// The counters of one author that came lately.
struct AuthorMemory: Sendable {
    private(set) var highest: UInt64 = 0
    private(set) var recent: [UInt64] = []
    private(set) var heard: Instant

    init(heard: Instant) {
        self.heard = heard
    }

    func isFresh(_ now: Instant) -> Bool { now < heard + Limits.ephemeralMemory }

    mutating func note(_ counter: UInt64, _ now: Instant) {
        highest = max(highest, counter)
        if recent.count == Limits.ephemeralCounters { recent.removeFirst() }
        recent.append(counter)
        heard = now
    }
}
