package import PeerState

/// How much each peer is worth listening to, by what it brought and what it did wrong.
///
/// A peer keeps its faults when its link ends, so that coming back does not wash them off.
/// - Bound: `Limits.trackedScores` peers; the ones unlinked and forgiven are forgotten first.
///   Source: PROTOCOL 10.
package struct PeerScores: Sendable {
    /// What is counted of a peer.
    package enum Note: Hashable, Sendable {
        /// It brought an event first.
        case firstDelivery
        /// A validator said reject.
        case invalid
        case behaviour(GossipFault)
    }

    /// What a score allows.
    package enum Standing: Int, Comparable, Sendable {
        /// Closed, and refused for `Limits.refuseListTime`.
        case dropped
        /// No gossip is served.
        case silent
        /// Told about events, never pushed to.
        case lazy
        case full

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private struct Entry {
        /// When its link came up; nil while there is none.
        var since: Instant?
        var linksOfAddress = 1
        var firstDeliveries = 0.0
        var invalid = 0.0
        var behaviour = 0.0
        var decayed: Instant
        var refusedUntil: Instant?

        mutating func decay(_ now: Instant) {
            let steps = now.milliseconds(since: decayed) / Limits.scoreDecay.count
            guard steps > 0 else { return }
            decayed = decayed + Milliseconds(steps * Limits.scoreDecay.count)
            for _ in 0..<min(steps, 256) {
                firstDeliveries *= 0.9
                invalid *= 0.9
                behaviour *= 0.9
            }
        }

        func score(_ now: Instant) -> Double {
            let minutes = since.map { Double(now.milliseconds(since: $0)) / 60_000 } ?? 0
            let crowd = Double(max(0, linksOfAddress - 4))
            return min(minutes, 10) + 0.05 * min(firstDeliveries, 100)
                - 10 * invalid * invalid - 5 * crowd * crowd - behaviour * behaviour
        }

        var isForgiven: Bool {
            since == nil && invalid < 0.1 && behaviour < 0.1 && refusedUntil == nil
        }
    }

    private var entries: [Peer.ID: Entry] = [:]

    package init() {}

    /// - Parameter linksOfAddress: links from the peer's network address, this one included.
    package mutating func linkUp(_ peer: Peer.ID, linksOfAddress: Int = 1, _ now: Instant) {
        update(peer, now) {
            $0.since = now
            $0.linksOfAddress = linksOfAddress
        }
    }

    package mutating func linkDown(_ peer: Peer.ID, _ now: Instant) {
        update(peer, now) { $0.since = nil }
    }

    /// Counts one thing; what the peer may expect from now on.
    @discardableResult
    package mutating func note(_ note: Note, of peer: Peer.ID, _ now: Instant) -> Standing {
        update(peer, now) { entry in
            switch note {
            case .firstDelivery: entry.firstDeliveries += 1
            case .invalid: entry.invalid += 1
            case .behaviour: entry.behaviour += 1
            }
            if entry.score(now) < -50 { entry.refusedUntil = now + Limits.refuseListTime }
        }
        return standing(of: peer, now)
    }

    package func score(of peer: Peer.ID, _ now: Instant) -> Double {
        guard var entry = entries[peer] else { return 0 }
        entry.decay(now)
        return entry.score(now)
    }

    package func standing(of peer: Peer.ID, _ now: Instant) -> Standing {
        if isRefused(peer, now) { return .dropped }
        let score = score(of: peer, now)
        if score < -50 { return .dropped }
        if score < -10 { return .silent }
        return score < 0 ? .lazy : .full
    }

    /// Whether links of the peer are refused because it was dropped a while ago.
    package func isRefused(_ peer: Peer.ID, _ now: Instant) -> Bool {
        entries[peer]?.refusedUntil.map { $0 > now } ?? false
    }

    private mutating func update(_ peer: Peer.ID, _ now: Instant, _ change: (inout Entry) -> Void) {
        if entries[peer] == nil && entries.count >= Limits.trackedScores { forget(now) }
        var entry = entries[peer] ?? Entry(decayed: now)
        entry.decay(now)
        if let until = entry.refusedUntil, until <= now { entry.refusedUntil = nil }
        change(&entry)
        entries[peer] = entry
    }

    private mutating func forget(_ now: Instant) {
        for peer in entries.keys {
            entries[peer]?.decay(now)
            if let until = entries[peer]?.refusedUntil, until <= now {
                entries[peer]?.refusedUntil = nil
            }
        }
        entries = entries.filter { !$0.value.isForgiven }
        guard entries.count >= Limits.trackedScores else { return }
        // All at fault: the ones without a link whose key is smallest give way.
        let unlinked = entries.filter { $0.value.since == nil }.keys.sorted()
        for peer in unlinked.prefix(entries.count - Limits.trackedScores + 1) {
            entries[peer] = nil
        }
    }
}
