import PeerNet
package import PeerState

/// What the node shows: pure questions about servers, channels, members and messages.
extension NodeCore {
    package func serverSnapshots() -> [ServerSnapshot] {
        servers.keys.sorted().compactMap { id in
            guard let slot = servers[id], slot.state.isFounded else { return nil }
            return snapshot(of: slot)
        }
    }

    private func snapshot(of slot: HostedServer) -> ServerSnapshot {
        let state = slot.state
        let members = state.members(at: state.now)
        return ServerSnapshot(
            id: slot.id, name: state.name, description: "", isDirect: state.isDirect,
            owner: state.owner,
            admins: members.filter { state.standing(of: $0)?.level == .admin },
            level: state.standing(of: me)?.level.word ?? "none",
            permissions: state.permissions(of: me, at: state.now).words,
            memberCount: members.count,
            displayName: state.displayName(of: me) ?? displayName,
            createdAtMilliseconds: state.createdMilliseconds, threshold: "majority")
    }

    package func channelSnapshots(in server: Server.ID) throws(NodeFailure) -> [ChannelSnapshot] {
        let slot = try hosted(server)
        return slot.state.holdingChannels.map { snapshot(of: $0, slot) }
    }

    func snapshot(of info: ChannelInfo, _ slot: HostedServer) -> ChannelSnapshot {
        let timeline = slot.timeline(info.id)
        return ChannelSnapshot(
            id: info.id, server: slot.id, name: info.name, topic: info.topic,
            isVoice: info.isVoice, history: info.history == .all ? "all" : "since_join",
            isRestricted: info.readers != nil, channelSeq: UInt64(timeline.count),
            lastAtMilliseconds: timeline.entries.last.map { clamp($0, slot).milliseconds })
    }

    package func memberSnapshots(in server: Server.ID) throws(NodeFailure) -> [MemberSnapshot] {
        let slot = try hosted(server)
        let linked = Set(links.values.compactMap(\.peer))
        return slot.state.members(at: slot.state.now).map { peer in
            MemberSnapshot(
                id: peer, displayName: slot.state.displayName(of: peer) ?? peer.short,
                level: slot.state.standing(of: peer)?.level.word ?? "none",
                isOnline: peer == me || linked.contains(peer), isAgent: slot.state.isAgent(peer),
                joinedAtMilliseconds: slot.state.joinedMilliseconds(peer))
        }
    }

    package func connectionSnapshot() -> ConnectionSnapshot {
        let shown = links.sorted { $0.key.number < $1.key.number }.compactMap { _, slot in
            slot.peer.map { peer in
                LinkSnapshot(
                    peer: peer, displayName: name(of: peer), address: slot.address,
                    sinceMilliseconds: slot.sinceMilliseconds,
                    servers: servers.keys.sorted().filter {
                        servers[$0]?.state.standing(of: peer) != nil
                    })
            }
        }
        return ConnectionSnapshot(
            listening: listenAddresses, links: shown, queuedEvents: 0, oldestQueuedMilliseconds: nil
        )
    }

    /// A name for a peer from any server that knows one.
    private func name(of peer: Peer.ID) -> String {
        for id in servers.keys.sorted() {
            if let name = servers[id]?.state.displayName(of: peer) { return name }
        }
        return peer.short
    }

    // Messages

    package func page(_ request: PageRequest) throws(NodeFailure) -> MessagePage {
        let slot = try hosted(request.server)
        guard let info = slot.state.channel(request.channel) else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        let timeline = slot.timeline(request.channel)
        var (entries, before, after) = select(request, timeline)
        if let since = request.sinceMilliseconds {
            entries.removeAll { clamp($0, slot).milliseconds < since }
        }
        if case .around(let id) = request.anchor, timeline.entry(id) == nil {
            throw NodeFailure(.unknownMessage, "no message \(id.short) is in this channel")
        }
        return MessagePage(
            channel: snapshot(of: info, slot),
            messages: entries.compactMap { snapshot(of: $0, request.channel, request.server) },
            hasMoreBefore: before > 0, hasMoreAfter: after > 0,
            remaining: isForward(request.anchor) ? after : before, feed: feed)
    }

