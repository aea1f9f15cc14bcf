import PeerNet
package import PeerState

/// What the node shows: pure questions about servers, channels, members and messages.
extension NodeCore {
    package func serverSnapshots() -> [ServerSnapshot] {
        servers.keys.sorted().compactMap { id in
            guard let slot = servers[id], slot.state.isFounded, !isHidden(slot) else { return nil }
            return snapshot(of: slot)
        }
    }

    private func snapshot(of slot: HostedServer) -> ServerSnapshot {
        let state = slot.state
        return ServerSnapshot(
            id: slot.id, name: state.isDirect ? directTitle(of: slot) : state.name,
            description: state.description, isDirect: state.isDirect,
            owner: state.owner,
            level: slot.isMember ? state.standing(of: me)?.level.word ?? "none" : "none",
            permissions: slot.isMember ? state.permissions(of: me, at: state.now).words : [],
            memberCount: state.memberCount(at: state.now),
            displayName: state.displayName(of: me) ?? displayName,
            createdAtMilliseconds: state.createdMilliseconds, threshold: state.currentThreshold.word
        )
    }

    package func channelSnapshots(
        in server: Server.ID, _ totals: [ChannelTotals]
    ) throws(NodeFailure) -> [ChannelSnapshot] {
        let slot = try hosted(server)
        let known = Dictionary(totals.map { ($0.channel, $0) }) { first, _ in first }
        return slot.state.holdingChannels.map { snapshot(of: $0, slot, known[$0.id]) }
    }

    package func namedChannels(
        in server: Server.ID
    ) throws(NodeFailure) -> [ChannelSnapshot] {
        let slot = try hosted(server)
        return slot.state.holdingChannels.map {
            snapshot(of: $0, slot, seq: slot.shownSeqs[$0.id] ?? 0, newest: nil)
        }
    }

    func snapshot(
        of info: ChannelInfo, _ slot: HostedServer, _ totals: ChannelTotals?
    ) -> ChannelSnapshot {
        snapshot(of: info, slot, seq: totals?.lastSeq ?? 0, newest: totals?.newest)
    }

    func snapshot(
        of info: ChannelInfo, _ slot: HostedServer, seq: UInt64, newest: StoredMessage?
    ) -> ChannelSnapshot {
        let isDirect = slot.state.isDirect
        var channel = ChannelSnapshot(
            id: info.id, server: slot.id, name: isDirect ? directTitle(of: slot) : info.name,
            topic: info.topic, isVoice: info.isVoice,
            history: info.history == .all ? "all" : "since_join",
            isRestricted: info.readers != nil, channelSeq: seq,
            lastAtMilliseconds: newest.map { clamp($0, slot.state).milliseconds })
        channel.isDirect = isDirect
        channel.roles = info.readers ?? []
        if info.idleMilliseconds != nil {
            let idle = ChannelIdle(info, nowMilliseconds: now.wallMilliseconds)
            channel.idleState = idle.state.rawValue
        }
        return channel
    }

    /// Active members in order of their keys, then suspended ones.
    package func memberSnapshots(in server: Server.ID) throws(NodeFailure) -> [MemberSnapshot] {
        let slot = try hosted(server)
        let roles = slot.state.roleInfos
        let linked = Set(links.values.compactMap(\.peer))
        let peers = slot.state.members(at: slot.state.now) + slot.state.suspendedMembers
        return peers.map { memberSnapshot(of: $0, slot, roles, linked) }
    }

    func memberSnapshot(
        of peer: Peer.ID, _ slot: HostedServer, _ roles: [RoleInfo], _ linked: Set<Peer.ID>
    ) -> MemberSnapshot {
        let standing = slot.state.standing(of: peer)
        var member = MemberSnapshot(
            id: peer, displayName: shownName(peer, in: slot),
            level: standing?.level.word ?? "none",
            isOnline: isOnline(peer, in: slot, linked: linked),
            isAgent: slot.state.isAgent(peer),
            joinedAtMilliseconds: slot.state.joinedMilliseconds(peer))
        member.presence = presence(of: peer, in: slot.id)
        member.isSuspended = standing == nil && slot.state.isSuspended(peer)
        member.roles = roles.filter { $0.holders.contains(peer) }.map(\.id)
        member.isVerified = contacts[peer]?.isVerified == true
        member.nickname = contacts[peer].flatMap { $0.nickname.isEmpty ? nil : $0.nickname }
        return member
    }

