import PeerState

/// What the broadcast of one server knows of one link.
struct TreeLink: Sendable {
    /// Whether events are pushed over it, in both directions.
    var isEager = true
    var standing = PeerScores.Standing.full
    /// The peer asked us not to make the link eager before.
    var graftAfter = Instant.zero
    /// We asked the peer not to.
    var noGraftBefore = Instant.zero
    var prunedAt: Instant?
    /// When the peer last sent something for this server.
    var heardAt: Instant
    /// Announcements that wait to be sent together.
    var batch: [Plumtree.Announced] = []
    /// Keeps our own announcements below what the peer counts as a flood.
    var sentFrames: TokenBucket
    /// Missing events this link announced.
    var missing = 0
    private var windowStart = Instant.zero
    private var frames = 0
    private var ids = 0

    init(_ now: Instant) {
        heardAt = now
        sentFrames = TokenBucket(
            perSecond: Limits.announcementsSent, burst: Limits.announcementsBurst, now: now)
    }

    /// Whether this second's latest frame was one too many.
    var isTalkative: Bool { frames == Limits.announcementsPerSecond + 1 }

    /// Counts one IHave frame; false when its ids are too many for this second.
    mutating func takeFrame(_ count: Int, _ now: Instant) -> Bool {
        if now.milliseconds(since: windowStart) >= 1_000 {
            windowStart = now
            frames = 0
            ids = 0
        }
        frames += 1
        ids += count
        return ids <= Limits.announcedPerSecond
    }
}