    private func isForward(_ anchor: PageRequest.Anchor) -> Bool {
        switch anchor {
        case .after, .feed: true
        case .newest, .before, .around: false
        }
    }

    /// The entries of a page and how many stand before and after it.
    private func select(
        _ request: PageRequest, _ timeline: Timeline
    ) -> (entries: [Timeline.Entry], before: Int, after: Int) {
        let all = timeline.entries
        let limit = max(1, request.limit)
        let range: Range<Int>
        switch request.anchor {
        case .newest: range = max(0, all.count - limit)..<all.count
        case .after(let position):
            var first = timeline.index(of: position)
            if first < all.count, all[first].position == position { first += 1 }
            range = first..<min(all.count, first + limit)
        case .before(let position):
            let end = timeline.index(of: position)
            range = max(0, end - limit)..<end
        case .around(let id):
            let centre = timeline.entry(id).map { timeline.index(of: $0.position) } ?? all.count
            let first = max(0, centre - limit / 2)
            range = first..<min(all.count, first + limit)
        case .feed(let feed):
            let arrived = timeline.arrived(after: feed)
            return (Array(arrived.prefix(limit)), 0, max(0, arrived.count - limit))
        }
        return (Array(all[range]), range.lowerBound, all.count - range.upperBound)
    }

    package func message(_ id: Event.ID) throws(NodeFailure) -> MessageSnapshot {
        for server in servers.keys.sorted() {
            guard let slot = servers[server], let info = slot.state.message(id),
                let entry = slot.timeline(info.channel).entry(id),
                let message = snapshot(of: entry, info.channel, server)
            else { continue }
            return message
        }
        throw NodeFailure(.unknownMessage, "no message \(id.short) is readable here")
    }

    package func messageIDs(startingWith hexPrefix: String) -> [Event.ID] {
        var found: [Event.ID] = []
        for server in servers.keys.sorted() {
            for timeline in servers[server]?.timelines.values.map(\.entries) ?? [] {
                for entry in timeline where entry.id.hex.hasPrefix(hexPrefix) {
                    found.append(entry.id)
                }
            }
        }
        return Array(found.sorted().prefix(3))
    }

    func snapshot(
        of entry: Timeline.Entry, _ channel: Channel.ID, _ server: Server.ID
    ) -> MessageSnapshot? {
        servers[server].map { snapshot(of: entry, channel, in: $0) }
    }

    private func snapshot(
        of entry: Timeline.Entry, _ channel: Channel.ID, in slot: HostedServer
    ) -> MessageSnapshot {
        let clamped = clamp(entry, slot)
        let isReplyToMe = entry.parent.flatMap { slot.state.message($0)?.author } == me
        return MessageSnapshot(
            id: entry.id, server: slot.id, channel: channel, author: entry.author,
            authorName: slot.state.displayName(of: entry.author) ?? entry.author.short,
            text: entry.text, parent: entry.parent, lamport: entry.position.lamport,
            authorSeq: entry.position.seq, atMilliseconds: clamped.milliseconds,
            isClamped: clamped.isClamped, feed: entry.feed, channelSeq: entry.channelSeq,
            isMention: entry.author != me && (entry.mentions.contains(me) || isReplyToMe),
            isLocal: entry.author == me, isAgent: slot.state.isAgent(entry.author),
            isLate: entry.isLate, principal: entry.principal, trust: trust(in: entry, slot),
            epoch: entry.epoch)
    }

