package import PeerState

// Step 5 of the ladder: when events are compared one by one, and with whom.
extension SyncCore {
    /// Equal heads and another number of events: one of us has a hole below them.
    mutating func compareCounts(
        _ theirs: UInt64, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        guard theirs != turn.context.eventCount(of: server) else {
            servers[server]?.repair.agreed()
            return
        }
        // The number of loose events differs between honest peers.
        guard turn.context.forks(of: server).isEmpty else { return }
        beginRepair(.events, link, server, &turn)
    }

    /// A catch-up ended without what was announced.
    mutating func suspectHole(_ link: LinkID, _ server: Server.ID, _ turn: inout Turn) {
        guard servers[server]?.repair.noteUnmet() == true else { return }
        beginRepair(.events, link, server, &turn)
    }

    private mutating func beginRepair(
        _ scope: NegScope, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        guard turn.context.eventCount(of: server) <= Limits.repairEvents,
            servers[server]?.repair.take(turn.now) == true
        else { return }
        repairs &+= 1
        reconcile(scope, link, server, &turn)
    }

    /// Looks through a server now and then: all of it while it is small, else one chain.
    mutating func audit(_ server: Server.ID, _ turn: inout Turn) {
        let due = servers[server]?.repair.auditAt
        if let due, due > turn.now { return }
        let period = Limits.auditPeriod.count
        servers[server]?.repair.auditAt =
            turn.now + Milliseconds(period / 2 + random.next() % (period + 1))
        guard due != nil else { return }
        let members = memberLinks(server, turn)
        guard !members.isEmpty else { return }
        let link = members[Int(random.next() % UInt64(members.count))]
        var scope = NegScope.events
        if turn.context.eventCount(of: server) > Limits.auditEvents {
            let authors = turn.context.heads(of: server).keys.sorted()
            scope = .author(authors[Int(random.next() % UInt64(authors.count))])
        }
        repairs &+= 1
        reconcile(scope, link, server, &turn)
    }

    /// Asks another peer for what one did not give in time.
    ///
    /// Who still owes something of this server is not asked, so that two that stall are not asked
    /// in turns.
    mutating func takeOver(
        _ want: OpenWant, _ scope: NegScope?, from link: LinkID, _ turn: inout Turn
    ) {
        let other = memberLinks(want.server, turn).first { candidate in
            candidate != link
                && links[candidate]?.wants.values.contains {
                    $0.server == want.server && $0.abandonedAt != nil
                } == false
        }
        guard let other else { return }
        takeovers &+= 1
        for range in want.ranges { repair(range, other, want.server, &turn) }
        if let scope, scope != .heads { reconcile(scope, other, want.server, &turn) }
    }

    /// Whether both sides of a link said last that they hold the same.
    package func agrees(_ link: LinkID, on server: Server.ID) -> Bool {
        guard let conversation = servers[server]?.conversations[link],
            let received = conversation.receivedDigest
        else { return false }
        return conversation.sentDigest == received
    }

    /// Whether the peer folds by our rules, so that states can be compared (PROTOCOL 14).
    package func foldsAlike(_ link: LinkID, on server: Server.ID) -> Bool {
        let conversation = servers[server]?.conversations[link]
        return conversation.map { $0.foldVersion == Self.foldVersion } ?? true
    }
}
