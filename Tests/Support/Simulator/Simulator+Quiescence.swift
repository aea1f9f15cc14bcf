import PeerNet
import PeerNode
import PeerState

/// What must hold when faults have ended and everything has settled.
extension Simulator {
    /// Longest redial delay, then some rounds of anti-entropy.
    private static let settling = Milliseconds.seconds(180)

    /// Ends all faults, starts what is down, and lets time pass.
    func settle() {
        guard violations.isEmpty else { return }
        for index in mangling.keys.sorted() { stopMangling(index) }
        network.heal()
        network.conditions = MemoryConditions()
        for node in nodes {
            node.effectsToCrash = nil
            node.failingCommits = 0
            node.isDiskFull = false
            node.storeDelay = 0
            node.wakeDelay = 0
        }
        // Clocks agree again, at the latest moment any has shown: what came too early is due.
        let latest = plan.faults.filter { $0.kind == .skew || $0.kind == .jump }.count
        clock.drift = [:]
        clock.skew = [:]
        if latest > 0 { clock.start += 11 * 31_557_600_000 }
        note(-1, "faults end", code: 13)
        run(until: now + Self.settling)
        guard violations.isEmpty else { return }
        judge()
    }

    private func judge() {
        for node in nodes where !node.isUp {
            violate("I-22", "node \(node.index) never came back")
        }
        for node in nodes { judgeAlone(node) }
        for server in ledger.servers { judge(server) }
    }

    // One node by itself

    private func judgeAlone(_ node: SimNode) {
        guard let core = node.core else { return }
        for ack in node.acks where !node.stored.contains(ack.event) {
            guard !ledger.lost.contains(ack.event) else { continue }
            violate("I-11", "node \(node.index): acknowledged \(ack.event.short) is gone")
        }
        do {
            let rows = try NodeStorage.load(
                node.store, me: node.key.publicKey, usesCheckpoints: false)
            let events = storedEvents(node)
            if Set(events.map(\.id)) != node.stored {
                violate("I-10", "node \(node.index): its store holds other events than it took")
            }
            let feed = try node.store.feed(after: 0, limit: Int.max)
            if feed.map(\.position) != Array(1...UInt64(max(1, feed.count))),
                !feed.isEmpty, !wasRestored(node)
            {
                violate("I-24", "node \(node.index): feed positions have gaps")
            }
            try compare(node, rows, events, core)
            try compareStart(node, rows)
        } catch {
            violate("I-11", "node \(node.index) cannot read its store: \(error)")
        }
    }

    func wasRestored(_ node: SimNode) -> Bool {
        node.index >= 100
            || plan.faults.contains { $0.kind == .restore && $0.node == node.index }
    }

    /// I-1 and I-14: what grew event by event equals what the store gives at a start.
    /// I-1: what a checkpoint and the events after it give is what all events give.
    private func compareStart(_ node: SimNode, _ rows: StoredNode) throws {
        let started = try NodeStorage.load(node.store, me: node.key.publicKey)
        for (left, right) in zip(started.servers, rows.servers) {
            if case .checkpoint = left.start { tally.resumed += 1 }
            if StateHash.hash(of: left.server.state) != StateHash.hash(of: right.server.state)
                || FrontierDigest.of(left.server.state) != FrontierDigest.of(right.server.state)
            {
                violate("I-1", "node \(node.index): a checkpoint differs from its events")
            }
        }
    }

