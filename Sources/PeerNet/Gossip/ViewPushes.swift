import PeerState

/// How often members pushed into a full view lately, whatever link they used.
///
/// - Bound: two generations of `Limits.pushersTracked` members; one ends after
///   `Limits.pushPeriod`, or when it is full.
struct ViewPushes: Sendable {
    private var counts: [Peer.ID: Int] = [:]
    private var before: [Peer.ID: Int] = [:]
    private var since = Instant.zero

    /// Forgets what is old; called before anything is asked.
    mutating func age(_ now: Instant) {
        let end = since + Limits.pushPeriod
        guard end <= now else { return }
        before = end + Limits.pushPeriod <= now ? [:] : counts
        counts = [:]
        since = now
    }

    mutating func note(_ peer: Peer.ID) {
        if counts[peer] == nil, counts.count >= Limits.pushersTracked {
            before = counts
            counts = [:]
        }
        counts[peer, default: 0] += 1
    }

    func count(of peer: Peer.ID) -> Int {
        counts[peer, default: 0] + before[peer, default: 0]
    }

    /// How often the one of them that pushed most often did.
    func most(of peers: [Peer.ID]) -> Int {
        peers.map(count).max() ?? 0
    }

    /// Whether it pushed more often than anybody has reason to.
    func isTooMany(_ peer: Peer.ID) -> Bool { count(of: peer) > Limits.pushesBorne }
}