    package func connectionSnapshot() -> ConnectionSnapshot {
        let shown = links.sorted { $0.key.number < $1.key.number }.compactMap { _, slot in
            slot.peer.map { peer in
                var link = LinkSnapshot(
                    peer: peer, displayName: name(of: peer), address: slot.address,
                    sinceMilliseconds: slot.sinceMilliseconds,
                    servers: servers.keys.sorted().filter {
                        servers[$0]?.state.standing(of: peer) != nil
                    })
                link.roundTrip = slot.session.roundTrip
                return link
            }
        }
        var snapshot = ConnectionSnapshot(
            listening: listenAddresses, links: shown,
            queuedEvents: Int(clamping: queuedEvents.count),
            oldestQueuedMilliseconds: queuedEvents.since)
        snapshot.dialling = dialling.snapshots(linked: Set(shown.map(\.peer)))
        return snapshot
    }

    // Messages

    /// What a request asks of the store.
    ///
    /// - Errors: `unknownServer`, `unknownChannel`.
    package func checked(_ request: PageRequest) throws(NodeFailure) -> PageRequest {
        guard try hosted(request.server).state.channel(request.channel) != nil else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        var request = request
        request.showsSealed =
            request.showsSealed && mayRead(request.channel, in: request.server)
        return request
    }

    /// What the store found for a request, as it is shown.
    ///
    /// - Parameter feed: `visibleFeed` before the store was asked: all up to it is in the answer.
    package func page(
        _ request: PageRequest, _ found: NodeStorage.FoundPage, feed: UInt64
    ) throws(NodeFailure) -> MessagePage {
        let slot = try hosted(request.server)
        guard let info = slot.state.channel(request.channel) else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        return MessagePage(
            channel: snapshot(
                of: info, slot, seq: slot.shownSeqs[request.channel] ?? 0, newest: found.newest),
            messages: found.page.messages.map {
                snapshot(of: $0, in: slot, found.contexts[$0.id])
            },
            hasMoreBefore: found.page.hasMoreBefore, hasMoreAfter: found.page.hasMoreAfter,
            remaining: found.page.remaining, feed: feed)
    }

    /// - Errors: `unknownMessage`.
    package func message(
        _ id: Event.ID, _ found: StoredMessage?, _ context: MessageContext? = nil
    ) throws(NodeFailure) -> MessageSnapshot {
        guard let found, isForReader(found), let message = snapshot(of: found, context) else {
            throw NodeFailure(.unknownMessage, "no message \(id.short) is readable here")
        }
        return message
    }

    /// Of messages whose key is not here only readers of the channel hear.
    func isForReader(_ message: StoredMessage) -> Bool {
        !message.flags.contains(.sealed) || mayRead(message.channel, in: message.server)
    }

    /// `nil` where saying so would take long: in large servers, and of what is long past.
    func delivery(of message: MessageSnapshot) -> MessageDelivery? {
        guard let state = servers[message.server]?.state,
            state.activeMembers.count <= Limits.deliveryMembers,
            let known = state.acknowledgement(of: message.id)
        else { return nil }
        let linked = linkedMembers(of: message.server).compactMap { links[$0]?.peer }
        let reached = known.members.union(linked).subtracting([message.author, me])
        return MessageDelivery(
            reached: reached.count, acknowledged: known.members.count, isStable: known.isStable)
    }

    /// `nil` when its server is not here any more.
    package func snapshot(
        of message: StoredMessage, _ context: MessageContext? = nil
    ) -> MessageSnapshot? {
        servers[message.server].map { snapshot(of: message, in: $0, context) }
    }

    /// Many messages, without those whose server is not here any more.
    package func snapshots(of messages: [StoredMessage]) -> [MessageSnapshot] {
        var shown: [MessageSnapshot] = []
        shown.reserveCapacity(messages.count)
        var rest = messages[...]
        while let server = rest.first?.server {
            let run = rest.prefix { $0.server == server }
            rest = rest.dropFirst(run.count)
            // The state is handed on, as each look through the slot would copy it.
            if let slot = servers[server] { shown += snapshots(of: run, in: slot, slot.state) }
        }
        return shown
    }

    private func snapshots(
        of messages: ArraySlice<StoredMessage>, in slot: HostedServer, _ state: ServerState
    ) -> [MessageSnapshot] {
        var names: [Peer.ID: String] = [:]
        return messages.map { message in
            let name = names[message.author] ?? shownName(message.author, in: slot)
            names[message.author] = name
            return snapshot(of: message, by: name, in: slot, state)
        }
    }

    func snapshot(
        of message: StoredMessage, in slot: HostedServer, _ context: MessageContext? = nil
    ) -> MessageSnapshot {
        snapshot(
            of: message, by: shownName(message.author, in: slot), in: slot, slot.state, context)
    }

