import PeerNet
package import PeerState

// What this node does in every turn, and at its timers, to reach others.
extension NodeCore {
    mutating func reachOut() {
        if reach.isStale {
            for id in servers.keys where servers[id]?.memberCount == nil {
                reach.uncounted.insert(id)
            }
        }
        if !reach.uncounted.isEmpty { countMembers() }
        if reach.isStale {
            meetFamiliar()
            planDials()
        }
        reachRelayed()
        reach.isStale = false
        if let due = reach.neighbours.nextDeadline { wakes.add(due) }
        if let due = reach.acquaintances.seekAt { wakes.add(due) }
        if let due = reach.leaving.values.min() { wakes.add(due) }
        current.batch.addresses += reach.acquaintances.book.takeChanges()
    }

    mutating func reachTimer() {
        relayTimer()
        views(.timer)
        seekLost()
        releaseDue()
        // What was told of a peer's addresses may have been forgotten and told again.
        if links.values.contains(where: \.isRelayed) { reach.isStale = true }
        for server in servers.keys.sorted()
        where servers[server]?.memberCount ?? 0 > 1
            && reach.neighbours.active(in: server).isEmpty
            && !reach.neighbours.isFullMesh(server)
        {
            reach.uncounted.insert(server)
        }
    }

    /// Members may have changed with these events.
    mutating func noteReach(_ events: [Event], in server: Server.ID) {
        guard events.contains(where: { EventKinds.isSetup($0.kind) }) else { return }
        reach.isStale = true
        reach.uncounted.insert(server)
    }

    /// Dials `[peer_id@]host:port` from the start and for ever.
    mutating func addSeed(_ text: String) {
        let (address, identity) = Self.place(text)
        reach.seeds.insert(address)
        dialling.add(address, identity: identity, isFixed: true)
    }

    /// The parts of `[peer_id@]host:port`; nothing is checked but the id.
    package static func place(_ text: String) -> (address: String, identity: Peer.ID?) {
        guard let at = text.firstIndex(of: "@"), let peer = Peer.ID(hex: text[..<at]) else {
            return (text, nil)
        }
        return (String(text[text.index(after: at)...]), peer)
    }

    mutating func drawSeed() -> UInt64 { entropy.next() }

    /// Dials somebody found in the local network, once: a member is remembered by its address.
    mutating func discover(_ address: String) {
        reach.counters.count(.beaconsAnswered)
        guard reach.discovered.count < Limits.dialTargets else { return }
        reach.discovered.insert(address)
        dialling.add(address)
    }

    mutating func failDial(_ address: String) {
        reach.counters.count(.dialsFailed)
        dialling.failed(
            address, because: NetCode.dialFailed.word, now.monotonic, &entropy)
        noteFailedDial(address)
        forgetDiscovered(address)
    }

    /// A place where nobody of ours was is not dialled again.
    mutating func forgetDiscovered(_ address: String) {
        guard reach.discovered.remove(address) != nil else { return }
        if dialling.identity(of: address).map({ !sharesServer(with: $0) }) ?? true {
            dialling.remove(address)
        }
    }
}
