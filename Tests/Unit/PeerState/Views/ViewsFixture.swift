import PeerState

/// A store in memory with made-up messages, and the same messages in plain arrays to compare with.
final class ViewsFixture {
    let core: StoreCore
    private(set) var feed: UInt64 = 0
    private(set) var seqs: [Channel.ID: UInt64] = [:]
    private var chains: [Peer.ID: UInt64] = [:]
    private var lamport: UInt64 = 0
    /// What a full scan would look at; tombstones and dropped messages are gone.
    private(set) var plain: [Event.ID: TextEntry] = [:]
    private(set) var authors: [Event.ID: Peer.ID] = [:]

    init(_ core: StoreCore? = nil) throws {
        self.core = try core ?? Made.memory()
    }

    static let ann: Peer.ID = Made.id("ann")
    static let bob: Peer.ID = Made.id("bob")
    static let other: Channel.ID = Made.id("other channel")

    @discardableResult
    func post(
        _ text: String, by author: Peer.ID = ViewsFixture.ann,
        in channel: Channel.ID = Made.channel,
        parent: Event.ID? = nil, flags: TextFlags = [], mentions: [Peer.ID] = [],
        lamport: UInt64? = nil, wall: UInt64 = 1_000, principal: String? = nil,
        isShown: Bool = true
    ) throws -> Event.ID {
        let seq = (chains[author] ?? 0) + 1
        chains[author] = seq
        self.lamport = max(self.lamport, lamport ?? self.lamport + 1)
        let event = StoredEvent(
            id: Made.id("\(author.hex) \(seq)"), server: Made.server, author: author, seq: seq,
            lamport: lamport ?? self.lamport, kind: 60, envelope: Array("sealed \(seq)".utf8),
            storedAtMilliseconds: 5_000)
        var batch = Made.batch([event])
        authors[event.id] = author
        if isShown {
            batch = show(event.id, text, in: channel, parent, flags, mentions, wall, principal)
            batch.events = [event]
        }
        try core.commit([batch])
        return event.id
    }

    /// Stores a message whose key is not here.
    @discardableResult
    func seal(
        by author: Peer.ID = ViewsFixture.ann, in channel: Channel.ID = Made.channel,
        parent: Event.ID? = nil, lamport: UInt64? = nil, wall: UInt64 = 1_000
    ) throws -> Event.ID {
        let id = try post("", by: author, in: channel, lamport: lamport, isShown: false)
        try commit(
            .showSealed(
                SealedEntry(
                    message: id, channel: channel, epoch: Epoch.ID(id), parent: parent,
                    wallMilliseconds: wall)))
        return id
    }

    /// Shows a message whose event is stored already.
    func show(
        _ id: Event.ID, _ text: String, in channel: Channel.ID = Made.channel,
        _ parent: Event.ID? = nil, _ flags: TextFlags = [], _ mentions: [Peer.ID] = [],
        _ wall: UInt64 = 1_000, _ principal: String? = nil
    ) -> StoreBatch {
        feed += 1
        seqs[channel, default: 0] += 1
        var entry = TextEntry(
            message: id, channel: channel, epoch: Made.id("epoch"), text: text,
            wallMilliseconds: wall)
        entry.parent = parent
        entry.flags = flags
        entry.mentions = mentions
        entry.feed = feed
        entry.channelSeq = seqs[channel] ?? 0
        entry.principal = principal
        plain[id] = entry
        var batch = StoreBatch()
        batch.texts = [.show(entry)]
        batch.feed = [
            FeedRow(
                position: feed, server: Made.server, event: id, kind: "MessageReceived",
                atMilliseconds: 5_000, channelSeq: entry.channelSeq)
        ]
        return batch
    }

    func edit(_ id: Event.ID, _ text: String, flags: TextFlags = []) throws {
        let source = try post("", by: authors[id] ?? Self.ann, isShown: false)
        var edit = TextEdit(message: id, source: source, text: text)
        edit.flags = flags
        try commit(.edit(edit))
        if let old = plain[id] {
            var entry = TextEntry(
                message: id, channel: old.channel, epoch: old.epoch, text: text,
                wallMilliseconds: old.wallMilliseconds)
            entry.parent = old.parent
            plain[id] = entry
        }
    }

    func remove(_ id: Event.ID) throws {
        let source = try post("", by: Self.bob, isShown: false)
        try commit(.remove(message: id, by: source))
        plain[id] = nil
    }

    func drop(_ id: Event.ID) throws {
        try commit(.drop(id))
        plain[id] = nil
    }

    func dropChannel(_ channel: Channel.ID) throws {
        try commit(.dropChannel(Made.server, channel))
        plain = plain.filter { $0.value.channel != channel }
    }

    func commit(_ change: TextChange) throws {
        var batch = StoreBatch()
        batch.texts = [change]
        try core.commit([batch])
    }

    func mark(_ id: Event.ID, by principal: String = "me") throws {
        var batch = StoreBatch()
        batch.marks = [try core.mark(for: principal, upTo: id, now: feed)].compactMap { $0 }
        try core.commit([batch])
    }

    func page(
        _ anchor: TextAnchor, limit: Int = 50, in channel: Channel.ID = Made.channel,
        thread: Event.ID? = nil, withSealed: Bool = false
    ) throws -> TextPage {
        try core.messages(
            of: channel, in: Made.server, thread: thread, anchor, withSealed: withSealed,
            limit: limit)
    }

    static let places = [Made.channel, other].map {
        SearchRequest.Place(server: Made.server, channel: $0)
    }

    func search(
        _ text: String, _ change: (inout SearchRequest) -> Void = { _ in }
    ) throws -> [String] {
        var request = SearchRequest(SearchQuery(text), places: Self.places, limit: 50)
        change(&request)
        return try core.search(request).hits.map(\.message.text)
    }
}