    private func snapshot(
        of message: StoredMessage, by name: String, in slot: HostedServer, _ state: ServerState,
        _ context: MessageContext? = nil
    ) -> MessageSnapshot {
        let clamped = clamp(message, state)
        // The epoch's event is stored before any message under it; the id only fills the type.
        var snapshot = MessageSnapshot(
            id: message.id, server: slot.id, channel: message.channel, author: message.author,
            authorName: name,
            text: message.text, parent: message.parent, lamport: message.position.lamport,
            authorSeq: message.position.seq, atMilliseconds: clamped.milliseconds,
            isClamped: clamped.isClamped, feed: message.feed, channelSeq: message.channelSeq,
            isMention: message.flags.contains(.mention), isLocal: message.author == me,
            isAgent: state.isAgent(message.author), isLate: message.flags.contains(.late),
            principal: message.principal, trust: trust(in: message.author, state),
            epoch: message.epoch ?? Epoch.ID(message.id))
        snapshot.isEdited = message.flags.contains(.edited)
        snapshot.isDeleted = message.flags.contains(.deleted)
        snapshot.isSealed = message.flags.contains(.sealed) && !snapshot.isDeleted
        snapshot.around = surroundings(of: message, in: slot, state, context)
        snapshot.files = files(of: message)
        if isBlocked(message.author) && !snapshot.isSealed {
            snapshot.text = Self.withheld
            snapshot.isMention = false
        }
        return snapshot
    }

    /// The author's clock within [creation of the server, first stored + 10 min] (PROTOCOL 3.3).
    private func clamp(
        _ message: StoredMessage, _ state: ServerState
    ) -> (milliseconds: UInt64, isClamped: Bool) {
        let low = state.createdMilliseconds
        let high = max(low, message.storedMilliseconds &+ Limits.clockAheadMilliseconds)
        let value = min(max(message.wallMilliseconds, low), high)
        return (value, value != message.wallMilliseconds)
    }

    func trust(in author: Peer.ID, _ state: ServerState) -> String {
        if author == me { return "self" }
        guard state.standing(of: author) != nil else { return "former" }
        if contacts[author]?.isVerified == true { return "verified" }
        let joined = state.joinedMilliseconds(author)
        return now.wallMilliseconds < joined &+ 86_400_000 ? "new" : "member"
    }

    // What is new

    /// The servers and channels that an inbox is made of.
    package func inboxPlaces(_ channels: Set<Channel.ID>?) -> [NodeStorage.InboxPlace] {
        servers.keys.sorted().compactMap { id in
            guard let slot = servers[id], slot.state.isFounded, !isHidden(slot) else { return nil }
            let shown = slot.state.holdingChannels.map(\.id)
                .filter { channels?.contains($0) ?? true }
            return NodeStorage.InboxPlace(server: id, channels: Set(shown))
        }
    }

    /// - Parameter feed: `visibleFeed` before the store was asked.
    package func inbox(
        _ found: [NodeStorage.FoundUnread], feed: UInt64, principal: String = ""
    ) -> InboxSnapshot {
        var entries: [InboxEntry] = []
        for item in found {
            guard let slot = servers[item.server],
                let info = slot.state.channel(item.counts.channel)
            else { continue }
            var entry = InboxEntry(
                channel: snapshot(
                    of: info, slot, seq: slot.shownSeqs[info.id] ?? 0, newest: item.newest),
                isDirect: slot.state.isDirect, unread: item.counts.unread,
                mentions: item.counts.mentions,
                messages: item.messages.map { snapshot(of: $0, in: slot) })
            entry.isMuted = isMuted(info.id, in: item.server, principal)
            entries.append(entry)
        }
        entries.sort { left, right in
            if left.isDirect != right.isDirect { return left.isDirect }
            if (left.mentions > 0) != (right.mentions > 0) { return left.mentions > 0 }
            return left.channel.lastAtMilliseconds ?? 0 > right.channel.lastAtMilliseconds ?? 0
        }
        return InboxSnapshot(
            unread: entries.reduce(0) { $0 + ($1.isMuted ? $1.mentions : $1.unread) },
            mentions: entries.reduce(0) { $0 + $1.mentions }, entries: entries, feed: feed)
    }

    /// Where looking for news after `feed` begins: no further back than `newsKept`.
    package func newsStart(after feed: UInt64) -> UInt64 {
        max(feed, visibleFeed > Limits.newsKept ? visibleFeed - UInt64(Limits.newsKept) : 0)
    }
}
