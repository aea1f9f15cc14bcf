package import PeerState

// The broadcast tree of each server: who is in it, what it asks for, what it says of peers.
extension SyncCore {
    /// Brings the links of a server's tree up to date with who is a member now.
    mutating func grow(_ server: Server.ID, _ turn: Turn) {
        let conversations = servers[server]?.conversations ?? [:]
        let members = memberLinks(server, turn).filter {
            conversations[$0]?.isRefused != true
        }
        var tree = takeTree(server)
        let others = turn.context.memberCount(of: server).map { $0 - 1 } ?? members.count
        tree.isFullMesh = max(others, members.count) <= Limits.fullMesh
        if tree.sortedLinks != members {
            for link in tree.sortedLinks where !members.contains(link) {
                _ = tree.handle(.linkDown(link), now: turn.now)
            }
            for link in members where !tree.holds(link) {
                _ = tree.handle(.linkUp(link), now: turn.now)
            }
        }
        servers[server]?.tree = tree
    }

    /// Hands one input to a server's tree and performs what it asks for.
    mutating func gossip(_ input: Plumtree.Input, _ server: Server.ID, _ turn: inout Turn) {
        // Moved out while it changes, so that nothing is copied.
        var tree = takeTree(server)
        let effects = tree.handle(input, now: turn.now)
        servers[server]?.tree = tree
        for effect in effects { perform(effect, server, &turn) }
    }

    private mutating func takeTree(_ server: Server.ID) -> Plumtree {
        if let tree = servers.inPlace(server, { $0.takeTree() }) ?? nil { return tree }
        return Plumtree(random: SeededRandom(seed: random.next()))
    }

    private mutating func perform(
        _ effect: Plumtree.Effect, _ server: Server.ID, _ turn: inout Turn
    ) {
        switch effect {
        case .push(let link, let id, let round):
            guard let envelope = payloads[id] else { return }
            turn.send(.push(server, round: round, envelope), to: link)
        case .announce(let link, let events): turn.send(.iHave(server, events), to: link)
        case .graft(let link, let event): graft(event, link, server, &turn)
        case .prune(let link, let backoff):
            let seconds = (backoff.count + 999) / 1_000
            turn.send(.prune(server, backoffSeconds: seconds), to: link)
        case .handOver(let event, let announcers):
            guard let author = author(event, server, turn) else { return }
            for link in announcers where links[link] != nil {
                claim(author, event.seq, link, server, turn)
            }
            schedule(server, &turn)
        case .fault(let link, let fault): blame(link, .behaviour(fault), &turn)
        }
    }

    private mutating func author(
        _ event: SyncMessage.Announced, _ server: Server.ID, _ turn: Turn
    ) -> Peer.ID? {
        let heads = turn.context.heads(of: server)
        return servers[server, default: ServerSync()].author(event.handle, among: heads)
    }

    /// Asks for an announced event, and with it for what is missing before it.
    private mutating func graft(
        _ event: SyncMessage.Announced?, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        var range: SeqRange?
        if let event, let author = author(event, server, turn) {
            let own = turn.context.heads(of: server)[author]?.seq ?? 0
            let tip = max(own, servers[server]?.tips[author] ?? 0)
            if event.seq > tip + 1 && event.seq - tip <= Limits.graftRange {
                range = SeqRange(author: author, from: tip + 1, to: event.seq)
            } else if event.seq > tip + 1 {
                claim(author, event.seq, link, server, turn)
            }
        }
        turn.send(.graft(server, event?.id, range), to: link)
    }

    /// Counts bad frames of a link that is about to end over them, and does no more.
    package mutating func noteInvalid(_ count: UInt64, _ link: LinkID, now: Instant) {
        guard let peer = links[link]?.peer else { return }
        for _ in 0..<count { scores.note(.invalid, of: peer, now) }
    }

    /// Counts something against a peer, and ends its links when it was too much.
    mutating func blame(_ link: LinkID, _ note: PeerScores.Note, _ turn: inout Turn) {
        guard let peer = links[link]?.peer else { return }
        let standing = scores.note(note, of: peer, turn.now)
        if standing == .dropped {
            turn.effects.append(.close(link, code: "lowScore"))
            return
        }
        for server in servers.keys.sorted() where servers[server]?.tree?.holds(link) == true {
            gossip(.standing(link, standing), server, &turn)
        }
    }
}
