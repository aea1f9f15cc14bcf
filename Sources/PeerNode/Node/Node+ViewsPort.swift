import PeerNet
package import PeerState

/// Views beyond lists: what must be read from the store is read first, then shown by the core.
extension Node {
    /// Finds messages; each with the part of its text that matched.
    package func search(_ request: SearchRequest) async throws -> MessageSearch {
        let page = try await ask { store in try store.search(request) }
        try await openReactions(of: page.hits.map(\.message))
        let blocked = look { $0.blockedPeers }
        let hits = page.hits.filter { !blocked.contains($0.message.author) }.compactMap { hit in
            look { $0.snapshot(of: hit.message) }.map {
                MessageSearch.Hit(message: $0, snippet: hit.snippet, place: hit.place)
            }
        }
        return MessageSearch(hits: hits, cursor: page.cursor, total: page.total)
    }

    package func versions(of message: Event.ID) async throws -> [MessageVersion] {
        let found = try await ask { store in try store.message(message) }
        guard let found, let state = core.servers[found.server]?.state,
            let info = state.message(message), info.status == .edited
        else { return [] }
        let earlier = ([message] + state.edits(of: message)).filter { $0 != info.text }
        let ids = [found.server: Array(earlier.suffix(Limits.versionsShown))]
        let events = try await ask { store in try NodeStorage.events(ids, store) }
        return look { $0.versions(events, in: found.server) }
    }

    package func delivery(of message: MessageSnapshot) async -> MessageDelivery? {
        look { $0.delivery(of: message) }
    }

    package func pins(of channel: Channel.ID, in server: Server.ID) async throws -> [PinSnapshot] {
        let state = try look { try $0.hosted(server).state }
        guard state.channel(channel) != nil else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        let pins = state.pinInfos(of: channel)
        let isReader = look { $0.mayRead(channel, in: server) }
        let found = try await ask { store in
            var found: [StoredMessage] = []
            for pin in pins {
                if let message = try store.message(pin.message, withSealed: isReader) {
                    found.append(message)
                }
            }
            return found
        }
        try await openReactions(of: found)
        let shown = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        let slot = try look { try $0.hosted(server) }
        return pins.compactMap { pin in
            guard let message = shown[pin.message].flatMap({ core.snapshot(of: $0) }) else {
                return nil
            }
            return PinSnapshot(
                message: message, author: pin.author,
                authorName: look { $0.shownName(pin.author, in: slot) },
                atMilliseconds: pin.atMilliseconds)
        }
    }

    package func card(of peer: Peer.ID, in server: Server.ID) throws -> MemberCard {
        try look { try $0.card(of: peer, in: server) }
    }

    package func firstSight(of peer: Peer.ID, in server: Server.ID) async throws -> UInt64? {
        try await ask { store in
            try store.envelopes(
                server: server, author: peer, from: 1, to: Limits.maxSeq,
                maxBytes: Limits.bytesPerStep,
                maxCount: 1
            ).first?.storedAtMilliseconds
        }
    }

    package func explanation(of event: Event.ID) -> EventExplanation? {
        look { $0.explanation(of: event) }
    }

    package func eventIDs(startingWith hexPrefix: String) async -> [Event.ID] {
        await asked([]) { store in try store.eventIDs(startingWith: hexPrefix, limit: 3) }
    }

    package func agreement(in server: Server.ID) throws -> StateAgreement {
        try look { try $0.agreement(in: server) }
    }

    package func verify(
        _ server: Server.ID, timeout: Milliseconds
    ) async throws -> StateAgreement {
        let news = changes()
        try core.askStates(of: server)
        feed(.touch)
        await withTaskGroup { group in
            group.addTask {
                do { try await self.sleep(timeout) } catch { return }
            }
            group.addTask {
                guard await self.isAskingStates(of: server) else { return }
                for await changed in news
                where !changed.isDisjoint(with: [.agreement(server), .connection]) {
                    if await !self.isAskingStates(of: server) { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
        return try look { try $0.agreement(in: server) }
    }

    private func isAskingStates(of server: Server.ID) -> Bool {
        look { $0.isAskingStates(of: server) }
    }

    package func mutes(of principal: String) -> Mutes { look { $0.currentMutes(of: principal) } }

    package func setMute(
        _ subject: MuteSubject, _ mute: Mute?, of principal: String
    ) throws {
        if let refusal = look({ $0.writeRefusal }) { throw refusal }
        core.setMute(subject, mute, of: principal)
        feed(.touch)
    }

    /// Brings the emoji of these messages' reactions to hand.
    func openReactions(of messages: [StoredMessage]) async throws {
        try await openReactions(of: messages.map { (server: $0.server, id: $0.id) })
    }

    func openReactions(of messages: [(server: Server.ID, id: Event.ID)]) async throws {
        let missing = core.reactionsToOpen(of: messages)
        guard !missing.isEmpty else { return }
        core.openReactions(try await ask { store in try NodeStorage.events(missing, store) })
    }
}

/// The feed and what passes without a number.
extension Node {
    package func events(after feed: UInt64, limit: Int) async throws -> NodeEventPage {
        let end = core.visibleFeed
        let found = try await ask { store in
            try NodeStorage.feed(after: feed, through: end, limit: limit, store)
        }
        let taken = found.items.compactMap { ($0.event?.body as? ReactionRemoved)?.reaction }
        let servers = Dictionary(grouping: found.items, by: \.row.server).keys
        if !taken.isEmpty {
            for server in servers.sorted() {
                let events = try await ask { store in
                    try NodeStorage.events([server: taken], store)
                }
                core.openReactions(events)
            }
        }
        return NodeEventPage(
            events: found.items.compactMap { core.describe($0) }, position: found.position,
            hasMore: found.hasMore, oldest: found.oldest)
    }

    package func notices() -> AsyncStream<NodeEvent> {
        nextSubscriber += 1
        let id = nextSubscriber
        let (stream, continuation) = AsyncStream.makeStream(
            of: NodeEvent.self, bufferingPolicy: .bufferingNewest(Limits.noticesKept))
        guard !isStopping else {
            continuation.finish()
            return stream
        }
        noticers[id] = continuation
        continuation.onTermination = { [weak self, loop] _ in
            loop.perform { [weak self] in self?.assumeIsolated { $0.noticers[id] = nil } }
        }
        return stream
    }
}
