import PeerState

// Links that come and go, and servers that do.
extension SyncCore {
    mutating func linkUp(_ link: LinkID, _ state: LinkState, _ turn: inout Turn) {
        precondition(links[link] == nil, "link id used twice")
        links[link] = state
        peers[link] = state.peer
        scores.linkUp(state.peer, turn.now)
        if scores.isRefused(state.peer, turn.now) {
            turn.effects.append(.close(link, code: "lowScore"))
        }
        if antiEntropyAt == nil { antiEntropyAt = nextAntiEntropy(turn.now) }
        for server in turn.context.servers().sorted() where isMember(link, server, turn) {
            sendHello(link, server, isAnswer: false, &turn)
        }
    }

    mutating func linkDown(_ link: LinkID, _ turn: inout Turn) {
        guard let state = links.removeValue(forKey: link) else { return }
        peers[link] = nil
        scores.linkDown(state.peer, turn.now)
        reads = reads.filter { $0.value.link != link }
        graftReads = graftReads.filter { $0.value.link != link }
        for (id, want) in state.wants { release(want, id) }
        for server in servers.keys.sorted() {
            if servers[server]?.tree?.holds(link) == true {
                gossip(.linkDown(link), server, &turn)
            }
            let ended = servers[server]?.conversations.removeValue(forKey: link)
            guard let ended else { continue }
            servers[server]?.remember(ended.memory, of: state.peer)
            schedule(server, &turn)
        }
        if links.isEmpty { antiEntropyAt = nil }
    }

    /// Says Hello to every linked member of a server.
    mutating func greet(_ server: Server.ID, _ turn: inout Turn) {
        servers[server]?.digest = nil
        for link in memberLinks(server, turn) {
            sendHello(link, server, isAnswer: false, &turn)
        }
    }

    mutating func drop(_ server: Server.ID) {
        servers[server] = nil
        for (link, state) in links {
            links[link]?.wants = state.wants.filter { $0.value.server != server }
            links[link]?.serves = state.serves.filter { $0.value.server != server }
            links[link]?.exchanges = state.exchanges.filter { $0.value.server != server }
        }
        graftReads = graftReads.filter { $0.value.server != server }
        reads = reads.filter { links[$0.value.link]?.serves[$0.value.id] != nil }
    }

    func isMember(_ link: LinkID, _ server: Server.ID, _ turn: Turn) -> Bool {
        guard let peer = peers[link] else { return false }
        return turn.context.standing(of: peer, in: server) == .member
    }

    /// Links of active members, in ascending order.
    func memberLinks(_ server: Server.ID, _ turn: Turn) -> [LinkID] {
        peers.keys.sorted().filter { isMember($0, server, turn) }
    }

    /// What was said on a link about a server, which begins now at the latest.
    ///
    /// Called only for servers that are here and links that are up, so strangers cost nothing.
    mutating func converse<Result>(
        _ link: LinkID, _ server: Server.ID, _ body: (inout Conversation) -> Result
    ) -> Result {
        if servers[server]?.conversations[link] == nil {
            let incarnation = links[link]?.incarnation ?? []
            let known = links[link].flatMap { servers[server]?.memories[$0.peer] }
            let isSame = known?.incarnation == incarnation
            let memory = isSame ? known : nil
            servers[server, default: ServerSync()].conversations[link] = Conversation(
                memory ?? AnnouncementMemory(incarnation: incarnation))
        }
        let fresh = Conversation(AnnouncementMemory(incarnation: []))
        return body(&servers[server, default: ServerSync()].conversations[link, default: fresh])
    }
}
