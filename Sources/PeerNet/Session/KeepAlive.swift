import PeerState

/// When an open link has to ping, to rekey, or to be given up.
struct KeepAlive: Sendable {
    private var lastHeard: Instant
    private var lastPing: Instant?
    private(set) var rekeyAt: Instant
    /// The last ping that has not been answered.
    private var asked: (nonce: UInt64, at: Instant)?

    init(now: Instant) {
        lastHeard = now
        rekeyAt = now + Limits.rekeyAfter
    }

    /// An authenticated record arrived.
    mutating func heard(now: Instant) {
        lastHeard = now
        lastPing = nil
    }

    mutating func rekeyed(now: Instant) { rekeyAt = now + Limits.rekeyAfter }

    func isDead(now: Instant) -> Bool { now >= lastHeard + Limits.deadAfter }

    func wantsPing(now: Instant) -> Bool { now >= (lastPing ?? lastHeard) + Limits.pingAfter }

    mutating func pinged(_ nonce: UInt64, now: Instant) {
        lastPing = now
        asked = (nonce, now)
    }

    /// The time since the ping that this answers; `nil` when it answers none.
    mutating func answered(_ nonce: UInt64, now: Instant) -> Milliseconds? {
        guard let asked, asked.nonce == nonce else { return nil }
        self.asked = nil
        return Milliseconds(now.milliseconds(since: asked.at))
    }

    /// When to look again; never later than a ping could be due.
    func nextWake(now: Instant) -> Instant {
        let ping = (lastPing ?? lastHeard) + Limits.pingAfter
        return min(max(ping, now + 1), lastHeard + Limits.deadAfter, max(rekeyAt, now + 1))
    }
}
