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

    private var peers: [Peer.ID: PeerBuckets] = [:]
    private var authors: [AuthorKey: TokenBucket] = [:]

    /// Charges one pushed event; false when peer or author is over quota, and nothing was charged.
    mutating func take(
        from peer: Peer.ID, _ server: Server.ID, author: Peer.ID, bytes: Int, _ now: Instant
    ) -> Bool {
        guard makeRoom(for: peer, AuthorKey(server: server, author: author), now) else {
            return false
        }
        let key = AuthorKey(server: server, author: author)
        var quota = peers[peer] ?? fresh(now)
        var authorQuota =
            authors[key]
            ?? TokenBucket(perSecond: Limits.authorRate, burst: Limits.authorBurst, now: now)
        guard quota.events.holds(1, now), quota.bytes.holds(UInt64(bytes), now),
            authorQuota.holds(1, now)
        else { return false }
        quota.events.take(1, now)
        quota.bytes.take(UInt64(bytes), now)
        authorQuota.take(1, now)
        peers[peer] = quota
        authors[key] = authorQuota
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

    private mutating func makeRoom(
        for peer: Peer.ID, _ key: AuthorKey, _ now: Instant
    ) -> Bool {
        if peers[peer] == nil && peers.count >= Limits.trackedQuotas {
            peers = peers.filter {
                !$0.value.events.isFull(now) || !$0.value.bytes.isFull(now)
            }
        }
        if authors[key] == nil && authors.count >= Limits.trackedQuotas {
            authors = authors.filter { !$0.value.isFull(now) }
        }
        return (peers[peer] != nil || peers.count < Limits.trackedQuotas)
            && (authors[key] != nil || authors.count < Limits.trackedQuotas)
    }
}
