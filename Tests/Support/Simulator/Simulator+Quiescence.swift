import PeerNet
import PeerNode
import PeerState

/// What must hold when faults have ended and everything has settled.
extension Simulator {
    /// Longest redial delay, then some rounds of anti-entropy.
    private static let settling = Milliseconds.seconds(180)
    /// How long nobody may have stored anything before agreement counts.
    private static let calm = Milliseconds.seconds(12)
    /// How often agreement is looked for once it may count.
    private static let look = Milliseconds.seconds(1)

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
            node.disk?.failNothing()
            node.storeDelay = 0
            node.wakeDelay = 0
        }
        // Clocks agree again, at the latest moment any has shown: what came too early is due.
        let latest = plan.faults.filter { $0.kind == .skew || $0.kind == .jump }.count
        clock.drift = [:]
        clock.skew = [:]
        if latest > 0 { clock.start += 11 * 31_557_600_000 }
        retireCopies()
        note(-1, "faults end", code: 13)
        let end = now + Self.settling
        repeat {
            run(until: max(now + Self.look, lastStored + Self.calm + Milliseconds(1)))
        } while violations.isEmpty && now < end && !isSettled
        guard violations.isEmpty else { return }
        judge()
        judgeVoice()
        judgeLastFork()
    }

    /// I-12: whatever was attempted, every member can still write.
    private func judgeVoice() {
        guard violations.isEmpty else { return }
        for attempt in 0..<2 {
            for server in ledger.servers { speak(in: server, isLast: attempt == 1) }
            guard !muted.isEmpty else { return }
            // Who lacks a key waits for it, then makes another.
            run(until: now + .seconds(40))
        }
    }

    private func speak(in server: Server.ID, isLast: Bool) {
        for node in nodes {
            guard let slot = node.core?.servers[server], slot.isMember,
                slot.state.permissions(of: node.peer, at: slot.state.now).contains(.sendMessages),
                !ledger.forking.contains(node.peer),
                let channel = slot.state.holdingChannels.map(\.id).sorted().first(where: {
                    !ledger.restricted.contains($0)
                })
            else { continue }
            var asked = Asked(kind: .post, server: server, channel: channel)
            asked.isLast = isLast
            asked.text = "\(Self.marker) last"
            let post = PostMessage(
                principal: "agent", server: server, channel: channel, text: "\(Self.marker) last")
            muted.remove(node.index)
            asked.isTrial = true
            act(node, .postMessage(post), asked)
        }
    }

    /// Whether nothing was stored lately and all members show the same events and the same texts.
    private var isSettled: Bool {
        guard lastStored + Self.calm < now, nodes.allSatisfy({ $0.isUp && $0.waiting.isEmpty })
        else { return false }
        return ledger.servers.allSatisfy { server in
            let slots = nodes.compactMap { $0.core?.servers[server] }.filter(\.isMember)
            let digests = Set(slots.map { FrontierDigest.of($0.state) })
            // Who wrote two histories may hand over no key, and goes on wanting to.
            let owing = nodes.filter { !ledger.forking.contains($0.peer) }
                .compactMap { $0.core?.servers[server] }.filter(\.isMember)
            return digests.count <= 1 && slots.allSatisfy(\.hasHistory)
                && !owing.contains(where: \.owesKeys)
                && !isAwaited(in: server, slots.count)
        }
    }

    /// Whether somebody who was let in has not come yet.
    private func isAwaited(in server: Server.ID, _ count: Int) -> Bool {
        let certain = ledger.certainMembers(of: server)
        return nodes.contains { node in
            certain.contains(node.peer) && node.core?.servers[server]?.isMember != true
        }
    }

    private func judge() {
        for node in nodes where !node.isUp {
            violate("I-22", "node \(node.index) never came back")
        }
        for node in nodes {
            reachPoints(of: node)
            judgeAlone(node)
            judgeHeads(node)
        }
        // Reading a whole store again costs much and shows the same on every node.
        let chosen = Int(seed.value % UInt64(nodes.count))
        for place in [chosen, (chosen + nodes.count / 2) % nodes.count] { judgeStart(nodes[place]) }
        for server in ledger.servers { judge(server) }
        if plan.isCalm, plan.honest >= 8 { judgeCost() }
    }

    /// I-15: what a broadcast costs when nothing goes wrong, joining included.
    private func judgeCost() {
        tally.calmEvents = deliveries.received
        tally.calmRepeats = nodes.reduce(0) { sum, node in
            sum + (node.core?.reachSnapshot().counters[.eventsDuplicate] ?? 0)
        }
        if tally.calmRepeats * 5 > tally.calmEvents {
            violate("I-15", "\(tally.calmRepeats) of \(tally.calmEvents) events came again")
        }
    }

    // One node by itself

    /// I-2: what a node tells of itself is what it holds. Of somebody who wrote no more nothing
    /// later would make up for it, and only a newcomer would miss it.
    private func judgeHeads(_ node: SimNode) {
        for (server, slot) in node.core?.servers ?? [:] {
            for (author, head) in slot.state.graph.heads
            where !ledger.forking.contains(author)
                && slot.committedHeads[author]?.seq != head.seq
            {
                let told = slot.committedHeads[author].map { "\($0.seq)" } ?? "none"
                violate(
                    "I-2",
                    "node \(node.index) tells of \(author.short) in \(server.short) seq \(told) "
                        + "and holds \(head.seq)")
            }
        }
    }

    private func judgeAlone(_ node: SimNode) {
        for ack in node.acks where !node.stored.contains(ack.event) {
            guard !ledger.lost.contains(ack.event), !isOutOfReach(ack, node),
                !isOtherBranch(node)
            else { continue }
            let holders = nodes.filter { $0.stored.contains(ack.event) }.map(\.index)
            violate(
                "I-11",
                "node \(node.index): acknowledged \(ack.event.short) is gone, nodes \(holders) "
                    + "have it")
        }
        do {
            let events = storedEvents(node)
            if Set(events.map(\.id)) != node.stored {
                violate("I-10", "node \(node.index): its store holds other events than it took")
            }
            let feed = try node.store.feed(after: 0, limit: Int.max)
            if feed.map(\.position) != Array(1...UInt64(max(1, feed.count))),
                !feed.isEmpty, !wasRestored(node), !node.hasErased, !hasDemotions
            {
                violate("I-24", "node \(node.index): feed positions have gaps")
            }
        } catch {
            violate("I-11", "node \(node.index) cannot read its store: \(error)")
        }
    }

    private func judgeStart(_ node: SimNode) {
        guard let core = node.core else { return }
        do {
            let rows = try NodeStorage.load(
                node.store, me: node.key.publicKey, usesCheckpoints: false)
            try compare(node, rows, storedEvents(node), core)
            try compareStart(node, rows)
        } catch {
            violate("I-11", "node \(node.index) cannot read its store: \(error)")
        }
    }

    /// A demotion takes back the number of the removal that came before its grant.
    private var hasDemotions: Bool { plan.steps.contains { $0.kind == .lower } }

    /// Whether a copy that was put back lacks an act which nobody hands to its author any more: who
    /// knows to be no member gets its lowerings alone (PROTOCOL 9.1, docs/decisions/0032).
    private func isOutOfReach(_ ack: SimNode.Ack, _ node: SimNode) -> Bool {
        wasRestored(node) && node.core?.servers[ack.server]?.isMember == false
    }

    /// Whether a copy that was put back went on where those it asked knew nothing: what it wrote
    /// before is a branch that others hold, and heads name one branch alone (PROTOCOL 5.8).
    private func isOtherBranch(_ node: SimNode) -> Bool {
        wasRestored(node) && ledger.forking.contains(node.peer)
    }

    func wasRestored(_ node: SimNode) -> Bool {
        node.isCopy
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
                let entries = shown(node, server, channel, withSealed: true)
                let kept = Dictionary(
                    uniqueKeysWithValues: entries.map { entry in
                        let isSealed = entry.flags.intersection([.sealed, .deleted]) == .sealed
                        return (entry.id, isSealed ? Self.sealed : entry.text)
                    })
                for id in Set(kept.keys).union(readable.keys).sorted()
                where kept[id] != readable[id] {
                    let status = grown.state.message(id).map { "\($0.status)" } ?? "absent"
                    violate(
                        "I-14",
                        "node \(node.index) shows \(kept[id]?.prefix(40) ?? "nothing") for "
                            + "\(id.short), rebuilt \(readable[id]?.prefix(40) ?? "nothing"), "
                            + status)
                }
            }
        }
    }

    /// What stands for a text whose key is not here; no actor writes it.
    private static let sealed = "\u{1}sealed"

    private static func follow(
        _ changes: [TextChange], in channel: Channel.ID, _ texts: inout [Event.ID: String]
    ) {
        for change in changes {
            switch change {
            case .show(let entry) where entry.channel == channel: texts[entry.message] = entry.text
            case .showSealed(let entry) where entry.channel == channel:
                texts[entry.message] = sealed
            case .edit(let edit) where texts[edit.message] != nil: texts[edit.message] = edit.text
            case .remove(let message, _) where texts[message] != nil: texts[message] = ""
            default: break
            }
        }
    }
}
