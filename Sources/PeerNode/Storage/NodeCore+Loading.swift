import PeerNet
package import PeerState

/// Everything a node reads from its store when it starts.
package struct StoredNode: Sendable {
    package var servers: [NodeStorage.LoadedServer] = []
    package var lastFeed: UInt64 = 0
    /// Of the channels of all servers.
    package var totals: [ChannelTotals] = []
    package var epochKeys: [EpochKeyRow] = []
    package var prekeys: [PrekeyRow] = []
    package var marks: [MarkRow] = []
    package var sent: [SentRow] = []
    package var addresses: [AddressRow] = []
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
        hasTexts = false
        reach.acquaintances.book.restore(stored.addresses)
        rememberHosts(of: stored.addresses)
        restoreSettings(stored)
        for mark in stored.marks {
            marks[MarkKey(principal: mark.principal, channel: mark.channel)] = ReadMark.Place(
                position: mark.position, order: mark.order)
        }
        for row in stored.sent {
            let key = SentKey(
                principal: row.principal, channel: row.channel, clientMessageID: row.clientMessageID
            )
            sent[key] = SentMessage(
                textHash: row.textHash, event: row.event, atMilliseconds: row.atMilliseconds)
        }
        forgetSent(slack: 0)
        feed = stored.lastFeed
        visibleFeed = feed
        if !hasTexts && feed == 0 { keepTextsComplete() }
        for loaded in stored.servers { restore(loaded) }
        restore(stored.totals)
        restoreQueued(stored)
        restoreJoining(stored)
        for id in servers.keys.sorted() {
            forgetOffer(id)
            syncHandle(.serverAdded(id))
        }
        current.changes.removeAll()
    }

    private mutating func restoreSettings(_ stored: StoredNode) {
        if let name = stored.setting("name") { displayName = String(decoding: name, as: UTF8.self) }
        restorePresence(stored.setting(Self.presenceSetting))
        lastServer = stored.setting("last-server").flatMap { Server.ID($0) }
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
            case "offer": restoreOffer(parts[1], value)
            case "erasing": restoreErasure(parts[1], value)
            case "mute": restoreMute(String(parts[1]), value)
            case "place": restorePlace(String(parts[1]), value)
            case "relay": restoreRelay(parts[1], value)
            case "dial": dialling.add(String(parts[1]), isFixed: true)
            case "contact": restoreContact(parts[1], value)
            case "unrecovered": restoreBlock(parts[1])
            case "address":
                moveAddress(String(decoding: value, as: UTF8.self), setting.name, parts[1])
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

    private mutating func restore(_ loaded: NodeStorage.LoadedServer) {
        let id = loaded.server.id
        var server = loaded.server
        if let joining = servers[id] {
            server.introducers = joining.introducers
            server.hasHistory = joining.hasHistory
        }
        server.liveChannels = Set(server.state.holdingChannels.map(\.id))
        let open = server.state.proposalInfos.filter { $0.status == .open }.map(\.id)
        server.openProposals = Set(open)
        server.fallen = server.state.verdicts(
            atMost: Limits.fallenRemembered, on: Self.isNoticed)
        // Their proofs went out when they were found.
        server.shownForks = server.forks.mapValues(\.from)
        server.provenPoints = Set(server.forkPoints)
        server.noteClosed()
        servers[id] = server
        current.batch.epochKeys += loaded.learned
        if server.rescanFrom == .max {
            servers[id]?.rescanFrom = nil
        } else {
            current.rescans.insert(id)
        }
        if case .events(refused: .some) = loaded.start { refusedCheckpoints += 1 }
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

    /// Whether nothing says how far the messages of any channel are numbered.
    var lacksChannelNumbers: Bool { servers.values.allSatisfy { $0.channelSeqs.isEmpty } }

    /// What says in the store that its texts are complete.
    static let textsSetting = "texts/1"

    /// Says in the store that its texts are complete.
    package mutating func keepTextsComplete() {
        hasTexts = true
        current.batch.settings.append(Setting(name: Self.textsSetting, value: [1]))
    }
}