    private func compare(
        _ node: SimNode, _ rows: StoredNode, _ events: [StoredEvent], _ core: NodeCore
    ) throws {
        var fresh = NodeCore(
            configuration: NodeConfiguration(key: node.key), incarnation: node.incarnation,
            entropy: .seeded(seed.stream("rebuild", UInt64(node.index))),
            now: moment(node.index))
        fresh.restore(rows)
        for server in ledger.servers {
            guard let grown = core.servers[server], let rebuilt = fresh.servers[server] else {
                continue
            }
            if StateHash.hash(of: grown.state) != StateHash.hash(of: rebuilt.state) {
                violate("I-1", "node \(node.index): rebuilt state differs from grown state")
            }
            for channel in grown.state.holdingChannels.map(\.id).sorted() {
                var readable: [Event.ID: String] = [:]
                for row in events where row.server == server {
                    Self.follow(rebuilt.textChanges(of: row), in: channel, &readable)
                }
                let entries = shown(node, server, channel)
                if Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0.text) }) != readable {
                    violate("I-14", "node \(node.index): rebuilt messages differ from shown ones")
                }
            }
        }
    }

    private static func follow(
        _ changes: [TextChange], in channel: Channel.ID, _ texts: inout [Event.ID: String]
    ) {
        for change in changes {
            switch change {
            case .show(let entry) where entry.channel == channel: texts[entry.message] = entry.text
            case .edit(let edit) where texts[edit.message] != nil: texts[edit.message] = edit.text
            case .remove(let message, _) where texts[message] != nil: texts[message] = ""
            default: break
            }
        }
    }

    // All nodes of a server

    private func judge(_ server: Server.ID) {
        let members = nodes.filter { node in
            node.core?.servers[server]?.isMember == true
                && node.core?.servers[server]?.hasHistory == true
        }
        judgeHashes(server, members)
        judgeAuthority(server, members)
        guard !plan.hasForks else { return }
        judgeConvergence(server, members)
        judgeTexts(server, members)
    }

    /// I-1: equal sets give equal hashes.
    private func judgeHashes(_ server: Server.ID, _ members: [SimNode]) {
        var bySet: [Set<Event.ID>: Digest.Value] = [:]
        for node in members {
            guard let state = node.core?.servers[server]?.state else { continue }
            let hash = StateHash.hash(of: state)
            let set = Set(state.graph.eventIDs)
            if let other = bySet[set], other != hash {
                violate("I-1", "node \(node.index): the same events, another state")
            }
            bySet[set] = hash
        }
    }

    /// Promise 2: nothing unauthorised takes effect.
    private func judgeAuthority(_ server: Server.ID, _ members: [SimNode]) {
        let allowed = ledger.invited[server] ?? []
        for node in members {
            guard let slot = node.core?.servers[server] else { continue }
            if slot.state.owner != ledger.founders[server] {
                violate("I-6", "node \(node.index): another owner")
            }
            for member in slot.state.members(at: slot.state.now) where !allowed.contains(member) {
                violate("I-4", "node \(node.index): \(member.short) is a member, invited by nobody")
            }
            for channel in slot.state.holdingChannels.map(\.id)
            where slot.state.graph.author(of: Event.ID(channel)) != ledger.founders[server] {
                violate("I-4", "node \(node.index): a channel made by a member")
            }
            for peer in ledger.honest {
                guard let name = slot.state.displayName(of: peer),
                    let index = nodes.first(where: { $0.peer == peer })?.index
                else { continue }
                if name != "node \(index)", ledger.names[peer]?.contains(name) != true {
                    violate("I-4", "node \(node.index): node \(index) has a name it never chose")
                }
            }
        }
    }

    /// I-2, I-12: all hold every event.
    private func judgeConvergence(_ server: Server.ID, _ members: [SimNode]) {
        let honestInvited = (ledger.invited[server] ?? []).intersection(ledger.honest)
        for node in nodes where honestInvited.contains(node.peer) {
            if !members.contains(where: { $0 === node }) {
                violate("I-12", "node \(node.index) was invited and never became a member")
            }
        }
        var all: Set<Event.ID> = []
        for node in members {
            all.formUnion(node.core?.servers[server]?.state.graph.eventIDs ?? [])
        }
        for node in members {
            guard let slot = node.core?.servers[server] else { continue }
            let missing = all.filter { !slot.state.graph.contains($0) }
            guard let first = missing.min() else { continue }
            violate(
                "I-2",
                "node \(node.index) lacks \(missing.count) of \(all.count) events, such as "
                    + "\(first.short); \(slot.replica.pending.count) wait")
        }
    }

    /// I-12, I-14: each acknowledged text is shown once, everywhere, in one order.
    private func judgeTexts(_ server: Server.ID, _ members: [SimNode]) {
        for channel in Set(ledger.texts.filter { $0.server == server }.map(\.channel)).sorted() {
            var order: [Event.ID]?
            for node in members {
                let entries = shown(node, server, channel)
                if let order, order != entries.map(\.id) {
                    violate(
                        "I-14",
                        "node \(node.index) shows \(entries.count) messages of a channel, another "
                            + "\(order.count), or in another order")
                }
                order = entries.map(\.id)
            }
        }
        var texts: [Int: [Event.ID: String]] = [:]
        for node in members {
            for channel in Set(ledger.texts.map(\.channel)) {
                for entry in shown(node, server, channel) {
                    texts[node.index, default: [:]][entry.id] = entry.text
                }
            }
        }
        for text in ledger.texts where text.server == server && !ledger.lost.contains(text.event) {
            for node in members {
                if texts[node.index]?[text.event] != text.text {
                    violate(
                        "I-12",
                        "node \(node.index) does not show \(text.event.short) of node \(text.node)")
                }
            }
        }
    }
}
