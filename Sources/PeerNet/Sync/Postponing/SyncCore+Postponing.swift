package import PeerState

// Authors over quota: their events are left, remembered as claims, and asked for in turns.
extension SyncCore {
    /// Authors whose new events own ones should not rest on yet: not everybody has them.
    package func doubtfulAuthors(in server: Server.ID, _ now: Instant) -> Set<Peer.ID> {
        servers[server]?.postponed.doubtful(now) ?? []
    }

    /// How many authors are over quota, in all servers.
    package var postponedCount: Int {
        servers.values.reduce(0) { $0 + $1.postponed.count }
    }

    /// Charges a pushed event, or leaves it for later; true when it is to be taken.
    mutating func admitPush(
        _ header: EventHeader, byteCount: Int, from peer: Peer.ID, _ link: LinkID,
        _ server: Server.ID, _ turn: inout Turn
    ) -> Bool {
        let author = header.author
        if EventKinds.isAuthority(header.kind),
            !quotas.takeAuthority(from: peer, server, turn.now)
        {
            pushes.overPeer += 1
            return false
        }
        switch quotas.take(from: peer, server, author: author, bytes: byteCount, turn.now) {
        case .taken(let isLow):
            if isLow { servers[server, default: ServerSync()].postponed.noteLow(author, turn.now) }
        case .overPeer:
            pushes.overPeer += 1
            return false
        case .overAuthor:
            pushes.overAuthor += 1
            let isKept = servers[server, default: ServerSync()].postponed.noteOver(
                author, turn.now)
            if isKept { claim(author, header.seq, link, server, turn) }
            return false
        }
        guard leavesGap(header, server, turn) else { return true }
        pushes.postponed += 1
        servers[server]?.postponed.notePaid(author)
        claim(author, header.seq, link, server, turn)
        return false
    }

    /// Whether the event is of a postponed author and those before it lack: it could only wait.
    private mutating func leavesGap(
        _ header: EventHeader, _ server: Server.ID, _ turn: Turn
    ) -> Bool {
        guard isPostponed(header.author, server) else { return false }
        let head = turn.context.heads(of: server)[header.author]?.seq ?? 0
        return header.seq > max(head, servers[server]?.tips[header.author] ?? 0) + 1
    }

    mutating func isPostponed(_ author: Peer.ID, _ server: Server.ID) -> Bool {
        servers.inPlace(server) { $0.postponed.holds(author) } ?? false
    }

    /// Begins the turn of a server's postponed authors.
    mutating func takePostponed(_ server: Server.ID, _ turn: Turn) {
        guard let due = servers.inPlace(server, { $0.postponed.turnAt }) ?? nil, due <= turn.now
        else { return }
        servers.inPlace(server) { sync in
            var claimed: Set<Peer.ID> = []
            let authors = sync.postponed.authors
            sync.conversations.eachInPlace { _, conversation in
                for author in authors where conversation.claims[author] != nil {
                    claimed.insert(author)
                }
            }
            sync.postponed.take(turn.now) { claimed.contains($0) }
        }
    }

    /// Notes that a Want leaves for these ranges; each author has one turn.
    mutating func noteAsked(_ ranges: [SeqRange], _ link: LinkID, _ server: Server.ID) {
        guard servers.inPlace(server, { $0.postponed.isEmpty }) == false else { return }
        var isLater = false
        for range in ranges where servers[server]?.postponed.holds(range.author) == true {
            servers[server]?.postponed.noteAsked(range.author, range.to - range.from + 1)
            isLater = true
        }
        guard isLater else { return }
        pushes.laterWants += 1
        // Who is linked with others than the author hears of what came, like after any catch-up.
        converse(link, server) { $0.isCatchingUp = true }
    }
}
