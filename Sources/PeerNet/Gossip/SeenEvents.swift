import PeerState

/// Recent events of gossip: who holds each, how far it travelled, whether it went on.
///
/// - Bounds: `Limits.idCacheEntries` for `Limits.idCache`, oldest first; `Limits.announcersPerID`
///   holders each.
struct SeenEvents: Sendable {
    struct Entry: Sendable {
        /// Links over which it came or was announced, and the round told there first.
        var holders: [Holder] = []
        /// Rounds to the author by the way it came.
        var round: UInt64 = 0
        /// The link that brought it first.
        var parent: LinkID?
        /// Whether the payload came, or was written here.
        var isHere = false
        var isPublished = false
        fileprivate let since: Instant

        /// Rounds to the author for whom it goes on to; own events begin with 0.
        var onward: UInt64 { parent == nil ? 0 : round == .max ? .max : round + 1 }

        func holder(_ link: LinkID) -> Holder? { holders.first { $0.link == link } }

        fileprivate init(since: Instant) {
            self.since = since
        }
    }

    struct Holder: Sendable {
        let link: LinkID
        let round: UInt64
    }

    private var entries: [Event.ID: Entry] = [:]
    /// Ids by age; those before `oldest` are gone.
    private var ages: [Event.ID] = []
    private var oldest = 0

    subscript(id: Event.ID) -> Entry? { entries[id] }

    mutating func noteHolder(
        _ link: LinkID, of id: Event.ID, round: UInt64 = 0, _ now: Instant
    ) {
        update(id, now) { entry in
            guard entry.holder(link) == nil, entry.holders.count < Limits.announcersPerID
            else { return }
            entry.holders.append(Holder(link: link, round: round))
        }
    }

    mutating func update(_ id: Event.ID, _ now: Instant, _ change: (inout Entry) -> Void) {
        if entries[id] == nil {
            evict(now)
            ages.append(id)
            entries[id] = Entry(since: now)
        }
        if var entry = entries[id] {
            // Taken out while it changes, so that its list is not copied.
            entries[id] = nil
            change(&entry)
            entries[id] = entry
        }
    }

    /// Lets the event be taken again.
    mutating func forget(_ id: Event.ID) {
        entries[id]?.isHere = false
        entries[id]?.isPublished = false
    }

    private mutating func evict(_ now: Instant) {
        while oldest < ages.count, let entry = entries[ages[oldest]],
            entries.count >= Limits.idCacheEntries || entry.since + Limits.idCache <= now
        {
            entries[ages[oldest]] = nil
            oldest += 1
        }
        if oldest > Limits.idCacheEntries {
            ages.removeFirst(oldest)
            oldest = 0
        }
    }
}
