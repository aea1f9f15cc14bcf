import PeerNet
import PeerNode
import PeerState

/// What all members of a server must agree on when everything has settled.
extension Simulator {
    func judge(_ server: Server.ID) {
        let members = nodes.filter { node in
            node.core?.servers[server]?.isMember == true
                && node.core?.servers[server]?.hasHistory == true
        }
        judgeHashes(server, members)
        judgeConvergence(server, members)
        judgeAuthority(server, members)
        for node in members { judgeTexts(server, node) }
        guard let first = members.first, let state = first.core?.servers[server]?.state else {
            return
        }
        judgeRemovals(server, first, state)
        judgeKeys(server, first, state)
        judgeRules(server, first, state)
        reachPoints(of: state)
        judgeWords(server, first)
    }

    /// I-1: equal sets give equal hashes; what is loose counts for nothing.
    private func judgeHashes(_ server: Server.ID, _ members: [SimNode]) {
        var bySet: [Set<Event.ID>: (hash: Digest.Value, node: Int, state: ServerState)] = [:]
        for node in members {
            guard let state = node.core?.servers[server]?.state else { continue }
            let hash = StateHash.hash(of: state)
            let set = Set(state.graph.eventIDs).subtracting(state.looseIDs)
            if let other = bySet[set], other.hash != hash {
                let sections = zip(
                    StateHash.sections(of: state), StateHash.sections(of: other.state)
                ).enumerated().filter { $0.element.0 != $0.element.1 }.map { $0.offset + 1 }
                violate(
                    "I-1",
                    "node \(node.index): the same events as node \(other.node), another state, "
                        + "sections \(sections)")
            }
            bySet[set] = (hash, node.index, state)
        }
    }

    /// I-2, I-12, I-19: all members hold every event that counts, and know of the same forks.
    private func judgeConvergence(_ server: Server.ID, _ members: [SimNode]) {
        let certain = ledger.certainMembers(of: server)
        for node in nodes where certain.contains(node.peer) {
            if !members.contains(where: { $0 === node }) {
                violate("I-12", "node \(node.index) was invited and never became a member")
            }
        }
        var all: Set<Event.ID> = []
        for node in members {
            guard let state = node.core?.servers[server]?.state else { continue }
            all.formUnion(Set(state.graph.eventIDs).subtracting(state.looseIDs))
        }
        var forks: [Peer.ID: UInt64]?
        for node in members {
            guard let slot = node.core?.servers[server] else { continue }
            let known = slot.state.forks.mapValues(\.from)
            if let forks, forks != known {
                violate(
                    "I-19",
                    "node \(node.index) knows \(known.count) forked authors, another "
                        + "\(forks.count)")
            }
            forks = known
            let loose = Set(slot.state.looseIDs)
            let missing = all.filter { !slot.state.graph.contains($0) || loose.contains($0) }
            guard let first = missing.min() else { continue }
            violate(
                "I-2",
                "node \(node.index) lacks \(missing.count) of \(all.count) events, such as "
                    + "\(first.short) of \(authorName(of: first)); "
                    + "\(slot.replica.pending.count) wait")
        }
    }

    private func authorName(of event: Event.ID) -> String {
        for node in nodes {
            for slot in (node.core?.servers ?? [:]).values {
                guard let author = slot.state.graph.author(of: event) else { continue }
                let kind = slot.state.kind(of: event) ?? 0
                let name =
                    nodes.first { $0.peer == author }.map { "node \($0.index)" }
                    ?? hostiles.values.first { $0.peer == author }.map { "\($0.kind)" }
                return "\(name ?? author.short), kind \(kind)"
            }
        }
        return "nobody"
    }

    /// I-4, I-6: nothing unauthorised takes effect.
    private func judgeAuthority(_ server: Server.ID, _ members: [SimNode]) {
        let allowed = ledger.invited[server] ?? []
        var leading = ledger.raised[server] ?? []
        if let founder = ledger.founders[server] { leading.insert(founder) }
        for node in members {
            guard let state = node.core?.servers[server]?.state else { continue }
            if state.owner != ledger.founders[server] {
                violate("I-6", "node \(node.index): another owner")
            }
            for member in state.members(at: state.now) where !allowed.contains(member) {
                judgeUninvited(member, server, node, state)
            }
            for channel in state.holdingChannels.map(\.id) {
                let author = state.graph.author(of: Event.ID(channel))
                let puppet = author.flatMap { ledger.puppets[$0] }
                if let puppet, isFallen(puppet, server, state) {
                    violate("I-7", "node \(node.index): a channel outlives its puppet")
                }
                if puppet == nil, author.map({ leading.contains($0) }) != true {
                    violate("I-4", "node \(node.index): a channel made by a member")
                }
            }
            judgeNames(node, state)
        }
    }

    /// I-7: puppets fall with their maker, but those he made before the pin of his removal.
    private func judgeUninvited(
        _ member: Peer.ID, _ server: Server.ID, _ node: SimNode, _ state: ServerState
    ) {
        guard let puppet = ledger.puppets[member], puppet.server == server,
            ledger.raised[server]?.contains(puppet.maker) == true
        else {
            return violate(
                "I-4", "node \(node.index): \(member.short) is a member, invited by nobody")
        }
        if isFallen(puppet, server, state) {
            violate("I-7", "node \(node.index): a puppet outlives the removal of its maker")
        }
    }

    /// Whether an accepted removal of its maker voids what a puppet rests on.
    private func isFallen(
        _ puppet: Ledger.Puppet, _ server: Server.ID, _ state: ServerState
    ) -> Bool {
        ledger.lowerings.contains { lowering in
            lowering.server == server && lowering.target == puppet.maker
                && state.acceptedRemovals.contains(lowering.event)
                && puppet.seq > state.pin(ofRemoval: lowering.event)?.seq ?? 0
        }
    }

    private func judgeNames(_ node: SimNode, _ state: ServerState) {
        for peer in ledger.honest.sorted() {
            guard let name = state.displayName(of: peer) else { continue }
            let own = nodes.filter { $0.peer == peer }.map { "node \($0.index)" }
            if !own.isEmpty, !own.contains(name), ledger.names[peer]?.contains(name) != true {
                violate("I-4", "node \(node.index): \(own[0]) has a name it never chose")
            }
        }
    }
}
