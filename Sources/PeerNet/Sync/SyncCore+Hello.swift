import PeerState

// Steps 1 and 2 of the ladder: compare digests, announce heads.
extension SyncCore {
    /// - Parameter isAnswer: whether this Hello answers one; only other ones announce right after.
    mutating func sendHello(
        _ link: LinkID, _ server: Server.ID, isAnswer: Bool, _ turn: inout Turn
    ) {
        let digest = digest(of: server, turn)
        let (confirmed, received) = converse(link, server) { conversation in
            conversation.sentDigest = digest
            return (conversation.confirm(), conversation.receivedDigest)
        }
        let hello = SyncMessage.Hello(
            digest: digest, authors: UInt64(turn.context.heads(of: server).count),
            events: turn.context.eventCount(of: server), incarnation: incarnation, foldVersion: 1,
            confirmed: confirmed)
        turn.send(.hello(server, hello), to: link)
        if !isAnswer, let received, received != digest { announce(link, server, &turn) }
    }

    mutating func receiveHello(
        _ hello: SyncMessage.Hello, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let digest = digest(of: server, turn)
        let isEqual = hello.digest == digest
        let sent = converse(link, server) { conversation in
            conversation.meet(hello.incarnation)
            conversation.receivedDigest = hello.digest
            conversation.isRefused = false
            if isEqual {
                conversation.claims = [:]
                conversation.announcement?.isUnmet = false
                conversation.isCatchingUp = true
            }
            return conversation.sentDigest
        }
        if sent != digest { sendHello(link, server, isAnswer: true, &turn) }
        if isEqual {
            finishIfIdle(link, server, &turn)
        } else {
            announce(link, server, &turn)
        }
    }

    /// Our heads as HeadsDelta lists them; a forked author has one entry per branch.
    private func entries(of server: Server.ID, _ turn: Turn) -> [SyncMessage.HeadsDelta.Entry] {
        let forks = turn.context.forks(of: server)
        var heads = turn.context.heads(of: server).filter { forks[$0.key] == nil }
            .map { (author: $0.key, head: $0.value) }
        for (author, fork) in forks { heads += fork.heads.map { (author, $0) } }
        heads.sort { ($0.author, $0.head.seq, $0.head.id) < ($1.author, $1.head.seq, $1.head.id) }
        return heads.map {
            SyncMessage.HeadsDelta.Entry(
                handle: $0.author.prefix, seq: $0.head.seq, prefix: $0.head.prefix)
        }
    }

    /// Sends all own heads, in as many frames as they take.
    ///
    /// A frontier that was announced on this link a moment ago is not repeated: Hellos that cross
    /// would both ask for it.
    private mutating func announce(_ link: LinkID, _ server: Server.ID, _ turn: inout Turn) {
        let digest = digest(of: server, turn)
        let now = turn.now
        let isNew = converse(link, server) { conversation in
            guard
                conversation.announcedDigest != digest
                    || conversation.announcedAt + Limits.announceAgain <= now
            else { return false }
            conversation.announcedDigest = digest
            conversation.announcedAt = now
            return true
        }
        guard isNew else { return }
        serial &+= 1
        var rest = entries(of: server, turn)[...]
        repeat {
            let chunk = rest.prefix(Limits.maxHeadsPerFrame)
            rest = rest.dropFirst(chunk.count)
            let delta = SyncMessage.HeadsDelta(
                base: nil, serial: serial, entries: Array(chunk), hasMore: !rest.isEmpty)
            turn.send(.headsDelta(server, delta), to: link)
        } while !rest.isEmpty
    }

    /// The frontier digest of our own events, computed once per change.
    mutating func digest(of server: Server.ID, _ turn: Turn) -> Digest.Value {
        if let digest = servers[server]?.digest { return digest }
        let digest = Frontier.digest(
            heads: turn.context.heads(of: server), forks: turn.context.forks(of: server))
        servers[server, default: ServerSync()].digest = digest
        return digest
    }

    /// Says Hello to every linked member that does not know our frontier.
    mutating func tellNews(_ server: Server.ID, _ turn: inout Turn) {
        let digest = digest(of: server, turn)
        for link in memberLinks(server, turn) {
            let conversation = servers[server]?.conversations[link]
            guard conversation?.sentDigest != digest, conversation?.isRefused != true else {
                continue
            }
            sendHello(link, server, isAnswer: false, &turn)
        }
    }
}
