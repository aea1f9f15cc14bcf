import PeerNet
import PeerNode
import PeerState

/// What is judged while a run goes on (HOSTILE 2).
extension Simulator {
    /// Notes a durable batch and judges it: I-3, I-10, and that nothing left its author before it
    /// was durable there.
    func noteStored(_ node: SimNode, _ batch: StoreBatch) {
        if !batch.events.isEmpty { lastStored = now }
        for server in batch.erasedServers {
            node.hasErased = true
            node.stored = node.stored.filter { envelopes[$0]?.server != server }
        }
        for event in batch.events {
            if !node.stored.insert(event.id).inserted {
                violate("I-10", "node \(node.index) stores \(event.id.short) twice")
            }
            tally.events += event.author == node.peer ? 1 : 0
            envelopes[event.id] = (event.server, event.envelope)
            deliveries.note(
                event, at: node.index, isOwn: event.author == node.peer,
                isMember: node.core?.servers[event.server]?.isMember ?? false, now)
            noteAuthored(node, event)
        }
        for head in batch.ownHeads {
            node.highWater[head.server] = max(node.highWater[head.server] ?? 0, head.seq)
        }
        for row in batch.feed {
            if row.position <= node.lastFeed {
                violate("I-24", "node \(node.index) announces \(row.position) twice")
            }
            node.lastFeed = row.position
        }
    }

    private func noteAuthored(_ node: SimNode, _ event: StoredEvent) {
        guard ledger.honest.contains(event.author) else {
            tally.hostileEvents += 1
            return
        }
        let isOwn = event.author == node.peer
        if isOwn {
            checkOnceOnly(node, event)
            ledger.durable[event.author, default: []].insert(event.id)
        } else {
            ledger.isOut.insert(event.id)
            if ledger.durable[event.author]?.contains(event.id) != true {
                violate(
                    "I-11",
                    "node \(node.index) has \(event.id.short) before it was durable "
                        + "at its author")
            }
        }
        checkPlace(node, event, isOwn: isOwn)
    }

    /// I-21: no nonce and no throw-away key serves twice, whatever entropy gives.
    private func checkOnceOnly(_ node: SimNode, _ stored: StoredEvent) {
        guard plan.faults.contains(where: { $0.kind == .entropyRepeats }),
            let event = event(stored.id)
        else { return }
        var used = event.sealedText.map { [$0.nonce] } ?? []
        switch event.body {
        case let body as KeyRotated:
            used += [body.salt] + body.boxes.map { Array($0.prefix(32)) }
            used += body.prevBoxes.map { Array($0.prefix(24)) }
        case let body as KeyShared: used.append(Array(body.box.prefix(32)))
        case let body as PrekeyPublished: used.append(body.key.bytes)
        default: break
        }
        for bytes in used where bytes.contains(where: { $0 != 0 }) {
            if let other = ledger.onceOnly.updateValue(event.id, forKey: bytes), other != event.id {
                violate(
                    "I-21",
                    "node \(node.index): \(event.id.short) is sealed with what "
                        + "\(other.short) was sealed with")
            }
        }
    }

    /// I-3: one event at each place of an author, once others know it.
    private func checkPlace(_ node: SimNode, _ event: StoredEvent, isOwn: Bool) {
        let place = Ledger.Place(server: event.server, author: event.author, seq: event.seq)
        if let known = ledger.places[place], known.event != event.id,
            !ledger.forking.contains(event.author),
            known.isOut || !isOwn || !ledger.lost.contains(known.event)
        {
            // Two peers answered for what a restored copy lacked, and neither knew all of it. The
            // protocol bears that as a fork; it must not happen where all had it.
            if ledger.hidden.contains(known.event) || ledger.hidden.contains(event.id) {
                tally.restoredForks += 1
                ledger.forking.insert(event.author)
                return
            }
            violate(
                "I-3",
                "node \(node.index) holds \(event.id.short) where \(known.event.short) was, "
                    + "seq \(event.seq) of \(event.author.short)")
        }
        let isOut = !isOwn || ledger.places[place]?.isOut == true
        ledger.places[place] = (event.id, isOut)
    }

    /// I-11: after a start everything acknowledged is there, but what a restored copy never had.
    func checkKept(_ node: SimNode) {
        guard !wasRestored(node) else { return }
        for ack in node.acks where !node.stored.contains(ack.event) {
            violate("I-11", "node \(node.index): acknowledged \(ack.event.short) is gone")
        }
    }

    /// I-21: what leaves a node shows no text.
    func checkSecrecy(_ node: SimNode, _ bytes: [UInt8]) {
        guard bytes.count >= Self.markerBytes.count else { return }
        if Self.contains(bytes, Self.markerBytes) {
            violate("I-21", "node \(node.index) sends text in clear")
        }
    }

    private static let markerBytes = Array(marker.utf8)

    private static func contains(_ bytes: [UInt8], _ pattern: [UInt8]) -> Bool {
        let first = pattern[0]
        var start = 0
        let last = bytes.count - pattern.count
        while start <= last {
            guard let found = bytes[start...last].firstIndex(of: first) else { return false }
            if bytes[found..<found + pattern.count].elementsEqual(pattern) { return true }
            start = found + 1
        }
        return false
    }

    /// I-9: what others can make a node keep stays within its bounds.
    func checkBounds(_ node: SimNode) {
        guard let servers = node.core?.servers else { return }
        for server in servers.values {
            let waiting = server.waitingCount
            let bound = node.isSqueezed ? SimNode.squeezedPending : Limits.pendingTotal
            if waiting == bound { reach(.pendingFull) }
            if waiting > bound {
                violate("I-9", "node \(node.index) keeps \(waiting) events that wait")
            }
        }
        if servers.count > ledger.servers.count {
            violate("I-9", "node \(node.index) hosts a server that nobody founded")
        }
    }
}
