package import PeerState

extension Limits {
    // Frames of section 9.2
    package static let pruneSeconds: UInt64 = 600
    package static let maxIHave = 500
    package static let maxCode = 32
    package static let maxDetail = 200
    package static let maxAddresses = 4
    /// Bytes of envelopes in one Events frame: two of the largest, and room for the frame around.
    package static let eventsFrameBytes = 131_072
    /// Bytes of the encoded sections of a StateTell; fifteen rows of about fifty bytes fit.
    package static let maxSections = 4_096

    // Requests of one peer
    package static let wantsPerPeriod = 20
    package static let wantPeriod = Milliseconds.seconds(10)
    /// A little more than `wantPeriod`, so that delays on the way never make us look too fast.
    package static let ownWantPeriod = Milliseconds(10_500)

    // Answers to who is no member (PROTOCOL 13)
    package static let refusalsPerPeriod = 20
    package static let refusalPeriod = Milliseconds.seconds(60)

    // What one link may make us remember
    /// Authors claimed by one announcement, beyond which the link is closed (`lowScore`).
    package static let announcedAuthors = 65_536
    package static let openHandles = 10_000
    package static let repairsPerLink = 256
    package static let refusalsPerLink = 2_000
    package static let forksFetched = 256
    package static let lowerings = 16
    package static let confirmedSerials = 4
    package static let announcementMemories = 256
    /// Changed heads remembered for announcements that name only those.
    package static let headChanges = 8_192
    package static let declinedOffers = 64
    /// How far back a branch is fetched first; who needs more asks with `SyncCore.Input.fetch`.
    package static let branchFetch: UInt64 = 256
    /// Servers of which own events are sought from one stranger.
    static let soughtPerLink = 64

    // Serving and fetching
    /// Bytes read from the store at once for one want.
    package static let readPage = 256 << 10
    /// Consumed bytes after which credit is returned while a want is open.
    package static let creditReturn = 256 << 10
    /// How long a want that went elsewhere still takes a place and late events.
    package static let abandonedWantKept = Milliseconds.seconds(60)
    package static let overQuotaPause = Milliseconds.seconds(10)
    /// How soon an unchanged frontier is not announced again on the same link.
    package static let announceAgain = Milliseconds.seconds(1)

    // Gossip
    package static let authorRate: UInt64 = 50
    package static let authorBurst: UInt64 = 500
    package static let peerEventRate: UInt64 = 2_000
    package static let peerByteRate: UInt64 = 8 << 20
    package static let peerBurstSeconds: UInt64 = 10
    package static let trackedQuotas = 4_096
    /// Events about rights that one peer may push in one server, unasked, within a day.
    package static let authorityPerDay = 10_000
    package static let idCache = Milliseconds.seconds(90)
    package static let idCacheEntries = 8_192
    package static let announcersPerID = 8
    package static let trackedTips = 4_096
}