    /// The author's clock within [creation of the server, first stored + 10 min] (PROTOCOL 3.3).
    private func clamp(
        _ entry: Timeline.Entry, _ slot: HostedServer
    ) -> (milliseconds: UInt64, isClamped: Bool) {
        let low = slot.state.createdMilliseconds
        let high = max(low, entry.storedMilliseconds &+ Limits.clockAheadMilliseconds)
        let value = min(max(entry.wallMilliseconds, low), high)
        return (value, value != entry.wallMilliseconds)
    }

    private func trust(in entry: Timeline.Entry, _ slot: HostedServer) -> String {
        if entry.author == me { return "self" }
        guard slot.state.standing(of: entry.author) != nil else { return "former" }
        let joined = slot.state.joinedMilliseconds(entry.author)
        return now.wallMilliseconds < joined &+ 86_400_000 ? "new" : "member"
    }

    // What is new

    package func inbox(
        principal: String, channels: Set<Channel.ID>?, messagesPerChannel: Int
    ) -> InboxSnapshot {
        var entries: [InboxEntry] = []
        for server in servers.keys.sorted() {
            guard let slot = servers[server] else { continue }
            for info in slot.state.holdingChannels where channels?.contains(info.id) ?? true {
                if let entry = inboxEntry(info, slot, principal, messagesPerChannel) {
                    entries.append(entry)
                }
            }
        }
        entries.sort { left, right in
            if left.isDirect != right.isDirect { return left.isDirect }
            if (left.mentions > 0) != (right.mentions > 0) { return left.mentions > 0 }
            return left.channel.lastAtMilliseconds ?? 0 > right.channel.lastAtMilliseconds ?? 0
        }
        return InboxSnapshot(
            unread: entries.reduce(0) { $0 + $1.unread },
            mentions: entries.reduce(0) { $0 + $1.mentions }, entries: entries, feed: feed)
    }

    private func inboxEntry(
        _ info: ChannelInfo, _ slot: HostedServer, _ principal: String, _ limit: Int
    ) -> InboxEntry? {
        let mark = marks[MarkKey(principal: principal, channel: info.id)] ?? 0
        let filter = WaitFilter(principal: principal)
        let unread = slot.timeline(info.id).arrived(after: mark)
            .compactMap { snapshot(of: $0, info.id, slot.id) }.filter { filter.matches($0) }
        guard !unread.isEmpty else { return nil }
        return InboxEntry(
            channel: snapshot(of: info, slot), isDirect: slot.state.isDirect, unread: unread.count,
            mentions: unread.count { $0.isMention }, messages: Array(unread.prefix(limit)))
    }

    package func newsItems(
        after feed: UInt64, filter: WaitFilter, limit: Int
    ) -> [MessageSnapshot] {
        var result: [MessageSnapshot] = []
        var index = firstNews(after: feed)
        // Copied once for all its items in a row.
        var slot: HostedServer?
        while index < news.count && result.count < limit {
            let item = news[index]
            index += 1
            guard filter.channels?.contains(item.channel) ?? true else { continue }
            if slot?.id != item.server { slot = servers[item.server] }
            guard let slot, let entry = slot.timelines[item.channel]?.entry(item.id) else {
                continue
            }
            let message = snapshot(of: entry, item.channel, in: slot)
            if filter.matches(message) { result.append(message) }
        }
        return result
    }

    private func firstNews(after feed: UInt64) -> Int {
        var low = 0
        var high = news.count
        while low < high {
            let middle = (low + high) / 2
            if news[middle].feed <= feed { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// ms since the last message that matches was announced; looks back no further than 30 min.
    package func quietMilliseconds(filter: WaitFilter) -> UInt64? {
        for item in news.reversed() {
            let age = now.wallMilliseconds &- item.atMilliseconds
            if age > 30 * 60_000 && age < 1 << 63 { return nil }
            guard let entry = servers[item.server]?.timeline(item.channel).entry(item.id),
                let message = snapshot(of: entry, item.channel, item.server),
                filter.matches(message)
            else { continue }
            return age
        }
        return nil
    }
}
