import PeerState

// Step 3 of the ladder: what a peer's heads say that we lack.
extension SyncCore {
    mutating func receiveHeads(
        _ delta: SyncMessage.HeadsDelta, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        guard begin(delta, link, server, &turn) else { return }
        let heads = turn.context.heads(of: server)
        let forks = turn.context.forks(of: server)
        var unclear: [UInt64] = []
        for entry in delta.entries {
            let author = servers[server, default: ServerSync()].author(entry.handle, among: heads)
            guard let author else {
                unclear.append(entry.handle)
                continue
            }
            let own = (forks[author]?.heads ?? []) + (heads[author].map { [$0] } ?? [])
            if own.contains(where: { $0.seq == entry.seq && $0.prefix == entry.prefix }) {
                continue
            }
            if own.contains(where: { $0.seq == entry.seq }) {
                unclear.append(entry.handle)
            } else if entry.seq > heads[author]?.seq ?? 0 {
                claim(author, entry.seq, link, server, turn)
            } else if !turn.context.holds(
                author, entry.seq, prefix: entry.prefix, in: server)
            {
                // Not behind us: the end of a branch that we do not have.
                unclear.append(entry.handle)
            }
        }
        ask(unclear, link, server, &turn)
        if !delta.hasMore {
            converse(link, server) {
                $0.announcement?.isComplete = true
                $0.hasTold = true
                $0.isCatchingUp = true
            }
            let isOurTurn = converse(link, server) { conversation in
                defer { conversation.waitsForDialler = false }
                return conversation.waitsForDialler
            }
            if isOurTurn { reconcile(.heads, link, server, &turn) }
        }
        schedule(server, &turn)
        finishIfIdle(link, server, &turn)
    }

    /// Judges base, serial and length of an announcement; false when the frame is to be ignored.
    private mutating func begin(
        _ delta: SyncMessage.HeadsDelta, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) -> Bool {
        let isBaseKnown = converse(link, server) { conversation in
            guard let base = delta.base, !conversation.memory.confirmed.contains(base) else {
                return true
            }
            conversation.memory.confirmed = []
            conversation.announcement = nil
            return false
        }
        guard isBaseKnown else {
            sendHello(link, server, isAnswer: true, &turn)
            return false
        }
        let length: Int? = converse(link, server) { conversation in
            if let current = conversation.announcement {
                guard delta.serial >= current.serial else { return nil }
                if delta.serial == current.serial && current.isComplete { return nil }
            }
            if conversation.announcement?.serial != delta.serial {
                conversation.announcement = Conversation.Announcement(serial: delta.serial)
            }
            conversation.announcement?.entries += delta.entries.count
            return conversation.announcement?.entries
        }
        guard let length else { return false }
        if length > Limits.announcedAuthors {
            turn.effects.append(.close(link, code: "lowScore"))
            return false
        }
        return true
    }

    mutating func receiveHeads(
        _ full: [SyncMessage.FullHead], _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let heads = turn.context.heads(of: server)
        for entry in full {
            converse(link, server) { _ = $0.handles.remove(entry.author.prefix) }
            // One that is known and not among the heads waits, for what is asked for here.
            if entry.head.seq > heads[entry.author]?.seq ?? 0 {
                claim(entry.author, entry.head.seq, link, server, turn)
            } else if !turn.context.isKnown(entry.head.id, in: server) {
                fetchBranch(entry.author, entry.head, link, server, &turn)
            }
        }
        converse(link, server) {
            if $0.handles.isEmpty { $0.handlesDeadline = nil }
            $0.hasTold = true
            $0.isCatchingUp = true
        }
        schedule(server, &turn)
        finishIfIdle(link, server, &turn)
    }

    /// Asks for the full heads of handles that say too little.
    mutating func ask(
        _ handles: [UInt64], _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let deadline = turn.now + Limits.replyTimeout
        let fresh: [UInt64] = converse(link, server) { conversation in
            var fresh: [UInt64] = []
            for handle in handles {
                guard conversation.handles.count < Limits.openHandles else {
                    conversation.announcement?.isUnmet = true
                    break
                }
                if conversation.handles.insert(handle).inserted { fresh.append(handle) }
            }
            if !fresh.isEmpty { conversation.handlesDeadline = deadline }
            return fresh
        }
        var rest = fresh.sorted()[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Limits.maxFullHeads)
            rest = rest.dropFirst(chunk.count)
            turn.send(.headAsk(server, handles: Array(chunk)), to: link)
        }
    }

    /// Answers HeadAsk: every head whose author has one of the handles, in at least one frame.
    func answer(
        _ handles: [UInt64], _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let wanted = Set(handles)
        let found = fullHeads(of: server, turn).filter { wanted.contains($0.author.prefix) }
        var rest = found[...]
        repeat {
            let chunk = rest.prefix(Limits.maxFullHeads)
            rest = rest.dropFirst(chunk.count)
            turn.send(.headFull(server, Array(chunk)), to: link)
        } while !rest.isEmpty
    }

    /// Remembers that a peer has an author's chain up to `seq`, if that is more than we have.
    mutating func claim(
        _ author: Peer.ID, _ seq: UInt64, _ link: LinkID, _ server: Server.ID, _ turn: Turn
    ) {
        let own = turn.context.heads(of: server)[author]?.seq ?? 0
        guard seq > own else { return }
        let isLater = isPostponed(author, server)
        converse(link, server) { conversation in
            if let refused = conversation.refusals[author], refused <= seq, refused > own { return }
            let old = conversation.claims[author]
            guard old != nil || conversation.claims.count < Limits.announcedAuthors else {
                conversation.announcement?.isUnmet = true
                return
            }
            conversation.claims[author] = max(old ?? 0, seq)
            if !isLater { conversation.isCatchingUp = true }
        }
    }

    /// Fetches the end of a branch that differs from ours, once per head and link.
    mutating func fetchBranch(
        _ author: Peer.ID, _ head: Head, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let isNew = converse(link, server) { conversation in
            conversation.fetchedBranches.count < Limits.forksFetched
                && conversation.fetchedBranches.insert(head.id).inserted
        }
        guard isNew else { return }
        let from = head.seq > Limits.branchFetch ? head.seq - Limits.branchFetch + 1 : 1
        repair(SeqRange(author: author, from: from, to: head.seq), link, server, &turn)
    }
}
