import PeerState

/// What the core remembers of one server, over all links.
struct ServerSync {
    var conversations: [LinkID: Conversation] = [:]
    /// The want that asks for an author's missing events.
    var inFlight: [Peer.ID: UInt64] = [:]
    /// The highest number delivered without a gap and perhaps not committed yet.
    var tips: [Peer.ID: UInt64] = [:]
    var changes = HeadChanges()
    /// Of peers whose link ended; at most `Limits.announcementMemories`.
    var memories: [Peer.ID: AnnouncementMemory] = [:]
    /// How its fresh events spread; nil until the first.
    @CopyOnWrite var tree: Plumtree? = nil
    var repair = RepairPlan()
    /// Nil after the heads changed.
    var digest: Digest.Value?
    /// Authors by the first eight bytes of their key. Never loses one; built when first needed.
    private var authors: [UInt64: [Peer.ID]]?

    /// In ascending order, so that effects never depend on hashing.
    var sortedLinks: [LinkID] { conversations.keys.sorted() }

    var hasWork: Bool { conversations.values.contains { $0.hasWork } }

    /// The one author with that handle; nil for none or several.
    mutating func author(_ handle: UInt64, among heads: [Peer.ID: Head]) -> Peer.ID? {
        let found = index(heads)[handle] ?? []
        return found.count == 1 ? found.first : nil
    }

    /// Keeps what was said on a link that ended; one of the others gives way when all is full.
    mutating func remember(_ memory: AnnouncementMemory, of peer: Peer.ID) {
        if memories[peer] == nil, memories.count >= Limits.announcementMemories,
            let other = memories.keys.min()
        {
            memories[other] = nil
        }
        memories[peer] = memory
    }

    /// Hands the tree over, to be given back changed.
    mutating func takeTree() -> Plumtree? {
        defer { tree = nil }
        return tree
    }

    /// Whether what the peer of a link announced is still being fetched.
    mutating func isCatchingUp(_ link: LinkID) -> Bool {
        conversations.inPlace(link) { $0.isCatchingUp } ?? false
    }

    /// Drops what peers claimed of an author, as far as it is here.
    mutating func meetClaims(on author: Peer.ID, upTo seq: UInt64) {
        conversations.eachInPlace { _, conversation in
            guard let claimed = conversation.claims[author], claimed <= seq else { return }
            conversation.claims[author] = nil
        }
    }

    mutating func noteAuthor(_ author: Peer.ID) {
        guard authors != nil, authors?[author.prefix]?.contains(author) != true else { return }
        authors?[author.prefix, default: []].append(author)
    }

    /// Counts a delivered event, and returns true when events before it are missing.
    mutating func noteDelivered(_ author: Peer.ID, seq: UInt64, head: UInt64) -> Bool {
        let tip = max(head, tips[author] ?? 0)
        guard seq > tip else { return false }
        guard seq == tip + 1 else { return true }
        if tips.count >= Limits.trackedTips && tips[author] == nil { tips.removeAll() }
        tips[author] = seq
        return false
    }

    private mutating func index(_ heads: [Peer.ID: Head]) -> [UInt64: [Peer.ID]] {
        if let authors { return authors }
        var index: [UInt64: [Peer.ID]] = [:]
        index.reserveCapacity(heads.count)
        for author in heads.keys { index[author.prefix, default: []].append(author) }
        authors = index
        return index
    }
}
