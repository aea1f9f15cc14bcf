import PeerNet
package import PeerState

/// Everything a node reads from its store when it starts.
package struct StoredNode: Sendable {
    package var servers: [(id: Server.ID, events: [StoredEvent])] = []
    package var lastFeed: UInt64 = 0
    /// Of the channels of all servers.
    package var totals: [ChannelTotals] = []
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
        feed = stored.lastFeed
        visibleFeed = feed
        if !hasTexts && feed == 0 { keepTextsComplete() }
        for (id, events) in stored.servers { restore(id, events, stored) }
        restore(stored.totals)
        restoreJoining(stored)
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
            case "texts": hasTexts = true
            case "reopen":
                guard let server = Server.ID(value), let message = Event.ID(hex: parts[1])
                else { continue }
                current.reopens[server, default: []].insert(message)
            case "place": restorePlace(String(parts[1]), value)
            case "dial": dialling.add(String(parts[1]), isFixed: true)
            case "contact": restoreContact(parts[1], value)
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
            prepare(invite)
            if let join = LinkJoin(invite, for: me) { linkJoins[invite.server] = join }
        } catch {
            log.log(.warning, "an unfinished join cannot be read: \(error)")
        }
    }

    private mutating func restore(
        _ id: Server.ID, _ events: [StoredEvent], _ stored: StoredNode
    ) {
        var slot = servers[id] ?? HostedServer(id: id, me: me)
        for row in stored.epochKeys where row.server == id {
            slot.keys.add(SecretBytes(row.key), for: row.epoch)
        }
        for row in stored.prekeys where row.server == id {
            slot.keys.add(prekey: ExchangeKey(secret: row.secret))
        }
        servers[id] = slot
        for row in events { restore(row) }
        // The texts in the store agree already; what waits for a key is read again when running.
        servers[id]?.replica.forgetTouchedMessages()
        let live = servers[id]?.state.holdingChannels.map(\.id) ?? []
        servers[id]?.liveChannels = Set(live)
        current.rescans.insert(id)
        // Their proofs went out when they were found.
        let shown = servers[id]?.forks.mapValues(\.from) ?? [:]
        servers[id]?.shownForks = shown
    }

    private mutating func restore(_ row: StoredEvent) {
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
            guard let absorbed = servers[row.server]?.absorb(stored, opensTexts: false, log: log)
            else { return }
            for key in absorbed.keys {
                current.batch.epochKeys.append(
                    EpochKeyRow(
                        server: row.server, channel: key.channel, epoch: key.epoch,
                        key: key.key.copy()))
            }
        } catch {
            log.log(.error, "stored event \(row.id) does not decode: \(error)")
        }
    }

    /// Takes over how far the messages of each channel are numbered.
    package mutating func restore(_ totals: [ChannelTotals]) {
        for total in totals {
            guard
                let server = servers.values.first(where: {
                    $0.state.graph.contains(Event.ID(total.channel))
                })?.id
            else { continue }
            servers[server]?.channelSeqs[total.channel] = total.lastSeq
            servers[server]?.shownSeqs[total.channel] = total.lastSeq
            servers[server]?.lastForeignSeq[total.channel] = total.lastForeignSeq
        }
    }

    /// Whether messages were announced before the store kept texts: it must be filled once.
    package var lacksTexts: Bool { !hasTexts }

    /// What says in the store that its texts are complete.
    static let textsSetting = "texts/1"

    /// Says in the store that its texts are complete.
    package mutating func keepTextsComplete() {
        hasTexts = true
        current.batch.settings.append(Setting(name: Self.textsSetting, value: [1]))
    }
}
