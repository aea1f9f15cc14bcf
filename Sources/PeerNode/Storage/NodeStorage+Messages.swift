package import PeerState

/// Reading messages for a node: what its core needs to show them, in one visit of the store.
extension NodeStorage {
    package struct FoundPage: Sendable {
        package let page: TextPage
        /// The last message of the channel in display order.
        package let newest: StoredMessage?
        package var contexts: [Event.ID: MessageContext] = [:]
    }

    /// - Errors: those of the store; `unknownMessage` for an anchor that is not in the channel.
    package static func messages(
        _ request: PageRequest, _ core: StoreCore
    ) throws -> FoundPage {
        let anchor = try anchor(of: request, core)
        let page: TextPage
        do throws(StoreFailure) {
            page = try core.messages(
                of: request.channel, in: request.server, thread: request.thread, anchor,
                since: request.sinceMilliseconds, withSealed: request.showsSealed,
                limit: max(1, request.limit))
        } catch  where error.code == .conflict {
            throw NodeFailure(.unknownMessage, "no such message is in this channel")
        }
        return FoundPage(
            page: page, newest: try newest(request, page, core),
            contexts: try contexts(
                of: page.messages, withSealed: request.showsSealed, core))
    }

    /// Positions of a page name no id; two events of one place never stand in one channel's page.
    private static func anchor(
        of request: PageRequest, _ core: StoreCore
    ) throws(StoreFailure) -> TextAnchor {
        switch request.anchor {
        case .newest: return .newest
        case .after(let place):
            return .after(.last(lamport: place.lamport, author: place.author, seq: place.seq))
        case .before(let place):
            return .before(
                .first(lamport: place.lamport, author: place.author, seq: place.seq))
        case .told(let feed):
            let last = try core.lastRead(
                in: request.channel, of: request.server, announcedBy: feed)
            return .before(
                last.map { .last(lamport: $0.lamport, author: $0.author, seq: $0.seq) } ?? .lowest)
        case .around(let id): return .around(id)
        case .feed(let feed): return .arrived(after: feed)
        }
    }

    private static func newest(
        _ request: PageRequest, _ page: TextPage, _ core: StoreCore
    ) throws(StoreFailure) -> StoredMessage? {
        if case .newest = request.anchor, request.thread == nil,
            request.sinceMilliseconds == nil,
            let last = page.messages.last(where: { !$0.flags.contains(.sealed) })
        {
            return last
        }
        return try core.messages(
            of: request.channel, in: request.server, .newest, limit: 1
        ).messages.last
    }

    package struct InboxPlace: Sendable {
        let server: Server.ID
        let channels: Set<Channel.ID>
    }

    package struct FoundUnread: Sendable {
        let server: Server.ID
        let counts: ChannelUnread
        let newest: StoredMessage?
        let messages: [StoredMessage]
    }

    /// Channels with something unread, and the first messages of each.
    package static func unread(
        in places: [InboxPlace], by principal: String, messagesPerChannel: Int, _ core: StoreCore
    ) throws(StoreFailure) -> [FoundUnread] {
        var found: [FoundUnread] = []
        for place in places {
            for counts in try core.unread(in: place.server, by: principal)
            where place.channels.contains(counts.channel) {
                let newest = try core.messages(
                    of: counts.channel, in: place.server, .newest, limit: 1)
                let messages =
                    messagesPerChannel > 0
                    ? try core.unreadMessages(
                        of: counts.channel, in: place.server, by: principal,
                        limit: messagesPerChannel) : []
                found.append(
                    FoundUnread(
                        server: place.server, counts: counts, newest: newest.messages.last,
                        messages: messages))
            }
        }
        return found
    }

    /// Messages announced after `feed` that match, in order of arrival.
    package static func news(
        after feed: UInt64, _ filter: WaitFilter, limit: Int, _ core: StoreCore
    ) throws(StoreFailure) -> [StoredMessage] {
        try core.arrivals(after: feed, channels: filter.channels, limit: limit) {
            filter.matches(Arrival($0))
        }
    }

    /// What the store knows about the messages a post speaks of.
    package static func known(
        about post: PostMessage, _ core: StoreCore
    ) throws(StoreFailure) -> PostMessage.Known {
        var known = PostMessage.Known()
        if let id = post.parent, let parent = try core.message(id) {
            known.parentFeed = parent.feed
            known.parentOrder = parent.position
        }
        if let id = post.clientMessageID,
            let earlier = try core.sent(
                principal: post.principal, channel: post.channel, clientMessageID: id)
        {
            known.earlierSeq = try core.message(earlier.event)?.channelSeq
        }
        return known
    }

    /// Messages that are not shown, then edits whose text is not: some may open now.
    ///
    /// - Parameter place: where the last part ended; set to `nil` at the end.
    package static func rescan(
        _ server: Server.ID, _ place: inout RescanPlace?, _ core: StoreCore
    ) throws(StoreFailure) -> [StoredEvent] {
        guard let now = place else { return [] }
        let rows = try core.unshownEvents(of: server, kind: now.kind, after: now.after)
        if let last = rows.last {
            place = RescanPlace(kind: now.kind, floor: now.floor, after: last.orderKey)
        } else {
            place =
                now.kind == MessagePosted.kind
                ? .from(lamport: now.floor, kind: MessageEdited.kind) : nil
        }
        guard now.kind == MessageEdited.kind else { return rows }
        var found: [StoredEvent] = []
        for row in rows {
            guard
                let body = HostedServer.decode(row.envelope, of: server)?.body as? MessageEdited,
                let message = try core.message(body.message, withSealed: true),
                message.source != row.id
            else { continue }
            found.append(row)
        }
        return found
    }

    package struct RescanPlace: Sendable {
        let kind: UInt64
        /// Nothing before this lamport is looked at.
        let floor: UInt64
        var after: OrderKey?

        fileprivate init(kind: UInt64, floor: UInt64, after: OrderKey?) {
            self.kind = kind
            self.floor = floor
            self.after = after
        }

        package static let start = Self.from(lamport: 0)

        package static func from(
            lamport: UInt64, kind: UInt64 = MessagePosted.kind
        ) -> Self {
            Self(kind: kind, floor: lamport, after: .beginning(of: lamport))
        }
    }

    package static func reopened(
        _ sources: [MessageSource], in server: Server.ID, _ core: StoreCore
    ) throws(StoreFailure) -> [Reopened] {
        var found: [Reopened] = []
        for source in sources {
            found.append(
                Reopened(
                    message: source.message,
                    post: try core.envelope(server: server, id: source.message),
                    text: try core.envelope(server: server, id: source.text),
                    isShown: try core.message(source.message) != nil))
        }
        return found
    }
}
