import PeerState

// Step 4 of the ladder, asking side: each missing range from one peer at a time.
extension SyncCore {
    /// Fetches a range from `link`, else from the first linked member.
    mutating func fetch(
        _ range: SeqRange, _ server: Server.ID, _ link: LinkID?, _ turn: inout Turn
    ) {
        let members = memberLinks(server, turn)
        guard let link = members.first(where: { $0 == link }) ?? members.first else { return }
        repair(range, link, server, &turn)
    }

    mutating func repair(
        _ range: SeqRange, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let isAsked = links[link]?.wants.values.contains {
            $0.server == server && $0.isRepair && $0.ranges.contains(range)
        }
        converse(link, server) { conversation in
            guard isAsked != true, !conversation.repairs.contains(range),
                conversation.repairs.count < Limits.repairsPerLink
            else { return }
            conversation.repairs.append(range)
            conversation.isCatchingUp = true
        }
        fill(link, server, &turn)
    }

    /// Asks for everything that is claimed and not yet asked for, as far as places allow.
    mutating func schedule(_ server: Server.ID, _ turn: inout Turn) {
        guard let sync = servers[server], sync.hasWork else { return }
        for link in sync.sortedLinks where sync.conversations[link]?.hasWork == true {
            fill(link, server, &turn)
        }
    }

    private mutating func fill(_ link: LinkID, _ server: Server.ID, _ turn: inout Turn) {
        while let state = links[link], state.wants.count < Limits.eventWantsPerLink {
            guard state.wantsOpen(turn.now) == nil else { return hold(link, server, turn) }
            var isRepair = true
            var ranges = takeRepairs(link, server)
            if ranges.isEmpty {
                isRepair = false
                ranges = claimedRanges(link, server, turn)
            }
            guard !ranges.isEmpty else { return }
            open(ranges, isRepair: isRepair, link, server, &turn)
        }
    }

    /// Counts that something waits for the next Want to this peer, once until one leaves.
    private mutating func hold(_ link: LinkID, _ server: Server.ID, _ turn: Turn) {
        guard links[link]?.isHeld == false else { return }
        let hasRepairs = servers[server]?.conversations[link]?.repairs.isEmpty == false
        guard hasRepairs || !claimedRanges(link, server, turn).isEmpty else { return }
        links[link]?.isHeld = true
        pushes.heldWants += 1
    }

    private mutating func takeRepairs(_ link: LinkID, _ server: Server.ID) -> [SeqRange] {
        converse(link, server) { conversation in
            let taken = Array(conversation.repairs.prefix(Limits.maxWantRanges))
            conversation.repairs.removeFirst(taken.count)
            return taken
        }
    }

    /// What is missing of authors with a quota left, else of those whose turn has come: what one
    /// Want brings comes in the order of the log, and nobody waits behind a flood.
    private mutating func claimedRanges(
        _ link: LinkID, _ server: Server.ID, _ turn: Turn
    ) -> [SeqRange] {
        guard isMember(link, server, turn) else {
            servers[server]?.conversations[link]?.claims = [:]
            return []
        }
        // What two Wants bring comes in two orders: nothing is asked for while heads are unclear.
        guard let sync = servers[server], let conversation = sync.conversations[link],
            conversation.handles.isEmpty
        else { return [] }
        let heads = turn.context.heads(of: server)
        var ranges: [SeqRange] = []
        var later: [SeqRange] = []
        let hasSpare = links[link]?.sentWants.hasSpare(turn.now) == true
        for author in conversation.claims.keys.filter({ sync.inFlight[$0] == nil }).sorted() {
            guard let claimed = conversation.claims[author] else { continue }
            let own = heads[author]?.seq ?? 0
            if claimed <= own {
                servers[server]?.conversations[link]?.claims[author] = nil
                continue
            }
            if !sync.postponed.holds(author) {
                ranges.append(SeqRange(author: author, from: own + 1, to: claimed))
                if ranges.count == Limits.maxWantRanges { break }
            } else if hasSpare, later.count < Limits.maxWantRanges,
                let reach = sync.postponed.reach(
                    of: author, own: own, claimed: claimed, turn.now)
            {
                later.append(SeqRange(author: author, from: own + 1, to: reach))
            }
        }
        return ranges.isEmpty ? later : ranges
    }

