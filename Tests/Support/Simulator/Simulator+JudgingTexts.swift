import PeerNet
import PeerNode
import PeerState

/// What people see, judged against who wrote what (I-12, I-14).
extension Simulator {
    /// Every channel shows what can be opened of it, in order, as it was last written.
    func judgeTexts(_ server: Server.ID, _ node: SimNode) {
        guard let slot = node.core?.servers[server] else { return }
        var expected: [Channel.ID: [Event.ID: MessageInfo]] = [:]
        for id in slot.state.messageIDs {
            guard let info = slot.state.message(id), info.status != .deleted else { continue }
            expected[info.channel, default: [:]][id] = info
        }
        for channel in slot.state.holdingChannels.map(\.id).sorted() {
            let rows = shown(node, server, channel)
            let wanted = expected[channel] ?? [:]
            if zip(rows, rows.dropFirst()).contains(where: { $0.position >= $1.position }) {
                violate("I-14", "node \(node.index) shows a channel out of order")
            }
            for row in rows where row.source == nil || !row.text.isEmpty {
                guard let info = wanted[row.id] else {
                    violate("I-14", "node \(node.index) shows \(row.id.short), which is not there")
                    continue
                }
                if let text = ledger.plain[info.text], text != row.text, opens(info.text, slot) {
                    violate("I-14", "node \(node.index) shows an old text of \(row.id.short)")
                }
            }
            judgeMissing(wanted, Set(rows.map(\.id)), channel, node, slot)
        }
    }

    /// I-12: who holds the key sees the message, and who always was a member holds it.
    private func judgeMissing(
        _ wanted: [Event.ID: MessageInfo], _ shown: Set<Event.ID>, _ channel: Channel.ID,
        _ node: SimNode, _ slot: HostedServer
    ) {
        let isCertain =
            !ledger.restricted.contains(channel) && !ledger.forking.contains(node.peer)
            && ledger.lowered[slot.id]?.contains(node.peer) != true
            && ledger.unsure[slot.id]?.contains(node.peer) != true
            && !plan.actors.contains { $0.kind == .keySaboteur }
        for (id, info) in wanted.sorted(by: { $0.key < $1.key }) where !shown.contains(id) {
            guard ledger.plain[id] != nil, !ledger.lost.contains(id) else { continue }
            if isCertain && !isUnderFallenKey(id, slot) || opens(id, slot) {
                let key = opens(id, slot) ? "whose key it holds" : lacking(id, node, slot)
                violate(
                    "I-12",
                    "node \(node.index) does not show \(id.short) of \(info.author.short), \(key)")
            }
        }
    }

    /// Whether the key of a message fell with who made it: it is given to nobody any more, as a
    /// share names epochs in force alone (PROTOCOL 7.2; seed 0xf115f).
    private func isUnderFallenKey(_ id: Event.ID, _ slot: HostedServer) -> Bool {
        event(id)?.sealedText.map { !slot.state.isEffective(Event.ID($0.epoch)) } ?? false
    }

    /// What is known of a key that a node has not: who made it, and who else holds it.
    private func lacking(_ id: Event.ID, _ node: SimNode, _ slot: HostedServer) -> String {
        guard let epoch = event(id)?.sealedText?.epoch, let info = slot.state.epochs[epoch] else {
            return "of which it has no key"
        }
        let holders = nodes.filter { $0.core?.servers[slot.id]?.keys.holds(epoch) == true }
        let given = slot.state.recipients(of: info).contains(node.peer) ? "given" : "never given"
        let newest = slot.state.newestEpoch(of: info.channel)
        return "of which it has no key: \(epoch.short), depth \(info.depth) of "
            + "\(newest?.depth ?? 0), made by \(info.author.short), held by nodes "
            + "\(holders.map(\.index)) and \(given) to it"
    }

    private func opens(_ id: Event.ID, _ slot: HostedServer) -> Bool {
        event(id)?.sealedText.map { slot.keys.holds($0.epoch) } ?? false
    }

    /// An event that some honest node stored.
    func event(_ id: Event.ID) -> Event? {
        if let event = decoded[id] { return event }
        guard let (server, bytes) = envelopes[id] else { return nil }
        do {
            let event = try Event(decoding: Envelope(decoding: bytes), for: server)
            decoded[id] = event
            return event
        } catch {
            violate("I-10", "a stored event does not read: \(error)")
            return nil
        }
    }
}
