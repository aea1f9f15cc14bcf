package import PeerState

extension Limits {
    // Broadcast (PROTOCOL 10)
    package static let iHaveBatch = Milliseconds(5)
    package static let graftWaitFirst = Milliseconds(80)
    package static let graftRetryFirst = Milliseconds(40)
    package static let graftWaitLeast = Milliseconds(20)
    package static let graftWaitMost = Milliseconds(2_000)
    /// How long the last announcer is given before heads are compared instead.
    package static let graftGiveUp = Milliseconds(1_000)
    package static let missingPerPeer = 2_000
    /// Whose way to the author is this many rounds shorter takes the place of the parent. Fewer
    /// than the 7 of PROTOCOL 10 (docs/decisions/0073).
    package static let optimiseRounds: UInt64 = 3
    package static let payloadCache = Milliseconds.seconds(30)
    package static let payloadCacheBytes = 4 << 20
    /// How soon a link that keeps pushing is pruned again.
    package static let pruneAgain = Milliseconds.seconds(1)
    /// What a Prune of a peer with a low score says.
    package static let lowScorePrune = Milliseconds.seconds(60)
    package static let promiseLife = Milliseconds.seconds(3)
    package static let openPromises = 1_024
    package static let announcementsPerSecond = 10
    package static let announcedPerSecond = 5_000
    /// With the burst as many as a peer bears, evenly spaced afterwards.
    package static let announcementsSent: UInt64 = 8
    package static let announcementsBurst: UInt64 = 2
    package static let announcementSpacing = Milliseconds(125)
    /// Announcements that wait for one link; older ones are left to the comparison of heads.
    package static let announcementsWaiting = 2_000
    /// Events that one Graft may ask for; more are wanted.
    package static let graftRange: UInt64 = 64
    /// Grafts that wait for the store, over all links.
    package static let graftReads = 256

    /// Events of one commit that gossip did not bring and that it may still bring; what a
    /// catch-up brings is more, and old.
    package static let lateGossip = 64

    // Membership (PROTOCOL 10)
    package static let fullMesh = 8
    package static let activeView = 5
    package static let activeViewSmall = 8
    /// Members up to which the larger view is kept.
    package static let smallServer = 30
    package static let passiveView = 30
    package static let activeWalk: UInt64 = 6
    package static let passiveWalk: UInt64 = 3
    package static let shuffleActive = 3
    package static let shufflePassive = 4
    package static let shuffleList = 8
    package static let shuffleWalk: UInt64 = 6
    package static let shufflePeriod = Milliseconds.seconds(60)
    package static let neighbourTimeout = Milliseconds(500)
    /// A link that does not come up in this time is given up.
    package static let viewDialTimeout = Milliseconds.seconds(10)
    package static let dialledActives = 2
    /// Active members that keep their places since they were there before others, and for how long
    /// they must have been.
    package static let elderActives = 3
    package static let elderAge = Milliseconds.seconds(60)
    /// Of how many shuffles of a full view one also exchanges an active member.
    package static let rewireOneIn = 16
    /// Shuffles in which every second one does.
    package static let youngShuffles = 2
    /// Peers with a message that waits for a link.
    package static let waitingForLink = 32
    /// Joins, ForwardJoins, Neighbors and Shuffles one peer may send in `viewFramePeriod`.
    package static let viewFrames = 40
    package static let viewFramePeriod = Milliseconds.seconds(10)
    /// Joins and Neighbors of high priority that one member may send to a full view, or being in
    /// it, within one to two `pushPeriod`s. An honest one sends three in a burst of arrivals.
    package static let pushesBorne = 4
    /// Who pushed fewer times gives way no sooner than who never did.
    package static let pushesCounted = 3
    package static let pushPeriod = Milliseconds.seconds(300)
    package static let pushersTracked = 256

    // Scores (PROTOCOL 10)
    package static let scoreDecay = Milliseconds.seconds(10)
    package static let refuseListTime = Milliseconds.seconds(600)
    package static let trackedScores = 4_096
}
