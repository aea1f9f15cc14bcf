import PeerState

/// What peers may push, and authors may have pushed, before their events are ignored.
///
/// - Bound: `Limits.trackedQuotas` of each; full buckets are forgotten first, and while all are in
///   use a newcomer is over quota. Source: PROTOCOL 10.
struct Quotas: Sendable {
    private struct PeerBuckets {
        var events: TokenBucket
        var bytes: TokenBucket
    }

    private struct AuthorKey: Hashable {
        let server: Server.ID
        let author: Peer.ID
    }

    /// What one peer pushed in one server of events that decide about rights.
    private struct Day {
        let begun: Instant
        var count = 0

        func isOver(_ now: Instant) -> Bool { begun + .seconds(86_400) <= now }
    }

    private var peers: [Peer.ID: PeerBuckets] = [:]
    private var authors: [AuthorKey: TokenBucket] = [:]
    private var authority: [AuthorKey: Day] = [:]

    enum Answer: Hashable, Sendable {
        /// Whether the author has little left.
        case taken(isLow: Bool)
        case overPeer, overAuthor
    }

    /// Charges one pushed event; when peer or author is over quota, nothing is charged.
    mutating func take(
        from peer: Peer.ID, _ server: Server.ID, author: Peer.ID, bytes: Int, _ now: Instant
    ) -> Answer {
        let key = AuthorKey(server: server, author: author)
        makeRoom(for: peer, key, now)
        guard peers[peer] != nil || peers.count < Limits.trackedQuotas else { return .overPeer }
        guard authors[key] != nil || authors.count < Limits.trackedQuotas else {
            return .overAuthor
        }
        var quota = peers[peer] ?? fresh(now)
        var authorQuota =
            authors[key]
            ?? TokenBucket(perSecond: Limits.authorRate, burst: Limits.authorBurst, now: now)
        guard quota.events.holds(1, now), quota.bytes.holds(UInt64(bytes), now) else {
            return .overPeer
        }
        guard authorQuota.holds(1, now) else { return .overAuthor }
        quota.events.take(1, now)
        quota.bytes.take(UInt64(bytes), now)
        authorQuota.take(1, now)
        peers[peer] = quota
        authors[key] = authorQuota
        return .taken(isLow: !authorQuota.holds(Limits.authorReserve, now))
    }

    /// Charges an event that decides about rights, beside `take`; false when it is one too many.
    ///
    /// - Bound: `Limits.authorityPerDay` by server and peer; what is over comes by Wants, which ask
    ///   for as much as this node bears. Source: PROTOCOL 5.10.
    mutating func takeAuthority(from peer: Peer.ID, _ server: Server.ID, _ now: Instant) -> Bool {
        let key = AuthorKey(server: server, author: peer)
        if authority[key] == nil && authority.count >= Limits.trackedQuotas {
            authority = authority.filter { !$0.value.isOver(now) }
            guard authority.count < Limits.trackedQuotas else { return false }
        }
        var day = authority[key].flatMap { $0.isOver(now) ? nil : $0 } ?? Day(begun: now)
        guard day.count < Limits.authorityPerDay else { return false }
        day.count += 1
        authority[key] = day
        return true
    }

    private func fresh(_ now: Instant) -> PeerBuckets {
        PeerBuckets(
            events: TokenBucket(
                perSecond: Limits.peerEventRate,
                burst: Limits.peerEventRate * Limits.peerBurstSeconds, now: now),
            bytes: TokenBucket(
                perSecond: Limits.peerByteRate,
                burst: Limits.peerByteRate * Limits.peerBurstSeconds, now: now))
    }

    private mutating func makeRoom(for peer: Peer.ID, _ key: AuthorKey, _ now: Instant) {
        if peers[peer] == nil && peers.count >= Limits.trackedQuotas {
            peers = peers.filter {
                !$0.value.events.isFull(now) || !$0.value.bytes.isFull(now)
            }
        }
        if authors[key] == nil && authors.count >= Limits.trackedQuotas {
            authors = authors.filter { !$0.value.isFull(now) }
        }
    }
}