    private mutating func open(
        _ ranges: [SeqRange], isRepair: Bool, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        lastWantID += 1
        let id = lastWantID
        links[link]?.sentWants.take(turn.now)
        links[link]?.isHeld = false
        links[link]?.wants[id] = OpenWant(
            server: server, ranges: ranges, isRepair: isRepair, lastActivity: turn.now)
        if !isRepair {
            for range in ranges { servers[server]?.inFlight[range.author] = id }
            noteAsked(ranges, link, server)
        }
        turn.send(
            .want(server, id: id, ranges, credit: UInt64(Limits.creditWindow)), to: link)
    }

    /// Lets other peers be asked for what this want asked for.
    mutating func release(_ want: OpenWant, _ id: UInt64) {
        for range in want.ranges where servers[want.server]?.inFlight[range.author] == id {
            servers[want.server]?.inFlight[range.author] = nil
        }
    }

    /// Leaves the rest of a want to other peers; what still comes is taken.
    ///
    /// - Parameter keepsClaims: whether this peer is asked again later.
    mutating func abandon(
        _ id: UInt64, _ link: LinkID, keepsClaims: Bool, _ turn: inout Turn
    ) {
        guard let want = links[link]?.wants[id], want.abandonedAt == nil else { return }
        links[link]?.wants[id]?.abandonedAt = turn.now
        let exchange = links[link]?.exchanges[id]
        if exchange?.isOwn == true { links[link]?.exchanges[id] = nil }
        release(want, id)
        if !keepsClaims && want.isRepair { takeOver(want, exchange?.scope, from: link, &turn) }
        if !keepsClaims && !want.isRepair {
            converse(link, want.server) { conversation in
                for range in want.ranges where conversation.claims[range.author] != nil {
                    conversation.dropClaim(range.author)
                }
            }
        }
        schedule(want.server, &turn)
        finishIfIdle(link, want.server, &turn)
    }

    /// Ends a want of which everything has come and the node is done with all of it.
    mutating func settle(_ id: UInt64, _ link: LinkID, _ turn: inout Turn) {
        guard let want = links[link]?.wants.removeValue(forKey: id) else { return }
        release(want, id)
        needMore(id, link, &turn)
        if want.abandonedAt == nil && !want.isRepair { judge(want, link, &turn) }
        schedule(want.server, &turn)
        finishIfIdle(link, want.server, &turn)
    }

    /// Compares what a want brought with what the peer had claimed.
    ///
    /// A claim whose chain did not move is dropped, not asked for again at once: what waits for
    /// other events comes in with them, and the next announcement repeats the rest.
    private mutating func judge(_ want: OpenWant, _ link: LinkID, _ turn: inout Turn) {
        let heads = turn.context.heads(of: want.server)
        let isUnmet = converse(link, want.server) { conversation in
            var isUnmet = false
            for range in want.ranges {
                guard let claimed = conversation.claims[range.author] else { continue }
                let own = heads[range.author]?.seq ?? 0
                if own >= claimed {
                    conversation.claims[range.author] = nil
                } else if own < range.from {
                    conversation.dropClaim(range.author)
                    isUnmet = isUnmet || !want.served.contains(range.author)
                }
            }
            return isUnmet
        }
        guard isUnmet else { return }
        turn.effects.append(.unmet(link, want.server))
        blame(link, .behaviour(.unmetClaim), &turn)
    }

    /// Ends a catch-up when nothing of the peer's announcement is left to ask for.
    mutating func finishIfIdle(_ link: LinkID, _ server: Server.ID, _ turn: inout Turn) {
        // Most are not, and this is asked for every link after every event.
        guard servers.inPlace(server, { $0.isCatchingUp(link) }) == true,
            let conversation = servers[server]?.conversations[link],
            !conversation.hasWork(besides: servers[server]?.postponed ?? PostponedAuthors()),
            conversation.handles.isEmpty,
            links[link]?.isBusy(with: server) == false,
            links[link]?.isComparing(server) == false
        else { return }
        converse(link, server) {
            $0.isCatchingUp = false
            $0.hasStored = false
        }
        // What came out of order may count as unmet; equal digests say that nothing lacks.
        lazy var isEqual = conversation.receivedDigest == digest(of: server, turn)
        let isMet = conversation.announcement?.isUnmet != true || isEqual
        if isMet, conversation.hasTold || isEqual, isMember(link, server, turn) {
            servers[server]?.repair.met()
            turn.effects.append(.caughtUp(server, link))
        } else if !isMet {
            suspectHole(link, server, &turn)
        }
        if conversation.hasStored { tellNews(server, &turn) }
    }
}
