import PeerNet
package import PeerState

/// Everything a node reads from its store when it starts.
package struct StoredNode: Sendable {
    package var servers: [(id: Server.ID, events: [StoredEvent])] = []
    package var feed: [FeedRow] = []
    package var epochKeys: [EpochKeyRow] = []
    package var prekeys: [PrekeyRow] = []
    package var marks: [MarkRow] = []
    package var sent: [SentRow] = []
    package var settings: [Setting] = []

    package init() {}

    /// The value of one setting.
    package func setting(_ name: String) -> [UInt8]? {
        settings.first { $0.name == name }?.value
    }
}

extension NodeCore {
    /// Rebuilds memory from what is durable; call once, before the first input.
    ///
    /// Signatures are not checked again: the database is this node's own.
    package mutating func restore(_ stored: StoredNode) {
        restoreSettings(stored)
        for mark in stored.marks {
            marks[MarkKey(principal: mark.principal, channel: mark.channel)] = mark.position
        }
        for row in stored.sent {
            let key = SentKey(
                principal: row.principal, channel: row.channel, clientMessageID: row.clientMessageID
            )
            sent[key] = SentMessage(
                textHash: row.textHash, event: row.event, atMilliseconds: row.atMilliseconds)
        }
        feed = stored.feed.map(\.position).max() ?? 0
        var rows: [Event.ID: FeedRow] = [:]
        for row in stored.feed { rows[row.event] = row }
        for (id, events) in stored.servers { restore(id, events, rows, stored) }
        news.sort { $0.feed < $1.feed }
        for id in servers.keys.sorted() { syncHandle(.serverAdded(id)) }
        current.changes.removeAll()
    }

    private mutating func restoreSettings(_ stored: StoredNode) {
        if let name = stored.setting("name") { displayName = String(decoding: name, as: UTF8.self) }
        for setting in stored.settings {
            guard let value = setting.value else { continue }
            let parts = setting.name.split(separator: "/", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "joining": restoreJoin(String(decoding: value, as: UTF8.self))
            case "place": restorePlace(String(parts[1]), value)
            case "dial": dialling.add(String(parts[1]), isFixed: true)
            case "address":
                dialling.add(
                    String(decoding: value, as: UTF8.self), identity: Peer.ID(hex: parts[1]))
            default: break
            }
        }
    }

    private mutating func restoreJoin(_ code: String) {
        do {
            let invite = try Invite(code: code)
            servers[invite.server] = HostedServer(
                id: invite.server, me: me, introducers: Set([invite.inviter] + invite.providers))
            for address in invite.addresses { dialling.add(address) }
        } catch {
            log.log(.warning, "an unfinished join cannot be read: \(error)")
        }
    }

    private mutating func restore(
        _ id: Server.ID, _ events: [StoredEvent], _ rows: [Event.ID: FeedRow], _ stored: StoredNode
    ) {
        var slot = servers[id] ?? HostedServer(id: id, me: me)
        for row in stored.epochKeys where row.server == id {
            slot.keys.add(SecretBytes(row.key), for: row.epoch)
        }
        for row in stored.prekeys where row.server == id {
            slot.keys.add(prekey: ExchangeKey(secret: row.secret))
        }
        servers[id] = slot
        for row in events { restore(row, rows) }
        // Their proofs went out when they were found.
        let shown = servers[id]?.forks.mapValues(\.from) ?? [:]
        servers[id]?.shownForks = shown
    }

    private mutating func restore(_ row: StoredEvent, _ rows: [Event.ID: FeedRow]) {
        do {
            let envelope = try Envelope(decoding: row.envelope)
            let event = try Event(decoding: envelope, for: row.server)
            let verdict = servers[row.server]?.replica.insert(
                event, envelope, source: nil, wallMilliseconds: .max)
            guard case .stored(let stored)? = verdict else {
                log.log(.warning, "stored event \(row.id) no longer fits: \(verdict?.word ?? "")")
                return
            }
            servers[row.server]?.commit(stored.map(\.event))
            let log = log
            guard let absorbed = servers[row.server]?.absorb(stored, log: log) else { return }
            for key in absorbed.keys {
                current.batch.epochKeys.append(
                    EpochKeyRow(
                        server: row.server, channel: key.channel, epoch: key.epoch,
                        key: key.key.copy()))
            }
            for (item, text) in absorbed.messages {
                show(item, text, row: rows[item.event.id], storedAt: row.storedAtMilliseconds)
            }
        } catch {
            log.log(.error, "stored event \(row.id) does not decode: \(error)")
        }
    }

    /// Puts a message where the feed had it, or announces it now when it never was.
    private mutating func show(
        _ item: Replica.Stored, _ text: MessageText, row: FeedRow?, storedAt: UInt64
    ) {
        let event = item.event
        guard let body = event.body as? MessagePosted else { return }
        guard let row else {
            announce(item, text, in: event.server, principal: nil)
            return
        }
        let entry = Timeline.Entry(
            id: event.id, author: event.author,
            position: DisplayPosition(
                lamport: event.lamport, author: event.author, seq: event.seq),
            text: text.text, mentions: text.mentions, parent: body.parent,
            epoch: body.sealed.epoch, wallMilliseconds: event.wallMilliseconds,
            storedMilliseconds: storedAt, feed: row.position, channelSeq: row.channelSeq,
            principal: nil)
        servers[event.server]?.timelines[body.channel, default: Timeline()].insert(entry)
        let isForeign = event.author != me
        servers[event.server]?.noteRestored(row.channelSeq, body.channel, isForeign: isForeign)
        news.append(
            NewsItem(
                feed: row.position, server: event.server, channel: body.channel, id: event.id,
                atMilliseconds: row.atMilliseconds))
    }
}

extension HostedServer {
    mutating func noteRestored(_ seq: UInt64, _ channel: Channel.ID, isForeign: Bool) {
        channelSeqs[channel] = max(channelSeqs[channel] ?? 0, seq)
        if isForeign { lastForeignSeq[channel] = max(lastForeignSeq[channel] ?? 0, seq) }
    }
}
