import PeerState

/// What one link and we have told each other about one server.
struct Conversation {
    var sentDigest: Digest.Value?
    var receivedDigest: Digest.Value?
    var announcedDigest: Digest.Value?
    var announcedAt = Instant.zero
    /// By which rules the peer folds, as its Hello says.
    var foldVersion = SyncCore.foldVersion
    /// The peer said `notMember`; nothing is pushed to it until it says Hello.
    var isRefused = false
    var announcement: Announcement?
    /// Whether our many heads wait for the dialler to say whether it compares ranges.
    var waitsForDialler = false
    /// Whether ranges were tried in vain, so that all heads are told.
    var tellsHeads = false
    var memory: AnnouncementMemory

    /// What the peer says to have beyond our heads.
    var claims: [Peer.ID: UInt64] = [:]
    /// Ranges to fetch though no head asks for them.
    var repairs: [SeqRange] = []
    /// Handles asked for and not answered yet.
    var handles: Set<UInt64> = []
    var handlesDeadline: Instant?
    /// Events of this peer that were dropped, by author; its claims from there on are not followed.
    var refusals: [Peer.ID: UInt64] = [:]
    /// Other branches that were fetched once already.
    var fetchedBranches: Set<Event.ID> = []

    var isCatchingUp = false
    /// Whether the peer has said what it has: all its heads, or that they are ours. Before that it
    /// may have pushed events that rest on others, and nobody has caught up with it.
    var hasTold = false
    /// Whether the catch-up brought something that was stored.
    var hasStored = false

    /// The peer's latest announcement.
    struct Announcement {
        let serial: UInt64
        var entries = 0
        var isComplete = false
        /// Some entry was neither stored nor refused when we stopped asking for it.
        var isUnmet = false
    }

    init(_ memory: AnnouncementMemory) {
        self.memory = memory
    }

    /// Forgets serials and confirmations when the peer has a new life.
    mutating func meet(_ incarnation: [UInt8]) {
        guard incarnation != memory.incarnation else { return }
        memory = AnnouncementMemory(incarnation: incarnation)
        announcement = nil
    }

    /// The serial for the last element of a Hello, remembered as confirmed; 0 = none.
    mutating func confirm() -> UInt64 {
        if let announcement, announcement.isComplete, !announcement.isUnmet, claims.isEmpty,
            handles.isEmpty
        {
            memory.confirm(announcement.serial)
        }
        return memory.confirmed.last ?? 0
    }

    /// Whether anything is left to ask this peer for.
    var hasWork: Bool { !claims.isEmpty || !repairs.isEmpty }

    /// Whether anything is left to ask for that need not wait for its turn.
    func hasWork(besides postponed: PostponedAuthors) -> Bool {
        guard !postponed.isEmpty, repairs.isEmpty else { return hasWork }
        return claims.keys.contains { !postponed.holds($0) }
    }

    mutating func dropClaim(_ author: Peer.ID) {
        claims[author] = nil
        announcement?.isUnmet = true
    }
}
